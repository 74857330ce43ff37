"""The day and the hour of a form, which are one instant, and the errors that are shown beside them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import request

from portfolio.errors import Invalid, Refusal
from portfolio.identifiers import EARLIEST_YEAR, LATEST_YEAR


def instant_asked(zone: str) -> datetime:
    """Returns the `day` (ISO) and `hour` (HH:MM) of the form, in this time zone (IANA name). Raises Invalid on `day` or
    `hour`; on `day` for a year that nothing of an exam is dated in.
    """
    day, hour = request.form.get("day", ""), request.form.get("hour", "")
    try:
        instant = datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=ZoneInfo(zone))
    except ValueError:
        field = "day" if len(day) != 10 else "hour"
        raise Invalid({field: ["Indiquez un jour et une heure, par exemple 12/04/2027 à 14:00."]}) from None
    if not EARLIEST_YEAR <= instant.year <= LATEST_YEAR:
        raise Invalid({"day": [f"Vérifiez l'année : {instant.year}."]})
    return instant


def beside_the_day(refusal: Refusal, field: str) -> Refusal:
    """Returns the refusal, its errors on `field` moved to `day`, since the instant is two fields here."""
    if isinstance(refusal, Invalid) and field in refusal.errors:
        refusal.errors["day"] = refusal.errors.pop(field)
    return refusal
