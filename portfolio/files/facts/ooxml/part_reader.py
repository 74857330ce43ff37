"""Walks through one XML part of a package with a handler for each tag, without building a tree."""

from __future__ import annotations

from typing import Final

from portfolio.files.previews.renderers.package import Package

LARGEST_PART: Final = 256 << 20


class FactsPartReader:
    """A reader of one part. Subclasses say what happens at a start tag, an end tag and at text between. Names come
    without their prefix.

    namespaces: names come as « namespace name » to `_started` and `_ended`, for subclasses that need them.
    """

    namespaces = False

    def read(self, package: Package, part: str | None, limit: int = LARGEST_PART) -> None:
        """Reads a part of the package; nothing if it is missing. limit: in bytes. Raises CannotShow beyond it or where
        it declares entities, ExpatError where it is not well formed.
        """
        if part is None or not package.has(part):
            return
        parser = package.parser(namespaces=self.namespaces)
        parser.buffer_text = True
        parser.StartElementHandler = self._started
        parser.EndElementHandler = self._ended
        parser.CharacterDataHandler = self.text
        for piece in package.pieces(part, limit):
            parser.Parse(piece, False)

    def _started(self, name: str, attributes: dict[str, str]) -> None:
        if attributes:
            attributes = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        self.start(name.rpartition(":")[2], attributes)

    def _ended(self, name: str) -> None:
        self.end(name.rpartition(":")[2])

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begins an element."""

    def end(self, tag: str) -> None:
        """Ends an element."""

    def text(self, text: str) -> None:
        """Takes text between two tags."""


class ElementTexts(FactsPartReader):
    """Reads a small part as {tag: its text}, the first of each tag."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._tag = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._tag = "" if tag in self.texts else tag
        self.texts.setdefault(tag, "")

    def end(self, tag: str) -> None:
        self._tag = ""

    def text(self, text: str) -> None:
        if self._tag and len(self.texts[self._tag]) < 10_000:
            self.texts[self._tag] += text


def is_on(attributes: dict[str, str], name: str = "val", *, missing: bool = False) -> bool:
    """Returns the value of a switch; `missing` where it is not written."""
    value = attributes.get(name)
    return missing if value is None else value.lower() in ("1", "true", "on")
