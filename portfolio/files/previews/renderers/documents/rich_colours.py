"""Reads the colours and sizes of rich text: words that are white on the paper, or tiny, are there and not seen."""

from __future__ import annotations

from typing import Final, NamedTuple

from portfolio.files.previews.renderers.documents.marks import TextMark
from portfolio.files.previews.renderers.words.on_paper import is_tiny, is_white, unseen_marks


class RichLook(NamedTuple):
    """How words look. colour, ground, highlight: numbers of colours, 0 for the usual. size: in half points, or 0."""

    colour: int = 0
    ground: int = 0
    highlight: int = 0
    size: int = 0


# Control words, and what of the look they set.
LOOKS: Final = {"cf": "colour", "cb": "ground", "chcbpat": "ground", "highlight": "highlight", "fs": "size"}


class RichColours:
    """The colours of a text, by number."""

    def __init__(self) -> None:
        self._table: list[str] = []

    def read(self, table: str) -> None:
        """Takes the table of colours. table: « ;FFFFFF;1F3864; », the first one the usual."""
        self._table = [colour.strip() for colour in table.split(";")]

    def is_shade(self, number: int) -> bool:
        """Returns whether a colour under words is another than that of paper."""
        colour = self._colour(number)
        return bool(colour) and not is_white(colour)

    def unseen(self, text: str, look: RichLook, *, on_white: bool) -> list[TextMark]:
        """Returns the marks of a text that is there and not seen. on_white: whether nothing but the paper is under its
        paragraph, as far as is known.
        """
        shaded = self.is_shade(look.ground) or self.is_shade(look.highlight)
        white = on_white and not shaded and is_white(self._colour(look.colour))
        return unseen_marks(text, white=white, tiny=is_tiny(look.size / 2))

    def _colour(self, number: int) -> str:
        return self._table[number] if 0 <= number < len(self._table) else ""
