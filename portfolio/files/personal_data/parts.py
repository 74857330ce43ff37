"""Takes a view of a file apart: each text with the place where it stands, as its readers know it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from portfolio.files.previews.preview_spec import BlockView, MailView, MarkedRun, PageView, Preview, SheetView

COMMENTS = "Commentaires"  # the title under which readers of documents put them
_OUT_OF_SIGHT = {"deleted": "deleted_text", "hidden": "hidden_text"}


@dataclass(frozen=True)
class PlacedText:
    """A text of a file. place: a code of `place_words.PLACES`. name: of the sheet, section or attached file, or the
    number of a page; perhaps empty.

    cells: where the text of each cell begins, with its name and whether its row or column is hidden; of a sheet alone.
    """

    place: str
    name: str
    text: str
    cells: Sequence[tuple[int, str, bool]] = field(default=())

    def cell(self, start: int) -> tuple[str, bool]:
        """Returns the name of the cell that a place of the text is in, and whether it is hidden; empty outside."""
        number = bisect_right(self.cells, start, key=lambda cell: cell[0]) - 1
        return self.cells[number][1:] if number >= 0 else ("", False)


def parts_of(preview: Preview) -> Iterator[PlacedText]:
    """Yields the texts of a view. Words that only tracked changes or formatting keep out of sight are parts of their
    own, besides.
    """
    if preview.text:
        yield PlacedText("read_off" if preview.recognised else "text", "", preview.text)
    for section in preview.sections:
        yield from _of_section(section["title"], section["hidden"], section["blocks"])
    for sheet in preview.sheets:
        yield from _of_sheet(sheet)
    for mail in preview.messages:
        yield from _of_mail(mail)
    if not (preview.sections or preview.sheets):  # the pages of these are their print
        yield from _of_pages(preview.pages)


def _of_pages(pages: Sequence[PageView]) -> Iterator[PlacedText]:
    for number, content in enumerate(pages, 1):
        if content["text"]:
            yield PlacedText("read_off" if content.get("recognised") else "page", str(number), content["text"])


def _of_section(title: str, hidden: bool, blocks: Sequence[BlockView]) -> Iterator[PlacedText]:
    place = "hidden_slide" if hidden else "comments" if title == COMMENTS else "section" if title else "text"
    out_of_sight: dict[str, list[str]] = {}
    lines = list(_lines(blocks, out_of_sight))
    if any(lines):
        yield PlacedText(place, "" if place == "comments" else title, "\n".join(lines))
    for code, words in out_of_sight.items():
        yield PlacedText(code, title, "\n".join(words))


def _lines(blocks: Iterable[BlockView], out_of_sight: dict[str, list[str]]) -> Iterator[str]:
    """Yields the lines of blocks; those of a table have cells. out_of_sight: takes what is not read with the text."""
    for block in blocks:
        if "runs" in block:
            yield _words(block["runs"], out_of_sight)
        for item in block.get("items", []):
            yield _words(item["runs"], out_of_sight)
        for row in block.get("rows", []):
            yield "\t".join(_flat(" ".join(_lines(cell["blocks"], out_of_sight))) for cell in row["cells"])
        yield from _lines(block.get("blocks", []), out_of_sight)


def _words(runs: Sequence[str | MarkedRun], out_of_sight: dict[str, list[str]]) -> str:
    words = []
    for run in runs:
        if isinstance(run, str):
            words.append(run)
        elif run["kind"] in _OUT_OF_SIGHT:
            out_of_sight.setdefault(_OUT_OF_SIGHT[run["kind"]], []).append(run["text"])
        else:
            words.append(run["text"])
    return "".join(words)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _of_sheet(sheet: SheetView) -> Iterator[PlacedText]:
    text, cells = [], []
    length = 0
    for row in sheet["rows"]:
        for column, words in zip(sheet["columns"], row["texts"], strict=False):
            hidden = column["hidden"] or row["hidden"]
            cells.append((length, f"{column['name']}{row['name']}", hidden))
            text.append(_flat(words) + "\t")
            length += len(text[-1])
        text.append("\n")
        length += 1
    place = "hidden_sheet" if sheet["hidden"] else "sheet"
    yield PlacedText(place, sheet["name"], "".join(text).replace("\t\n", " \n"), cells)
    if sheet["objects"]:
        yield PlacedText(place, sheet["name"], "\n".join(sheet["objects"]))
    for cell, _, author, words in sheet["comments"]:
        yield PlacedText("comments", sheet["name"], words, [(0, cell, False)])
        if author:
            yield PlacedText("comments", sheet["name"], f"De : {author}", [(0, cell, False)])


def _of_mail(mail: MailView) -> Iterator[PlacedText]:
    headers = "\n".join(f"{name} : {value}" for name, value in mail["headers"])
    name = str(mail["number"]) if mail["number"] > 1 else ""
    yield PlacedText("mail", name, f"{headers}\n\n{mail['text']}")
    for inner in mail["messages"]:
        yield from _of_mail(inner)
