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


def sheet(*rows: dict[str, Any], columns: int = 2) -> Any:
    return {"columns": [{}] * columns, "rows": [{"name": "1", "empty": False, "hidden": False, **row} for row in rows]}


def test_cells_say_what_they_are_and_how_far_they_go() -> None:
    marked = {"text": "12", "kind": "number", "colour": "red", "across": 2, "down": 1}
    rows = sheet(
        {"cells": ["Zoé", {"text": "3", "kind": "number"}]}, {"cells": [marked, {"text": "", "colour": "blue"}]}
    )
    assert rows_of(rows) == (
        '<tr><th scope="row">1</th><td>Zoé</td><td class="number">3</td></tr>\n'
        '<tr><th scope="row">1</th><td class="number ink-red" colspan="2" rowspan="1">12</td>'
        '<td class="ink-blue"></td></tr>'
    )


def test_hidden_rows_and_gaps_are_said() -> None:
    rows = sheet({"cells": [], "hidden": True}, {"name": "2 à 9", "empty": True, "cells": []}, columns=7)
    assert rows_of(rows) == (
        '<tr class="masked"><th scope="row">1<small>ligne masquée</small></th></tr>\n'
        '<tr class="gap"><th scope="row">2 à 9</th><td colspan="7">lignes vides</td></tr>'
    )


def test_whatever_comes_from_the_file_is_escaped() -> None:
    cells = [
        HOSTILE,
        {"text": HOSTILE},
        {"text": "a", "kind": HOSTILE, "colour": HOSTILE, "across": HOSTILE, "down": 1},
    ]
    read = _Tags(rows_of(sheet({"name": HOSTILE, "cells": cells}, {"name": HOSTILE, "empty": True, "cells": []})))
    assert [tag for tag, _ in read.tags] == ["tr", "th", "td", "td", "td", "tr", "th", "td"]
    assert read.tags[4][1] == {"class": f"{HOSTILE} ink-{HOSTILE}", "colspan": HOSTILE, "rowspan": "1"}
    assert read.words.count(HOSTILE) == 4


def test_a_text_with_the_sign_that_is_put_between_cells_shifts_none() -> None:
    read = _Tags(rows_of(sheet({"cells": ["a\0<b>", "c", {"text": "d\0"}]})))
    assert [tag for tag, _ in read.tags] == ["tr", "th", "td", "td", "td"]
    assert read.words == ["1", "a\0<b>", "c", "d\0"]
