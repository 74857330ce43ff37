"""The fictional school year under way: every date of a rehearsal follows from the day it is begun on.

Its circular is the latest one that is shipped, for a session of its own whose deadline lies ahead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from portfolio.rules.texts.circular import FOLDER, circulars
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5

AHEAD = timedelta(weeks=3)  # nearer than that, the deadline of this spring is not one to prepare for
FRIDAY = 4


@dataclass(frozen=True)
class Dates:
    """today: the day on which the rehearsal is begun."""

    today: date

    @property
    def deadline(self) -> datetime:
        """When portfolios are to be handed in, wall time: the first Friday of May at 18:00."""
        this_year = _first_friday_of_may(self.today.year)
        near = this_year < self.today + AHEAD
        return datetime.combine(_first_friday_of_may(self.today.year + 1) if near else this_year, time(18))

    @property
    def year(self) -> int:
        return self.deadline.year

    @property
    def session(self) -> str:
        return f"{self.year}R"

    def meets_at(self, zone: str) -> datetime:
        """A commission, eleven days after the deadline, a Tuesday, at two in the afternoon there."""
        return datetime.combine(self.deadline.date() + timedelta(days=11), time(14), ZoneInfo(zone))

    @property
    def placement(self) -> tuple[date, date]:
        """Seven weeks in a company, from a Monday to a Friday; it began thirty-four weeks ago."""
        begins = self.today - timedelta(weeks=34, days=self.today.weekday())
        return begins, begins + timedelta(weeks=6, days=FRIDAY)

    @property
    def activity(self) -> tuple[date, date]:
        begins = self.placement[0] + timedelta(weeks=1)
        return begins, begins + timedelta(weeks=2, days=FRIDAY)

    @property
    def produced_on(self) -> date:
        """Evidence, during the activity."""
        return self.activity[0] + timedelta(days=8)

    @property
    def check_on(self) -> date:
        """A test in class, on the Monday of fourteen weeks ago."""
        return self.today - timedelta(weeks=14, days=self.today.weekday())

    def born_on(self, age: int, month: int, day: int) -> date:
        """In the year in which somebody turns `age` in the year of the exam."""
        return date(self.year - age, month, day)

    def number(self, rank: int) -> str:
        """Of a candidate, from 1."""
        return f"0{self.year % 100:02}00000{100 + rank:03}"


def dates_of(at: datetime, zone: str) -> Dates:
    """zone: IANA name; it may already be tomorrow there."""
    return Dates(at.astimezone(ZoneInfo(zone)).date())


def _first_friday_of_may(year: int) -> date:
    first = date(year, 5, 1)
    return first + timedelta(days=(FRIDAY - first.weekday()) % 7)


def move_circular(terms: dict[str, Any], dates: Dates) -> None:
    """Makes of a circular, as its file says it, the first version of the one of this rehearsal, with its dates."""
    deadline = dates.deadline
    terms |= {"id": dates.session, "version": "1", "effective_from": date(deadline.year - 2, 9, 1)}
    terms["portfolio"]["deadline"] = f"{deadline:%Y-%m-%dT%H:%M}"
    terms["commission"]["calendar"] = {"from": date(deadline.year, 3, 1), "to": deadline.date() + timedelta(weeks=4)}


def write_circular(dates: Dates, folder: Path) -> None:
    """The circular of this rehearsal, written once: what candidates are pinned to is never edited."""
    written = folder / f"{dates.session}.v1.yaml"
    if written.exists():
        return
    latest = max(
        (one for key, one in circulars().items() if key[0] == BTS_ASSURANCE_E5 and one.id.isdigit()),
        key=lambda one: (one.id, int(one.version)),
    )
    terms = yaml.safe_load((FOLDER / f"{latest.id}.v{latest.version}.yaml").read_text())
    move_circular(terms, dates)
    terms["source"]["title"] = f"Modèle fictif, pour la répétition {dates.session}"
    folder.mkdir(parents=True, exist_ok=True)
    partial = written.with_suffix(".partial")
    partial.write_text(yaml.safe_dump(terms, allow_unicode=True, sort_keys=False))
    partial.rename(written)
