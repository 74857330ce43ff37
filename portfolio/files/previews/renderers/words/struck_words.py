"""Says what is particular about stretches of a plain text, where only words are shown: « [barré : 30 €] »."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from portfolio.files.previews.renderers.documents.marks import TINY_TEXT, WHITE_TEXT

# Around a stretch that is struck, hidden, white or tiny: in no text of a mail, a page or an office document.
_STRUCK, _HIDDEN, _WHITE, _TINY = ("\x02", "\x03"), ("\x04", "\x05"), ("\x06", "\x07"), ("\x0e", "\x0f")
_LABELS: Final = {
    _STRUCK: "barré",
    _HIDDEN: "masqué",
    _WHITE: WHITE_TEXT.label,
    _TINY: TINY_TEXT.label,
}
_UNSEEN: Final = [label for label in _LABELS.values() if label != _LABELS[_STRUCK]]
_SIGNS: Final = "".join(begins + ends for begins, ends in _LABELS)
_STRETCHES: Final = {pair: re.compile(f"{pair[0]}([^{_SIGNS}]*){pair[1]}") for pair in _LABELS}
_WITHOUT_WHITE: Final = str.maketrans("", "", "".join(_WHITE))
_BARE: Final = str.maketrans("", "", _SIGNS)


class CellText(NamedTuple):
    """text: in words, without what holds for all of it. struck: all of it has a line through it. unseen: French words
    on why none of it is seen, or empty.
    """

    text: str
    struck: bool
    unseen: str


def struck(text: str) -> str:
    """Returns a stretch of text that has a line through it, for `in_words` or `whole_or_parts`."""
    return f"{_STRUCK[0]}{text.translate(_BARE)}{_STRUCK[1]}" if text else ""


def hidden(text: str) -> str:
    """Returns a stretch of text that is not displayed, for `in_words`."""
    return f"{_HIDDEN[0]}{text.translate(_BARE)}{_HIDDEN[1]}" if text else ""


def white(text: str) -> str:
    """Returns a stretch of text that is white on paper, for `in_words`."""
    return f"{_WHITE[0]}{text.translate(_BARE)}{_WHITE[1]}" if text else ""


def tiny(text: str) -> str:
    """Returns a stretch of text that is smaller than anybody reads, for `in_words`."""
    return f"{_TINY[0]}{text.translate(_BARE)}{_TINY[1]}" if text else ""


def in_words(text: str) -> str:
    """Returns the text with its struck, hidden, white and tiny stretches between brackets, those that follow each
    other as one; all but struck ones without a letter or figure are left out.
    """
    for (begins, ends), stretch in _STRETCHES.items():
        if begins in text:
            bracketed = _bracketer(_LABELS[begins, ends])
            text = stretch.sub(bracketed, text.replace(ends + begins, ""))
    return text.translate(_BARE)


def has_struck(words: str) -> bool:
    """Returns whether `in_words` wrote brackets of its own, or the text has the same."""
    return "[barré : " in words


def has_unseen(words: str) -> bool:
    """Returns whether `in_words` wrote that words are hidden, white or tiny, or the text has the same brackets."""
    return any(f"[{label} : " in words for label in _UNSEEN)


def whole_or_parts(text: str, *, on_paper: bool = True) -> CellText:
    """Returns the text of a cell, in words where a part of it alone is struck, white or tiny. on_paper: nothing but
    paper is under it, without which its white words are seen.
    """
    if not on_paper:
        text = text.translate(_WITHOUT_WHITE)
    bare = text.translate(_BARE)
    if bare == text:
        return CellText(text, False, "")
    whole = next((pair for pair in _LABELS if _holds_for_all(text, bare, pair)), None)
    unseen = _LABELS[whole] if whole not in (None, _STRUCK) and any(map(str.isalnum, bare)) else ""
    return CellText(in_words(text) if whole is None else bare, whole == _STRUCK, unseen)


def _holds_for_all(text: str, bare: str, pair: tuple[str, str]) -> bool:
    begins, ends = pair
    joined = text.replace(ends + begins, "").strip()
    return joined == f"{begins}{bare}{ends}".strip() or joined == f"{begins}{bare.strip()}{ends}"


def _bracketer(label: str) -> Callable[[re.Match[str]], str]:
    def bracketed(stretch: re.Match[str]) -> str:
        words = stretch[1].strip()
        if not words or label != _LABELS[_STRUCK] and not any(map(str.isalnum, words)):
            return "" if words else stretch[1]
        before, _, after = stretch[1].partition(words)
        return f"{before}[{label} : {words}]{after}"

    return bracketed
