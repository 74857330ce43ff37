"""The rows of a sheet as HTML: nothing of a file is markup, wherever it stands."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from web.everyone.table_rows import rows_of

HOSTILE = "</td><script>alert(1)</script>\"'&"


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def sheet(*rows: dict[str, Any], looks: list[Any] | None = None, columns: int = 2) -> Any:
    ordinary = {"name": "1", "empty": False, "hidden": False, "texts": [], "looks": []}
    return {"columns": [{}] * columns, "rows": [ordinary | row for row in rows], "looks": looks or [{}]}


def test_cells_say_what_they_are_and_how_far_they_go() -> None:
    looks = [{}, {"kind": "number"}, {"kind": "number", "colour": "red", "across": 2, "down": 1}, {"colour": "blue"}]
    rows = [{"texts": ["Zoé", "3"], "looks": [0, 1]}, {"texts": ["12", ""], "looks": [2, 3]}]
    assert rows_of(sheet(*rows, {"texts": ["Léa", "5 %s"], "looks": [0, 1]}, looks=looks)) == (
        '<tr><th scope="row">1</th><td>Zoé</td><td class="number">3</td></tr>\n'
        '<tr><th scope="row">1</th><td class="number ink-red" colspan="2" rowspan="1">12</td>'
        '<td class="ink-blue"></td></tr>\n'
        '<tr><th scope="row">1</th><td>Léa</td><td class="number">5 %s</td></tr>'
    )


def test_hidden_rows_and_gaps_are_said() -> None:
    rows = sheet({"hidden": True}, {"name": "2 à 9", "empty": True}, {"name": "10"}, columns=7)
    assert rows_of(rows) == (
        '<tr class="masked"><th scope="row">1<small>ligne masquée</small></th></tr>\n'
        '<tr class="gap"><th scope="row">2 à 9</th><td colspan="7">lignes vides</td></tr>\n'
        '<tr><th scope="row">10</th></tr>'
    )


def test_whatever_comes_from_the_file_is_escaped() -> None:
    looks = [{}, {"kind": HOSTILE, "colour": HOSTILE, "across": HOSTILE, "down": 1}, {"kind": "%s%d"}]
    cells = {"name": HOSTILE, "texts": [HOSTILE, "a", "b"], "looks": [0, 1, 2]}
    read = _Tags(rows_of(sheet(cells, {"name": HOSTILE, "empty": True}, looks=looks)))
    assert [tag for tag, _ in read.tags] == ["tr", "th", "td", "td", "td", "tr", "th", "td"]
    assert read.tags[3][1] == {"class": f"{HOSTILE} ink-{HOSTILE}", "colspan": HOSTILE, "rowspan": "1"}
    assert read.tags[4][1] == {"class": "%s%d"}
    assert read.words.count(HOSTILE) == 3


def test_a_text_with_the_sign_that_is_put_between_cells_shifts_none() -> None:
    read = _Tags(rows_of(sheet({"texts": ["a\0<b>", "c", "d\0"], "looks": [0, 0, 0]})))
    assert [tag for tag, _ in read.tags] == ["tr", "th", "td", "td", "td"]
    assert read.words == ["1", "a\0<b>", "c", "d\0"]
