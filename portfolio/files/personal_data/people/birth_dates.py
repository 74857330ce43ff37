"""Finds dates of birth: dates that a word calls so, where a person is named beside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from portfolio.files.personal_data.people.names import is_named
from portfolio.files.personal_data.surroundings import Surroundings
from portfolio.files.personal_data.value import PersonalValue

_D: Final = "[0-9OlI]"
_MONTHS: Final = (
    r"(?:janv(?:ier|\.)?|f[ée]v(?:rier|r?\.)?|mars|avr(?:il|\.)?|mai|juin|juil(?:let|\.)?|ao[ûu]t"
    r"|sept(?:embre|\.)?|oct(?:obre|\.)?"
    r"|nov(?:embre|\.)?|d[ée]c(?:embre|\.)?)"
)
_DATE = re.compile(
    rf"(?<![\w/.\-])(?:{_D}{{1,2}}[/.\- ]{_D}{{1,2}}[/.\- ](?:[12lI][089O]{_D}{{2}}|{_D}{{2}})"
    rf"|[12][089]\d{{2}}[\-/.]\d{{2}}[\-/.]\d{{2}}"
    rf"|(?:1er|{_D}{{1,2}})[ \u00a0\-]{_MONTHS}[ \u00a0\-](?:[12lI][089O]{_D}{{2}}|\d\d))(?![\w]|[/\-]\d)",
    re.IGNORECASE,
)
_BORN: Final = re.compile(
    r"\bn[ée](?:\(?[ée]\)?|es?)?(?:\(?s\)?)?(?:[ _](?:le|en|on)\b|[ ]?:|[ ]?=|[ ]?$|[ ](?=\d)|,? (?:à|au"
    r"|aux) )|naissance|naiss\b|naiss\.|\bddn\b|d\.d\.n|\bd\.?n\.|birth|\bdob\b|\bn[ée]e?_le\b"
    r"|\banniversaire\b|\bn[ée]\(e\)"
)
_NOT_BORN: Final = re.compile(
    r"permis|sinistre|accident|effet|[ée]ch[ée]ance|circulation|souscri|contrat|d[ée]livr|signature"
    r"|sign[ée]|avant le|apr[èe]s le|soci[ée]t[ée]"
    r"|mise en|expir|d[ée]c[èe]s|mari[ée]|embauch|entr[ée]e|re[çc]u|jusqu"
)
_BESIDE_A_NAME = re.compile(r"[A-ZÀ-Ý][\w'’\-]{1,30}[ \t\u00a0][A-ZÀ-Ý][\w'’\-]{1,30}[ ]?[,(\t;|][ ]?$")
_ENDS_RECORD = re.compile(r"[ ]?(?:[,);.|\t\n]|$)")


def birth_dates(around: Surroundings) -> Iterator[PersonalValue]:
    """Yields dates of birth of people who are named beside."""
    last = 0
    for match in _DATE.finditer(around.text):
        if _is_of_birth(around, match.start(), match.end(), last) and is_named(_near(around, match)):
            yield PersonalValue("birth_date", match.start(), match.end())
        last = match.end()


def _near(around: Surroundings, match: re.Match[str]) -> str:
    return around.around(match.start(), match.end())


def _is_of_birth(around: Surroundings, start: int, end: int, last: int) -> bool:
    """Returns whether a word says that this date is of a birth. last: where the date before it ended."""
    before = around.line_before(start, 70) if not around.in_table(start) else around.before(start, 70)
    between = (
        around.heading(start) + " | " + before[-max(0, start - last) :]
        if last
        else around.heading(start) + " | " + before
    ).lower()
    born = _last(_BORN, between)
    if born >= 0:
        since = between[born:]
        return not _NOT_BORN.search(since) and not re.search(r"[.!?]\s+[A-ZÀ-Ý]", between[born + 12 :])
    year = re.search(r"\d{4}", around.text[start:end])
    plausible = year is not None and 1915 <= int(year[0]) <= 2020
    return (
        plausible
        and not around.in_table(start)
        and _BESIDE_A_NAME.search(before) is not None
        and is_named(before)
        and _ENDS_RECORD.match(around.after(end, 3)) is not None
    )


def _last(pattern: re.Pattern[str], words: str) -> int:
    return max((match.start() for match in pattern.finditer(words)), default=-1)
