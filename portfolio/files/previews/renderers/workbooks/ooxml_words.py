"""Reads the words that cells of an .xlsx share, and no more of them than the cells that are shown name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple

from portfolio.files.previews.renderers.office_names import is_on
from portfolio.files.previews.renderers.package import Package
from portfolio.files.previews.renderers.words.on_paper import is_tiny
from portfolio.files.previews.renderers.words.raised_signs import ABOVE, BELOW, raised
from portfolio.files.previews.renderers.words.struck_words import struck, tiny, white
from portfolio.files.previews.renderers.words.symbol_fonts import in_signs
from portfolio.files.previews.renderers.words.theme_colours import is_white_cell_colour

_SHIFTS: Final = {"superscript": ABOVE, "subscript": BELOW}
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_DECIMAL = re.compile(r"\d{1,6}(?:\.\d{1,6})?")
_LONGEST = 32_767  # signs that a cell holds at most


@dataclass
class RichRun:
    """The stretch of rich text that is read: where it stands, whether a line goes through it, its font."""

    TAGS: ClassVar = ("r", "vertAlign", "strike", "rFont", "color", "sz")
    white_of_theme: frozenset[str] = frozenset()
    shifted: str = ""
    struck: bool = False
    font: str = ""
    white: bool = False
    tiny: bool = False
    is_rich: bool = False  # has a font of its own, whatever its cell has

    def note(self, tag: str, attributes: dict[str, str]) -> None:
        """Notes what an element says of the run. tag: one of TAGS."""
        if tag == "r":
            self.shifted, self.struck, self.font, self.white, self.tiny = "", False, "", False, False
        elif tag == "vertAlign":
            self.shifted = _SHIFTS.get(attributes.get("val", ""), "")
        elif tag == "strike":
            self.struck = is_on(attributes)
        elif tag == "color":
            self.white, self.is_rich = is_white_cell_colour(attributes, self.white_of_theme), True
        elif tag == "sz":
            self.tiny, self.is_rich = is_tiny(decimal(attributes.get("val"))), True
        else:
            self.font = attributes.get("val", "")

    def words(self, text: str) -> str:
        """Returns the words of the run; struck, white and tiny ones as `struck_words` marks them."""
        drawn = raised(in_signs(self.font, text), self.shifted)
        if self.white or self.tiny:
            return white(drawn) if self.white else tiny(drawn)
        return struck(drawn) if self.struck else drawn


class SharedWords(NamedTuple):
    """words: {number: words}. rich: numbers of those that have fonts of their own, whatever their cell has."""

    words: dict[int, str]
    rich: set[int]


def decimal(text: str | None) -> float:
    """Returns the number of a text such as « 1.5 »; 0 if it is none."""
    return float(text) if text and _DECIMAL.fullmatch(text) else 0


def shared_words(
    package: Package, part: str | None, wanted: set[int], white_of_theme: frozenset[str] = frozenset()
) -> SharedWords:
    """Returns the wanted texts that several cells share, by number from 0; none without their part. Raises CannotShow
    if it is too large.
    """
    reader = _PartReader(wanted, white_of_theme)
    if part is None or not package.has(part):
        return reader.shared
    parser = package.parser()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    for piece in package.pieces(part):
        parser.Parse(piece, False)
        if reader.number >= reader.last:
            break
    return reader.shared


def unescaped(text: str) -> str:
    """Returns a text without the form that its format gives to signs which XML has not, « _x000D_ » for one."""
    return _ESCAPED.sub(_sign, text) if "_x" in text else text


def _sign(escaped: re.Match[str]) -> str:
    sign = chr(int(escaped[1], 16))
    return sign if sign.isprintable() or sign in "\t\n" else ""


class _PartReader:
    """number: of the words that are being read. last: the highest number that is wanted."""

    def __init__(self, wanted: set[int], white_of_theme: frozenset[str]) -> None:
        self.shared = SharedWords({}, set())
        self._white_of_theme = white_of_theme
        self.number, self.last = -1, max(wanted) + 1
        self._wanted = wanted
        self._texts: list[str] = []
        self._signs = 0
        self._within = self._phonetic = False
        self._run = RichRun(white_of_theme)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "si":
            self.number += 1
            self._texts, self._signs, self._run = [], 0, RichRun(self._white_of_theme)
        elif tag in RichRun.TAGS:
            self._run.note(tag, attributes)
        elif tag == "rPh":  # how a word of Chinese signs is read
            self._phonetic = True
        elif tag == "t":
            self._within = not self._phonetic and self.number in self._wanted

    def end(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        if tag == "si" and self.number in self._wanted:
            self.shared.words[self.number] = "".join(self._texts)
            if self._run.is_rich:
                self.shared.rich.add(self.number)
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "t":
            self._within = False

    def characters(self, text: str) -> None:
        if self._within and self._signs < _LONGEST:
            self._texts.append(self._run.words(text[:_LONGEST]))
            self._signs += len(text)
