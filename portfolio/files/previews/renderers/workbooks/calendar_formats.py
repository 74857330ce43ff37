"""Displays days and hours by a section of a format code. A number counts days; its fraction is the hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from portfolio.dates_in_words import MONTHS
from portfolio.files.previews.renderers.workbooks.format_tokens import Token

_SHORT_MONTHS = (
    *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
    *("juil.", "août", "sept.", "oct.", "nov.", "déc."),
)
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_ENGLISH_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FIRST_DAY, _FIRST_DAY_1904 = datetime(1899, 12, 30, tzinfo=UTC), datetime(1904, 1, 1, tzinfo=UTC)
_DAY_MS = 86_400_000
_SECONDS = {"h": 3600, "m": 60, "s": 1}


def display(tokens: Sequence[Token], number: float, *, english: bool, from_1904: bool) -> str | None:
    """Returns the day or duration, written as the tokens of the format ask; None if there is no such day. number: days
    since 1900, or 1904. english: names of days and months are English, else French.
    """
    elapsed = any(token.kind == "elapsed" for token in tokens)
    milliseconds = round((abs(number) if elapsed else number) * _DAY_MS)
    if elapsed and ("other", ".") not in tokens:
        milliseconds = round(milliseconds, -3)
    moment = _moment(milliseconds, from_1904=from_1904)
    if moment is None:
        return None
    halves = any(token.kind == "half_day" for token in tokens)
    minutes = _minutes(tokens)
    texts, place = [], 0
    while place < len(tokens):
        token = tokens[place]
        zeros = _zeros_after(tokens, place)
        if zeros:
            decimals = min(round(milliseconds % 1000 / 1000, min(zeros, 3)), 1 - 10**-zeros)
            texts.append(f"{decimals:.{zeros}f}".replace("0.", ",", 1))
            place += zeros
        elif token.kind == "elapsed":
            whole = milliseconds // 1000 // _SECONDS[token.text[0]]
            texts.append(f"{whole:0{len(token.text)}d}")
        elif token.kind == "date":
            texts.append(_part(token.text.lower(), moment, is_minutes=place in minutes, halves=halves, english=english))
        elif token.kind == "half_day":
            texts.append("AM" if moment.hour < 12 else "PM")
        else:
            texts.append(token.text if token.kind == "digit" else token.literal())
        place += 1
    return ("-" if elapsed and number < 0 else "") + "".join(texts)


def _moment(milliseconds: int, *, from_1904: bool) -> datetime | None:
    try:
        return (_FIRST_DAY_1904 if from_1904 else _FIRST_DAY) + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None


def _minutes(tokens: Sequence[Token]) -> set[int]:
    """Returns the places of the m that stand for minutes: after hours or before seconds. Any other is a month."""
    parts = [(place, token.text[0].lower()) for place, token in enumerate(tokens) if token.kind in ("date", "elapsed")]
    minutes = set()
    for order, (place, letter) in enumerate(parts):
        before = parts[order - 1][1] if order else ""
        after = parts[order + 1][1] if order + 1 < len(parts) else ""
        if letter == "m" and len(tokens[place].text) < 3 and (before == "h" or after == "s"):
            minutes.add(place)
    return minutes


def _zeros_after(tokens: Sequence[Token], place: int) -> int:
    """Returns how many decimals of seconds the format asks for behind the dot at this index; 0 if no dot is there."""
    if tokens[place] != ("other", "."):
        return 0
    zeros = 0
    for token in tokens[place + 1 :]:
        if token != ("digit", "0"):
            break
        zeros += 1
    return zeros


def _part(letters: str, moment: datetime, *, is_minutes: bool, halves: bool, english: bool) -> str:
    length = len(letters)
    match letters[0]:
        case "y" | "e":
            return f"{moment.year % 100:02d}" if letters[0] == "y" and length < 3 else f"{moment.year:04d}"
        case "m" if is_minutes:
            return f"{moment.minute:0{length}d}"
        case "m":
            return _month(moment.month, length, english=english)
        case "d" if length > 2:
            days = _ENGLISH_DAYS if english else _DAYS
            name = days[moment.weekday()]
            return name if length > 3 else name[:3] + ("" if english else ".")
        case "d":
            return f"{moment.day:0{length}d}"
        case "h":
            hour = (moment.hour + 11) % 12 + 1 if halves else moment.hour
            return f"{hour:0{min(length, 2)}d}"
        case _:
            return f"{moment.second:0{min(length, 2)}d}"


def _month(number: int, length: int, *, english: bool) -> str:
    if length < 3:
        return f"{number:0{length}d}"
    name = (_ENGLISH_MONTHS if english else MONTHS)[number - 1]
    if length == 3:
        return name[:3] if english else _SHORT_MONTHS[number - 1]
    return name if length == 4 else name[0]


def days_of(iso: str) -> float:
    """Returns the number of a day written in ISO 8601, as some programs store it. Raises ValueError."""
    return (datetime.fromisoformat(iso).replace(tzinfo=UTC) - _FIRST_DAY) / timedelta(days=1)
