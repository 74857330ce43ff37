"""Says what is particular about stretches of a plain text, where only words are shown: « [barré : 30 €] »."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

# Around a struck stretch, and around a hidden one: in no text of a mail, a page or an office document.
_STRUCK, _HIDDEN = ("\x02", "\x03"), ("\x04", "\x05")
_LABELS: Final = {_STRUCK: "barré", _HIDDEN: "masqué"}
_SIGNS: Final = "".join(begins + ends for begins, ends in _LABELS)
_STRETCHES: Final = {pair: re.compile(f"{pair[0]}([^{_SIGNS}]*){pair[1]}") for pair in _LABELS}
_BARE: Final = str.maketrans("", "", _SIGNS)


class StruckText(NamedTuple):
    """text: in words. whole: all of it has a line through it, which the text then does not say."""

    text: str
    whole: bool


def struck(text: str) -> str:
    """Returns a stretch of text that has a line through it, for `in_words` or `whole_or_parts`."""
    return f"{_STRUCK[0]}{text.translate(_BARE)}{_STRUCK[1]}" if text else ""


def hidden(text: str) -> str:
    """Returns a stretch of text that is not displayed, for `in_words`."""
    return f"{_HIDDEN[0]}{text.translate(_BARE)}{_HIDDEN[1]}" if text else ""


def in_words(text: str) -> str:
    """Returns the text with its struck and hidden stretches between brackets, those that follow each other as one;
    hidden ones without a letter or figure are left out.
    """
    for (begins, ends), stretch in _STRETCHES.items():
        if begins in text:
            bracketed = _bracketer(_LABELS[begins, ends])
            text = stretch.sub(bracketed, text.replace(ends + begins, ""))
    return text.translate(_BARE)


def has_struck(words: str) -> bool:
    """Returns whether `in_words` wrote brackets of its own, or the text has the same."""
    return "[barré : " in words


def whole_or_parts(text: str) -> StruckText:
    """Returns the text of a cell, in words where a part of it alone is struck."""
    if _STRUCK[0] not in text:
        return StruckText(text, False)
    bare = text.translate(_BARE)
    whole = text.replace(_STRUCK[1] + _STRUCK[0], "").strip() == struck(bare).strip()
    return StruckText(bare if whole else in_words(text), whole)


def _bracketer(label: str) -> Callable[[re.Match[str]], str]:
    def bracketed(stretch: re.Match[str]) -> str:
        words = stretch[1].strip()
        if not words or label == _LABELS[_HIDDEN] and not any(map(str.isalnum, words)):
            return "" if words else stretch[1]
        before, _, after = stretch[1].partition(words)
        return f"{before}[{label} : {words}]{after}"

    return bracketed
