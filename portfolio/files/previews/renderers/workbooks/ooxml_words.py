"""Reads the words that cells of an .xlsx share, and no more of them than the cells that are shown name."""

from __future__ import annotations

import re
from typing import Final

from portfolio.files.previews.renderers.documents.raised_signs import ABOVE, BELOW, raised
from portfolio.files.previews.renderers.package import Package

SHIFTS: Final = {"superscript": ABOVE, "subscript": BELOW}
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_LONGEST = 32_767  # signs that a cell holds at most


def shared_words(package: Package, part: str | None, wanted: set[int]) -> dict[int, str]:
    """Returns {number: words} of the wanted texts that several cells share, by number from 0; {} without their part.
    Raises CannotShow if it is too large.
    """
    reader = _PartReader(wanted)
    if part is None or not package.has(part):
        return reader.words
    parser = package.parser()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    for piece in package.pieces(part):
        parser.Parse(piece, False)
        if reader.number >= reader.last:
            break
    return reader.words


def unescaped(text: str) -> str:
    """Returns a text without the form that its format gives to signs which XML has not, « _x000D_ » for one."""
    return _ESCAPED.sub(_sign, text) if "_x" in text else text


def _sign(escaped: re.Match[str]) -> str:
    sign = chr(int(escaped[1], 16))
    return sign if sign.isprintable() or sign in "\t\n" else ""


class _PartReader:
    """number: of the words that are being read. last: the highest number that is wanted."""

    def __init__(self, wanted: set[int]) -> None:
        self.words: dict[int, str] = {}
        self.number, self.last = -1, max(wanted) + 1
        self._wanted = wanted
        self._texts: list[str] = []
        self._signs = 0
        self._within = self._phonetic = False
        self._shifted = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "si":
            self.number += 1
            self._texts, self._signs, self._shifted = [], 0, ""
        elif tag == "r":
            self._shifted = ""
        elif tag == "vertAlign":
            self._shifted = SHIFTS.get(attributes.get("val", ""), "")
        elif tag == "rPh":  # how a word of Chinese signs is read
            self._phonetic = True
        elif tag == "t":
            self._within = not self._phonetic and self.number in self._wanted

    def end(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        if tag == "si" and self.number in self._wanted:
            self.words[self.number] = "".join(self._texts)
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "t":
            self._within = False

    def characters(self, text: str) -> None:
        if self._within and self._signs < _LONGEST:
            self._texts.append(raised(text[:_LONGEST], self._shifted))
            self._signs += len(text)
