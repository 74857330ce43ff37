"""Says which stretches of a plain text have a line through them, as « [barré : 30 €] »."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_BEGINS, _ENDS = "\x02", "\x03"  # in no text of a mail, a page or an office document
_STRETCH: Final = re.compile(f"{_BEGINS}([^{_BEGINS}{_ENDS}]*){_ENDS}")
_BARE: Final = str.maketrans("", "", _BEGINS + _ENDS)


class StruckText(NamedTuple):
    """text: in words. whole: all of it has a line through it, which the text then does not say."""

    text: str
    whole: bool


def struck(text: str) -> str:
    """Returns a stretch of text that has a line through it, for `in_words` or `whole_or_parts`."""
    return f"{_BEGINS}{text.translate(_BARE)}{_ENDS}" if text else ""


def in_words(text: str) -> str:
    """Returns the text with its struck stretches between brackets, those that follow each other as one."""
    if _BEGINS not in text:
        return text
    return _STRETCH.sub(_in_brackets, text.replace(_ENDS + _BEGINS, "")).translate(_BARE)


def has_struck(words: str) -> bool:
    """Returns whether `in_words` wrote brackets of its own, or the text has the same."""
    return "[barré : " in words


def whole_or_parts(text: str) -> StruckText:
    """Returns the text of a cell, in words where a part of it alone is struck."""
    if _BEGINS not in text:
        return StruckText(text, False)
    joined = text.replace(_ENDS + _BEGINS, "")
    bare = joined.translate(_BARE)
    whole = joined.strip() == struck(bare).strip()
    return StruckText(bare if whole else in_words(text), whole)


def _in_brackets(stretch: re.Match[str]) -> str:
    words = stretch[1].strip()
    before, _, after = stretch[1].partition(words) if words else (stretch[1], "", "")
    return f"{before}[barré : {words}]{after}" if words else before
