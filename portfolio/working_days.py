"""Counts French working days at a school: bank holidays differ in Alsace, in Moselle and overseas."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from config.on_demand import on_demand

if TYPE_CHECKING:
    import holidays
else:
    holidays = on_demand("holidays")

# The first three characters of a school's number (UAI) name its department or territory; others keep the national days.
SUBDIVISIONS = {
    "057": "57",
    "067": "6AE",
    "068": "6AE",
    "971": "971",
    "972": "972",
    "973": "973",
    "974": "974",
    "975": "PM",
    "976": "976",
    "977": "BL",
    "978": "MF",
    "983": "NC",
    "984": "PF",
    "986": "WF",
}
SATURDAY = 5


@lru_cache(maxsize=256)
def _days_off(year: int, subdivision: str | None) -> dict[date, str]:
    return dict(holidays.country_holidays("FR", subdiv=subdivision, years=year, language="fr"))


def bank_holiday(day: date, uai: str) -> str | None:
    """Returns the French name of the bank holiday of `day` at the school of this code (UAI); None of any other day."""
    return _days_off(day.year, SUBDIVISIONS.get(uai[:3])).get(day)


def is_worked(day: date, uai: str) -> bool:
    """Returns True if `day` is neither a weekend nor a bank holiday at the school of this code (UAI)."""
    return day.weekday() < SATURDAY and bank_holiday(day, uai) is None


def after(day: date, count: int, uai: str) -> date:
    """Returns the count-th working day after `day`, which is not counted, at the school of this code (UAI); `day`
    itself for 0.
    """
    while count:
        day += timedelta(days=1)
        count -= is_worked(day, uai)
    return day
