"""When commissions meet, for whoever sits on them or convenes them: slots, clashes, calendar files (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import icalendar
from bson import ObjectId

from portfolio.documents import Candidacy, Commission, Placement
from portfolio.errors import NotNow
from portfolio.identifiers import is_rehearsal
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor
from portfolio.store.connections import current

# What is set aside in people's calendars; neither the arrêté nor a circular states a length.
LASTS = timedelta(minutes=30)


@dataclass(frozen=True)
class Clash:
    """Two commissions of one member at the same time. name: the member's, as it is written on the commission."""

    person: ObjectId
    name: str
    meets_at: datetime
    with_at: datetime


def slots(first: datetime, minutes: int, count: int) -> list[datetime]:
    """`count` appointments, one every so many minutes: pure."""
    return [first + timedelta(minutes=minutes * rank) for rank in range(count)]


def clashes_with(commissions: Sequence[Any]) -> list[Clash]:
    """Between these (written or not) and all that their members sit on anywhere: one query.

    Told of a commission elsewhere: its hour, nothing else.
    """
    if not commissions:
        return []
    members = {person for one in commissions for person in one.members}
    hours = [one.meets_at for one in commissions]
    between = {"$gt": min(hours) - LASTS, "$lt": max(hours) + LASTS}
    query = {"members": {"$in": list(members)}, "state": "convened", "meets_at": between}
    stored = list(Commission._get_collection().find(query, {"members": 1, "meets_at": 1}))
    hours_of = {row["_id"]: (row["members"], row["meets_at"]) for row in stored}
    hours_of |= {one.id: (one.members, one.meets_at) for one in commissions}
    return sorted(_clashes(commissions, hours_of), key=lambda clash: (clash.meets_at, clash.name))


def _clashes(commissions: Sequence[Any], hours_of: dict[ObjectId, tuple[Any, datetime]]) -> Iterable[Clash]:
    for one in commissions:
        for other, (members, hour) in hours_of.items():
            if other != one.id and abs(hour - one.meets_at) < LASTS:
                for person in set(one.members) & set(members):
                    yield Clash(person, _name(one, person), one.meets_at, hour)


def _name(commission: Any, person: ObjectId) -> str:
    return next((seat.name for seat in commission.seats if seat.person == person), "")


def calendar_file(commissions: Iterable[Commission], at: datetime) -> bytes:
    """One event each, to be imported or subscribed to: the place, the hour, the candidate's number, and where to read
    the rest once signed in. No name: calendars are synchronised far and wide. One query.
    """
    commissions = list(commissions)
    ids = {one.candidacy for one in commissions}
    numbers = dict(Candidacy.objects(pk__in=ids).scalar("id", "candidate_number"))
    made = icalendar.Calendar()
    made.add("prodid", "-//Portfolio E5//BTS Assurance//FR")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    for one in commissions:
        made.add_component(_event(one, numbers[one.candidacy], at))
    return bytes(made.to_ical())


def _event(commission: Commission, number: str, at: datetime) -> icalendar.Event:
    site = current().settings.public_url
    fictional = "FICTIF " if is_rehearsal(commission.session) else ""
    event = icalendar.Event()
    event.add("uid", f"commission-{commission.id}@{urlsplit(site).hostname}")
    event.add("dtstamp", at.astimezone(UTC))
    event.add("sequence", commission.revision - 1)
    event.add("dtstart", commission.meets_at.astimezone(UTC))
    event.add("duration", LASTS)
    event.add("summary", f"{fictional}Commission E5, candidat n° {number}")
    event.add("location", commission.place)
    event.add("url", f"{site}/classe/commissions/{commission.id}")
    event.add("status", "CONFIRMED" if commission.state == "convened" else "CANCELLED")
    event.add("class", "PRIVATE")
    return event


@dataclass(frozen=True)
class Unconvened:
    """tutors: of the periods that took place, by person, each with the company."""

    candidacy: Candidacy
    tutors: dict[ObjectId, str]


def unconvened(by: Actor, session: str) -> list[Unconvened]:
    """Whom this teacher follows, in CCF, and nobody has convened a commission for: three queries."""
    mine = {"$and": [scope(by, Action.CONVENE, Candidacy), {"followers": by.id, "session": session, "ccf.form": "ccf"}]}
    candidacies = list(Candidacy.objects(__raw__=mine).order_by("name_key", "id"))
    ids = [one.id for one in candidacies]
    convened = set(Commission.objects(candidacy__in=ids, state="convened").scalar("candidacy"))
    tutors: dict[ObjectId, dict[ObjectId, str]] = {one: {} for one in ids}
    for placement in Placement.objects(candidacy__in=ids, cancelled_at=None).order_by("-starts_on"):
        tutors[placement.candidacy][placement.tutor] = f"{placement.tutor_name}, {placement.company_name}"
    return [Unconvened(one, tutors[one.id]) for one in candidacies if one.id not in convened]


class SitsElsewhere(NotNow):
    """A doubt for a person to settle, not a rule: the circular states no length."""

    code = "sits_elsewhere"
    detail = "Un même membre siégerait à deux commissions en même temps : {hours}. Changez l'heure, ou confirmez."


def refuse_clashes(commissions: Sequence[Any], zone: str) -> None:
    """Raises SitsElsewhere, with the hours in the academy's zone."""
    hours = {clash.meets_at.astimezone(ZoneInfo(zone)) for clash in clashes_with(commissions)}
    if hours:
        raise SitsElsewhere(hours=", ".join(f"{hour:%d/%m} à {hour:%H h %M}" for hour in sorted(hours)))
