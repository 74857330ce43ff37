"""Says what is particular about a run of a .docx, by itself or by its styles: hidden, struck through, in signs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from portfolio.files.previews.renderers.documents import marks
from portfolio.files.previews.renderers.documents.marks import TextMark
from portfolio.files.previews.renderers.office_names import Attributes, is_on
from portfolio.files.previews.renderers.word.word_styles import LOOKS, ParagraphShape, StyleSheet
from portfolio.files.previews.renderers.words.on_paper import unseen_marks
from portfolio.files.previews.renderers.words.raised_signs import ABOVE, BELOW, raised
from portfolio.files.previews.renderers.words.symbol_fonts import in_signs

PROPERTIES: Final = ("w:rStyle", "w:vanish", "w:vertAlign", "w:rFonts", "w:strike", "w:dstrike", *LOOKS)
_SHIFTS = {"superscript": ABOVE, "subscript": BELOW}


@dataclass
class WordRun:
    """The run that is read. own: what it says itself. style: of characters. font: perhaps one of symbols."""

    own: ParagraphShape = field(default_factory=ParagraphShape)
    style: str = ""
    shifted: str = ""
    font: str = ""
    _shape: ParagraphShape | None = None  # worked out once

    def words(self, text: str) -> str:
        """Returns the text as it is drawn: in the signs of its font, above or below the line."""
        return raised(in_signs(self.font, text), self.shifted)

    def marks(self, styles: StyleSheet, paragraph_style: str) -> list[TextMark]:
        shape = self._whole(styles, paragraph_style)
        return [marks.HIDDEN_TEXT] * bool(shape.hidden) + [marks.STRUCK_TEXT] * bool(shape.struck)

    def unseen(self, text: str, styles: StyleSheet, paragraph_style: str, *, on_white: bool) -> list[TextMark]:
        """Returns the marks of a text that is there and not seen. on_white: whether nothing but the paper is under the
        paragraph, as far as is known.
        """
        shape = self._whole(styles, paragraph_style)
        return unseen_marks(text, white=bool(shape.white) and on_white and not shape.shaded, tiny=bool(shape.tiny))

    def _whole(self, styles: StyleSheet, paragraph_style: str) -> ParagraphShape:
        if self._shape is None:
            self._shape = replace(styles.shape(self.style, self.own) if self.style else self.own)
            self._shape.over(styles.shape(paragraph_style))
        return self._shape

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
        elif tag in LOOKS:
            self.own.note_look(tag, attributes)
        else:  # one line through it, or two
            self.own.struck = is_on(attributes) or bool(self.own.struck)
