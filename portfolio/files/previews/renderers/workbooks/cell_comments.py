"""Reads what people wrote on cells: comments of an .xlsx, old and threaded, and annotations of an .ods."""

from __future__ import annotations

from portfolio.files.previews.renderers.package import Package
from portfolio.files.previews.renderers.workbooks import grid
from portfolio.files.previews.renderers.workbooks.grid import CellComment

_LARGEST = 8 << 20  # bytes of a part of comments
_MARK = "tc="  # before the identifier of a thread, as the author of the comment that repeats it for older programs


def comments_of(package: Package, sheet_part: str, authors: dict[str, str]) -> list[CellComment]:
    """Returns the comments of the sheet in this part, in the order of the file. authors: as `people_of` gives them.
    Raises as `people_of` does.
    """
    kinds = {related.kind: related.target for related in package.relations(sheet_part).values()}
    threaded = _OoxmlComments("threadedComment", "personId", authors)
    threaded.read(package, kinds.get("threadedComment"))
    old = _OoxmlComments("comment", "authorId", None)
    old.read(package, kinds.get("comments"))
    repeated = {(comment.row, comment.column) for comment in threaded.comments}
    return threaded.comments + [
        comment
        for comment in old.comments
        if (comment.row, comment.column) not in repeated or not comment.author.startswith(_MARK)
    ]


def people_of(package: Package, main: str) -> dict[str, str]:
    """Returns {identifier: name} of those who wrote in threads. main: the part of the workbook. Raises CannotShow where
    a part is too large, BadMarkup.
    """
    people: dict[str, str] = {}

    def note(tag: str, attributes: dict[str, str]) -> None:
        if tag == "person":
            people[attributes.get("id", "")] = attributes.get("displayName", "")

    for relation in package.relations(main).values():
        if relation.kind == "person":
            package.each_tag(relation.target, note, limit=_LARGEST)
    return people


class _OoxmlComments:
    """Reads one part. tag: of a comment. by: its attribute that names an author. authors: {value of it: name}; None
    where the part lists them itself, and an author is told by their rank.
    """

    def __init__(self, tag: str, by: str, authors: dict[str, str] | None) -> None:
        self.comments: list[CellComment] = []
        self._tag, self._by, self._authors = tag, by, authors
        self._listed: list[str] = []
        self._where: tuple[int, int] | None = None
        self._author = ""
        self._texts: list[str] = []
        self._within = ""

    def read(self, package: Package, part: str | None) -> None:
        if part is None or not package.has(part):
            return
        parser = package.parser()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters
        for piece in package.pieces(part, _LARGEST):
            parser.Parse(piece, False)
            if len(self.comments) > grid.MOST_COMMENTS:
                return

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == self._tag:
            self._where, self._texts = grid.place(attributes.get("ref", "")), []
            self._author = self._name_of(attributes.get(self._by, ""))
        elif tag == "author":
            self._listed.append("")
        if tag in ("t", "text", "author", "rPh"):
            self._within = tag

    def _name_of(self, author: str) -> str:
        if self._authors is not None:
            return self._authors.get(author, "")
        return self._listed[int(author)] if author.isdecimal() and int(author) < len(self._listed) else ""

    def _end(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        if tag == self._tag and self._where is not None:
            text = "".join(self._texts).strip()
            if text:
                self.comments.append(CellComment(*self._where, self._author, text))
            self._where = None
        if tag == self._within:
            self._within = ""

    def _characters(self, text: str) -> None:
        if self._within == "author":
            self._listed[-1] += text
        elif self._within in ("t", "text") and self._where is not None:
            self._texts.append(text[: grid.MOST_SIGNS])


class Annotation:
    """An annotation of an .ods that is being read."""

    def __init__(self, row: int, column: int) -> None:
        self._row, self._column = row, column
        self._author = ""
        self._texts: list[str] = []

    def start(self, tag: str) -> None:
        """Notes an element inside. tag: as the standard writes it, `text:p`."""
        if tag in ("text:p", "text:line-break") and self._texts:
            self._texts.append("\n")
        elif tag in ("text:s", "text:tab"):
            self._texts.append(" ")

    def characters(self, text: str, path: list[str]) -> None:
        """Notes text. path: the elements that hold it, from the outside."""
        if path[-1] == "dc:creator":
            self._author += text
        elif "text:p" in path:
            self._texts.append(text[: grid.MOST_SIGNS])

    def comment(self) -> CellComment | None:
        """Returns it, or None where nothing is written in it."""
        text = "".join(self._texts).strip()
        return CellComment(self._row, self._column, self._author, text) if text else None
