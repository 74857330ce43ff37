"""Asks about dates of meetings that are probably slips of the hand: past, on a Sunday or a bank holiday, at night.

No text forbids any of them: whoever confirms is believed, and the link of the act names what was confirmed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from zoneinfo import ZoneInfo

from portfolio.documents import Candidacy, Commission, School
from portfolio.enrolment.institutions import academy_of
from portfolio.rules.unlikely_dates import Doubt
from portfolio.working_days import bank_holiday

SUNDAY = 6
USUAL_HOURS = (time(7), time(21))  # nobody prescribes hours: outside these, « 23:45 » was most often meant otherwise


def doubts(when: datetime, zone: ZoneInfo, uai: str) -> Iterator[Doubt]:
    """Yields what is unusual of an instant at a school (its UAI) in its academy's zone. Pure."""
    local = when.astimezone(zone)
    day = f"le {local:%d/%m/%Y}"
    if local.weekday() == SUNDAY:
        yield Doubt("sunday", f"{day} est un dimanche")
    holiday = bank_holiday(local.date(), uai)
    if holiday:
        yield Doubt("bank_holiday", f"{day} est férié ({holiday})")
    opens, closes = USUAL_HOURS
    if not opens <= local.time() <= closes:
        yield Doubt("hour", f"{local:%H h %M} est une heure inhabituelle")


def doubts_on_appointment(about: Candidacy | Commission, meets_at: datetime, at: datetime) -> list[Doubt]:
    """Returns what is to be confirmed of a meeting that is being convened; [] of an ordinary date. about: whose school
    and academy count.
    """
    zone = ZoneInfo(academy_of(about.academy).timezone)
    past = [Doubt("past", f"le {meets_at.astimezone(zone):%d/%m/%Y à %H h %M} est déjà passé")] if meets_at < at else []
    return [*past, *doubts(meets_at, zone, School.objects.get(pk=about.school).uai)]
