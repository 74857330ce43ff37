"""Says of words whether they would be seen on paper: white and tiny ones are there, and nobody reads them."""

from __future__ import annotations

import re

from portfolio.files.previews.renderers.documents.marks import TINY_TEXT, WHITE_TEXT, TextMark

_WHITE = re.compile(r"#?(?:F[D-F]){3}", re.IGNORECASE)
_TINY = 2.0  # points


def is_white(colour: str) -> bool:
    """Returns whether a colour is that of paper, to the eye. colour: « FFFFFF » or « #ffffff »."""
    return _WHITE.fullmatch(colour) is not None


def is_tiny(points: float) -> bool:
    """Returns whether letters of this size are smaller than anybody reads; not for 0, which says no size."""
    return 0 < points <= _TINY


def unseen_marks(text: str, *, white: bool, tiny: bool) -> list[TextMark]:
    """Returns the marks of words that are there and not seen; none for a text without a letter or digit. white: and on
    nothing but paper.
    """
    if not (white or tiny) or not any(map(str.isalnum, text)):
        return []
    return [WHITE_TEXT] * white + [TINY_TEXT] * tiny
