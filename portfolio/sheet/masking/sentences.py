"""Hides each sentence of a text that may tell a mark. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from config.on_demand import on_demand
from portfolio.sheet.masking.plain_text import plain

if TYPE_CHECKING:
    from portfolio.sheet.masking import possible_marks
else:
    possible_marks = on_demand("portfolio.sheet.masking.possible_marks")

HIDDEN = "[passage\N{NO-BREAK SPACE}masqué]"
# A sentence ends where a capital follows: what goes on (« quatorze. / et demi », « 14. 50 ») stays with what it ends.
_BEGINS = r"(?=[«\"“(\s–—•*-]{0,4}[A-ZÀ-ÖØ-ÞŒ])"
_END = re.compile(rf"((?<=[.!?…])[^\S\n]++{_BEGINS}|(?<!\s)(?=[^\S\n]*\n)\s++{_BEGINS})")
_SEVERAL = re.compile(rf"{re.escape(HIDDEN)}(?:\s+{re.escape(HIDDEN)})+")


def without_passages(text: str, codes: Collection[str] = ()) -> str:
    """Returns the text with HIDDEN instead of each sentence that may tell a mark; sentences hidden in a row are hidden
    once. codes: what a number after a letter names there (C42, P3…), which is no mark.
    """
    parts = _END.split(text)  # a sentence, what stands between, a sentence…
    parts[::2] = [_shown(sentence, codes) for sentence in parts[::2]]
    return _SEVERAL.sub(HIDDEN, "".join(parts))


def _shown(sentence: str, codes: Collection[str]) -> str:
    return HIDDEN if possible_marks.may_tell_a_mark(plain(sentence), codes) else sentence
