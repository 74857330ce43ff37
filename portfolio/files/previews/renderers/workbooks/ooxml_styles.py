"""Reads how the cells of an .xlsx look: their format, font, colours and size, by the number of their style."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from portfolio.files.previews.renderers.office_names import is_on
from portfolio.files.previews.renderers.package import Package
from portfolio.files.previews.renderers.words.on_paper import is_tiny
from portfolio.files.previews.renderers.words.theme_colours import is_white_cell_colour
from portfolio.files.previews.renderers.workbooks.number_formats import BUILT_IN, GENERAL
from portfolio.files.previews.renderers.workbooks.ooxml_words import decimal

_GROUPS = ("numFmts", "fonts", "fills", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs")


@dataclass
class CellStyle:
    """code: of the format. struck: a line is drawn through the words. font: perhaps one of symbols. white: its words;
    tiny: smaller than anybody reads; shaded: what is under them has another colour than that of paper.
    """

    code: str = GENERAL
    struck: bool = False
    font: str = ""
    white: bool = False
    tiny: bool = False
    shaded: bool = False


@dataclass
class _StylesReader:
    white_of_theme: frozenset[str]
    codes: dict[int, str] = field(default_factory=lambda: dict(BUILT_IN))
    fonts: list[CellStyle] = field(default_factory=list)
    shaded: list[bool] = field(default_factory=list)  # by the number of the fill
    styles: list[CellStyle] = field(default_factory=list)
    within: str = ""

    def note(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in _GROUPS:
            self.within = tag
        elif reads := self.reads().get(self.within):
            reads(tag, attributes)

    def reads(self) -> dict[str, Callable[[str, dict[str, str]], None]]:
        return {"numFmts": self._format, "fonts": self._font, "fills": self._fill, "cellXfs": self._style}

    def _format(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "numFmt":
            self.codes[whole_number(attributes.get("numFmtId"))] = attributes.get("formatCode", GENERAL)

    def _font(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "font":
            self.fonts.append(CellStyle())
        elif not self.fonts:
            return
        elif tag == "strike":
            self.fonts[-1].struck = is_on(attributes)
        elif tag == "name":
            self.fonts[-1].font = attributes.get("val", "")
        elif tag == "color":
            self.fonts[-1].white = is_white_cell_colour(attributes, self.white_of_theme)
        elif tag == "sz":
            self.fonts[-1].tiny = is_tiny(decimal(attributes.get("val")))

    def _fill(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "fill":
            self.shaded.append(False)
        elif not self.shaded:
            return
        elif tag == "patternFill":
            self.shaded[-1] = attributes.get("patternType", "none") != "none"
        elif tag == "gradientFill":
            self.shaded[-1] = True
        elif tag == "fgColor" and self.shaded[-1]:
            self.shaded[-1] = not is_white_cell_colour(attributes, self.white_of_theme)

    def _style(self, tag: str, attributes: dict[str, str]) -> None:
        if tag != "xf":
            return
        font, fill = whole_number(attributes.get("fontId")), whole_number(attributes.get("fillId"))
        self.styles.append(
            replace(
                self.fonts[font] if font < len(self.fonts) else CellStyle(),
                code=self.codes.get(whole_number(attributes.get("numFmtId")), GENERAL),
                shaded=fill < len(self.shaded) and self.shaded[fill],
            )
        )


def styles_of(package: Package, part: str | None, white_of_theme: frozenset[str]) -> list[CellStyle]:
    """Returns the styles by their numbers; none without their part. white_of_theme: names of its white colours. Raises
    as `Package.each_tag`.
    """
    reader = _StylesReader(white_of_theme)
    package.each_tag(part, reader.note)
    return reader.styles


def whole_number(text: str | None) -> int:
    """Returns the number of an attribute, from 0; 0 if it is none, or has more than nine digits."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
