"""Asks about days that are probably slips of the hand: 1970, 2099, to come, outside what they are part of.

No text forbids any of them: whoever confirms is believed, and the link of the act names what was confirmed. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from portfolio.errors import NotNow, RuleSource

Value = TypeVar("Value")

YEARS_BEFORE = 4  # of a session: a training lasts two or three, and some begin it again
WORKING_LIFE = 50
YOUNGEST, OLDEST = 14, 80  # of a candidate: nobody says either, and « 2025 » was most often meant otherwise
CONFIRMED = "confirmed"  # the answer, in the values of an act


@dataclass(frozen=True)
class Doubt:
    """A question about a date. code: past, sunday, far, to_come… sentence: French, without its question mark."""

    code: str
    sentence: str


class DateToConfirm(NotNow):
    """A question that whoever confirms overrides, not a rule: no text forbids the date."""

    code = "date_to_confirm"
    source = RuleSource.CHOICE
    detail = "Vérifiez la date : {doubts}. Corrigez-la, ou confirmez-la."


def ask_about(unusual: Sequence[Doubt]) -> None:
    """Raises DateToConfirm if there is any doubt."""
    if unusual:
        raise DateToConfirm(doubts=" ; ".join(dict.fromkeys(doubt.sentence for doubt in unusual)))


def asked_unless_confirmed(values: Mapping[str, object], unusual: Iterable[Doubt]) -> dict[str, list[str]]:
    """Returns what the link of the act says: {unusual: codes} of what was confirmed, {} without a doubt. values: of the
    act. Raises DateToConfirm where they do not confirm.
    """
    doubts = list(unusual)
    if not values.get(CONFIRMED):
        ask_about(doubts)
    return {"unusual": sorted({doubt.code for doubt in doubts})} if doubts else {}


def without_answer(values: Mapping[str, Value]) -> tuple[dict[str, Value], dict[str, Value | None]]:
    """Returns the values of an act without the answer to a question, and that answer alone."""
    return {name: value for name, value in values.items() if name != CONFIRMED}, {CONFIRMED: values.get(CONFIRMED)}


def far_from_session(days: Iterable[str | None], session: str, years: int = YEARS_BEFORE) -> Iterator[Doubt]:
    """Yields a doubt for each of these days (ISO; None: not given) that is later than the year of a session (its code),
    or more than `years` before it.
    """
    last = int(session[:4])
    for day in days:
        if day is not None and not last - years <= int(day[:4]) <= last:
            yield Doubt("far", f"le {_in_french(day)} est loin de la session {session}")


def far_from_today(days: Iterable[str | None], today: date, years: int) -> Iterator[Doubt]:
    """Yields a doubt for each of these days (ISO; None: not given) that is more than `years` before or after today, of
    what no session bounds.
    """
    for day in days:
        if day is not None and abs(int(day[:4]) - today.year) > years:
            yield Doubt("far", f"le {_in_french(day)} est loin d'aujourd'hui")


def to_come(days: Iterable[str | None], today: date) -> Iterator[Doubt]:
    """Yields a doubt for each of these days (ISO) of things that are over, which is after today."""
    for day in days:
        if day is not None and day > today.isoformat():
            yield Doubt("to_come", f"le {_in_french(day)} est à venir")


def outside(days: Iterable[str | None], whole: tuple[str | None, str | None], what: str) -> Iterator[Doubt]:
    """Yields a doubt for each of these days (ISO) that is not within the first and last day of what it is part of. An
    end of `whole` that is None holds nothing. what: that, in French.
    """
    first, last = whole
    for day in days:
        if day is not None and ((first is not None and day < first) or (last is not None and day > last)):
            yield Doubt("outside", f"le {_in_french(day)} est hors de {what} ({_span(first, last)})")


def unlikely_birth(birth_date: str, today: date) -> Iterator[Doubt]:
    """Yields a doubt about the birth date (ISO) of a candidate who would be a child, very old, or is not born yet."""
    born = date.fromisoformat(birth_date)
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if born >= today:
        yield Doubt("birth", f"une naissance le {_in_french(birth_date)} est à venir")
    elif not YOUNGEST <= age <= OLDEST:
        yield Doubt("birth", f"né le {_in_french(birth_date)}, le candidat aurait {age} ans")


def _span(first: str | None, last: str | None) -> str:
    if first is None or last is None:
        return f"à partir du {_in_french(first)}" if first is not None else f"jusqu'au {_in_french(last or '')}"
    return f"du {_in_french(first)} au {_in_french(last)}"


def _in_french(day: str) -> str:
    return f"{date.fromisoformat(day):%d/%m/%Y}" if day else ""
