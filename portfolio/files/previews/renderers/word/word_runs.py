"""Says what is particular about a run of a .docx, by itself or by its styles: hidden, struck through, in signs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from portfolio.files.previews.renderers.documents import marks
from portfolio.files.previews.renderers.documents.marks import TextMark
from portfolio.files.previews.renderers.office_names import Attributes, is_on
from portfolio.files.previews.renderers.word.word_styles import ParagraphShape, StyleSheet
from portfolio.files.previews.renderers.words.raised_signs import ABOVE, BELOW, raised
from portfolio.files.previews.renderers.words.symbol_fonts import in_signs

PROPERTIES: Final = ("w:rStyle", "w:vanish", "w:vertAlign", "w:rFonts", "w:strike", "w:dstrike")
_SHIFTS = {"superscript": ABOVE, "subscript": BELOW}


@dataclass
class WordRun:
    """The run that is read. own: what it says itself. style: of characters. font: perhaps one of symbols."""

    own: ParagraphShape = field(default_factory=ParagraphShape)
    style: str = ""
    shifted: str = ""
    font: str = ""
    _marks: list[TextMark] | None = None  # worked out once

    def words(self, text: str) -> str:
        """Returns the text as it is drawn: in the signs of its font, above or below the line."""
        return raised(in_signs(self.font, text), self.shifted)

    def marks(self, styles: StyleSheet, paragraph_style: str) -> list[TextMark]:
        if self._marks is None:
            own = styles.shape(self.style, self.own) if self.style else self.own
            around = styles.shape(paragraph_style)
            hidden = around.hidden if own.hidden is None else own.hidden
            struck = around.struck if own.struck is None else own.struck
            self._marks = [marks.HIDDEN_TEXT] * bool(hidden) + [marks.STRUCK_TEXT] * bool(struck)
        return self._marks

    def note(self, tag: str, attributes: Attributes) -> None:
        """Notes a property of the run. tag: one of PROPERTIES."""
        if tag == "w:rStyle":
            self.style = attributes.get("val", "")
        elif tag == "w:vanish":
            self.own.hidden = is_on(attributes)
        elif tag == "w:vertAlign":
            self.shifted = _SHIFTS.get(attributes.get("val", ""), "")
        elif tag == "w:rFonts":
            self.font = attributes.get("ascii") or attributes.get("hAnsi", "")
        else:  # one line through it, or two
            self.own.struck = is_on(attributes) or bool(self.own.struck)
