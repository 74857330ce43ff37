"""Finds whether a number of a sentence may be a mark out of 20, however it is spelled. Pure.

What surely is none is taken out first: dates, hours, telephone numbers, codes of the sheet; then, unless the sentence
speaks of a mark, what is counted (« 14 jours ») or numbered (« salle 12 »). Whatever number is left may be a mark.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from portfolio.sheet.masking import counted_things

_FIGURES = r"(?<!\d)\d+(?:[.,]\d+)?"
_UNMISTAKABLE = r"(?:(?:quatorz|quinz|treiz|seiz|douz)(?![ai])|quatre|vingts?(?!ai|ie)|zeros?)"
_SHORT = r"(?:trois|deux|cinq|sept|huit|neuf|onze|six|dix)"
_TENS = r"(?:vingt|trente|quarante|cinquante|soixante|quatre-vingts?)"
_WORD = rf"(?:{_UNMISTAKABLE}|(?<![a-z])(?:note|de|dix)?{_SHORT}(?=sur|pts?|points?|[^a-z]|$))"
_BEYOND_20 = rf"(?<![a-z]){_TENS}-(?:et-)?(?:une?|{_UNMISTAKABLE}|{_SHORT})(?:-{_SHORT})?(?![a-z])"

_MONTHS = "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
_DAY = r"(?<![\d.,/])(?:0?[1-9]|[12]\d|3[01])"
_SURELY_NONE = re.compile(
    "|".join(
        [
            rf"{_DAY}(?P<apart>[/.-])(?:0?[1-9]|1[0-2])(?P=apart)(?:(?:19|20)\d\d|2[1-9]|3\d)(?![\d/])",
            r"(?<!\d)(?:19|20)\d\d-\d\d-\d\d(?!\d)",
            rf"(?:{_DAY}\s+au\s+)?{_DAY}(?:er)?\s+(?:{_MONTHS})(?![a-z])",
            r"(?<![\d.,/])(?:[01]?\d|2[0-3])\s?(?:h(?![a-z])|heures?(?![a-z])|:(?=[0-5]\d))(?:\s?[0-5]\d(?!\d))?",
            r"(?<!\d)(?:\+\d\d\s?(?:\(0\)\s?)?|0)[1-9](?:[ .-]?\d\d){4}(?!\d)",
            r"(?<!\d)(?:19|20)\d\d(?![\d.,]|\s*(?:/|sur\b))",
            r"(?<![a-z])(?:articles?|annexes?)\s+(?:[ldr]\.?\s?)?(?:\d+(?:-\d+)*|[ivx]+)(?![\d.,/]\d|[a-z])",
            r"(?<![a-z\d])(?:mp[34]|a[345]|b2[bc]|[45]g|(?:office|microsoft) 365|windows 1[01])(?![a-z\d])",
        ]
    ),
    re.IGNORECASE,
)
_COUNTED = re.compile(
    "|".join(
        [
            rf"(?<![\w.,/])(?:{_FIGURES}|{_WORD})\s+(?:{counted_things.QUALIFIED}\s+)?"
            rf"(?:{counted_things.THINGS})(?![a-z])(?:\s+et\s+demie?(?![a-z]))?",
            rf"(?<![a-z])(?:{counted_things.NUMBERED})\s+(?:n[°o]\s?)?[a-z]?-?\d+(?![.,/]?\d)",
            r"(?<![\d.,/])\d+(?:er|re|e|eme|nde?)s?(?![a-z])",
            r"(?<![\d.,])[1-9]\d{0,2}(?:\s\d{3})+(?![\d.,])",
            rf"{_BEYOND_20}(?!\s*(?:/|%|sur\b|pour\s*cents?\b))",
        ]
    ),
    re.IGNORECASE,
)

_ON_MARKS = re.compile(
    rf"(?<![a-z])(?:not(?:ee?s?|er|ons|ation)|propos\w*|points?(?!\s+{counted_things.REMARKED})|bareme|moyenne|coef\w*|score)(?![a-z])|pts?(?![a-z])"
    r"|note\d|(?:/|sur)\s*(?:20|vingt)",
    re.IGNORECASE,
)
_UP_TO_20 = re.compile(r"(?<!\d)0*(?:1?\d(?:[.,]\d+)?|20(?:[.,]0+)?)(?![\d]|[.,]\d)")
_SHARE = re.compile(
    rf"(?P<part>{_FIGURES})\s*(?:/|sur)\s*(?P<whole>\d+)|{_FIGURES}\s*(?:%|‰|pour\s*cents?(?![a-z]))"
    rf"|(?:{_WORD}|{_TENS}|{_BEYOND_20})\s*(?:/|sur(?![a-z])|pour\s*cents?(?![a-z]))",
    re.IGNORECASE,
)
_HALF = r"(?<![a-z])(?:et|une?|virgule)\W*demi(?!\w|-j)|(?<![a-z])et\W*demie(?![a-z])"
_SPELLED = re.compile(
    rf"{_WORD}|{_HALF}|^\W*une?\W*$|(?<![a-z])(?:la moyenne|le maximum(?!\s+d))(?![a-z])", re.IGNORECASE
)
_ROMAN = re.compile(r"(?<![A-Za-z])(?=[IVX]{2})X{0,2}(?:IX|IV|V?I{0,4})(?![A-Za-z])")
_ANY_NUMBER = re.compile(
    rf"\d|(?<![a-z]){_TENS}(?![a-z])|(?<![a-z]){_HALF}|(?<![a-z])(?=[ivx])x{{0,2}}(?:ix|iv|v?i{{0,4}})(?![a-z'’])"
    r"|(?<![a-z'’])un(?:\s+points?)?\s*(?:[.;:!?)/,]|$|sur(?![a-z])|virgule)"
    r"|(?<![a-z])(?:maximum|maximale?|minimum|minimale?|nulle?|moitie|totalite|tous)(?![a-z])",
    re.IGNORECASE,
)


def may_tell_a_mark(sentence: str, codes: Collection[str] = ()) -> bool:
    """Returns whether a number of the sentence may be a mark from 0 to 20, a share of it (29/40, 72,5 %) or a word for
    it (« la moyenne », « le maximum »). sentence: as `plain` reads it. codes: what it names by a letter and a number
    (C42, P3…).
    """
    left = _SURELY_NONE.sub(" ", _without_codes(sentence, codes))
    if _ON_MARKS.search(left):
        return bool(_ANY_NUMBER.search(left) or _SPELLED.search(left))
    left = _COUNTED.sub(" ", left)
    a_mark = any(pattern.search(left) for pattern in (_UP_TO_20, _SPELLED, _ROMAN))
    return a_mark or any(map(_is_a_share, _SHARE.finditer(left)))


def _without_codes(sentence: str, codes: Collection[str]) -> str:
    named = "|".join(map(re.escape, sorted(codes)))
    return re.sub(rf"(?<!\w)(?:{named})(?!\w|[.,/]\d)", " ", sentence) if named else sentence


def _is_a_share(share: re.Match[str]) -> bool:
    """Returns whether the part is no more than the whole: 2016/679 is a text of law."""
    part, whole = share["part"], share["whole"]
    return part is None or float(part.replace(",", ".")) <= float(whole)
