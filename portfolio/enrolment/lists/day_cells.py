"""Reads the days of a list, as people and programs write them: in figures, in words, with a time, as a serial."""

from __future__ import annotations

import re
from datetime import date, timedelta

from portfolio.identifiers import Malformed, name_key

_TIME = r"(?:[ T]+[0-9]{1,2}[:h][0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
_SHORT = re.compile(rf"(?P<day>[0-9]{{1,2}})[/.\- ](?P<month>[0-9]{{1,2}})[/.\- ](?P<year>[0-9]{{2}}){_TIME}")
_FORMS = (
    re.compile(rf"(?P<day>[0-9]{{1,2}})[/.\- ](?P<month>[0-9]{{1,2}})[/.\- ](?P<year>[0-9]{{4}}){_TIME}"),
    re.compile(rf"(?P<year>[0-9]{{4}})[/.\-](?P<month>[0-9]{{1,2}})[/.\-](?P<day>[0-9]{{1,2}}){_TIME}"),
    re.compile(r"(?P<year>(?:19|20)[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"),
    _SHORT,
)
_IN_WORDS = re.compile(r"(?:\w+ )?(?P<day>[0-9]{1,2})(?:er)? (?P<month>[a-z]+) (?P<year>[0-9]{4})")
_SERIAL = re.compile(r"(?P<days>[1-9][0-9]{4})(?:[.,][0-9]+)?")
_FIRST_DAY = date(1899, 12, 30)  # of the serials of spreadsheets
_MONTHS = ("janv", "fevr", "mars", "avri", "mai", "juin", "juil", "aout", "sept", "octo", "nove", "dece")


def day_of(cell: str, turn: int) -> str:
    """Returns an ISO day. turn: two figures of a year; years up to it are of this century, those above of the last.
    Raises Malformed for what is no day, or before 1900.
    """
    if serial := _SERIAL.fullmatch(cell):
        return (_FIRST_DAY + timedelta(days=int(serial["days"]))).isoformat()
    match = next(filter(None, (form.fullmatch(cell) for form in _FORMS)), None)
    match = match or _IN_WORDS.fullmatch(name_key(cell))
    month = _month(match["month"]) if match else 0
    if match is None or not month:
        raise Malformed("Écrivez la date sous la forme JJ/MM/AAAA, l'année sur quatre chiffres.")
    year = int(match["year"])
    if len(match["year"]) == 2:
        year += 2000 if year <= turn else 1900
    try:
        day = date(year, month, int(match["day"]))
    except ValueError as error:
        raise Malformed(f"La date {cell} n'existe pas : vérifiez le jour et le mois (JJ/MM/AAAA).") from error
    if day.year < 1900:
        raise Malformed(f"L'année {day.year} n'est pas possible : vérifiez-la.")
    return day.isoformat()


def has_short_year(cell: str) -> bool:
    """Returns True if the year of a day has two figures, so that its century is guessed."""
    return _SHORT.fullmatch(cell) is not None


def _month(text: str) -> int:
    """Returns the number of a month written in figures or in French, 0 for another word."""
    if text.isdecimal():
        return int(text)
    return next(
        (place for place, start in enumerate(_MONTHS, 1) if text[:4] in (start, start[:3]) and text != "jui"), 0
    )
