"""Dates of commissions, for the teachers who convene them: slots, clashes, candidates who have none yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.documents import Candidacy, Commission, OfficeOutcome, Placement
from portfolio.documents.candidacies import IN_CCF
from portfolio.documents.commissions import CommissionState
from portfolio.errors import NotNow, RuleSource
from portfolio.identifiers import name_key
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor

LONGEST_MIN = 480
SHORTEST_MIN = 5


@dataclass(frozen=True)
class Clash:
    """Two commissions of one member at the same time. name: the member's name as written on the commission."""

    person: ObjectId
    name: str
    meets_at: datetime
    with_at: datetime


def slots(first: datetime, minutes: int, count: int) -> list[datetime]:
    """Returns `count` appointments, `minutes` apart, from `first` on. Pure."""
    return [first + timedelta(minutes=minutes * rank) for rank in range(count)]


def clashes_with(commissions: Sequence[Commission]) -> list[Clash]:
    """Returns clashes between these commissions (stored or not) and any other of their members', by hour and name; []
    if there are none. One query. Reveals only the hour of a commission elsewhere.
    """
    if not commissions:
        return []
    members = {person for commission in commissions for person in commission.members}
    first = min(commission.meets_at for commission in commissions)
    last = max(_until(commission.meets_at, commission.lasts_min) for commission in commissions)
    between = {"$gt": first - timedelta(minutes=LONGEST_MIN), "$lt": last}
    query = {"members": {"$in": list(members)}, "state": CommissionState.CONVENED, "meets_at": between}
    stored = list(Commission._get_collection().find(query, {"members": 1, "meets_at": 1, "lasts_min": 1}))
    others = {row["_id"]: _Sitting(row["members"], row["meets_at"], row["lasts_min"]) for row in stored}
    others |= {given.id: _Sitting(given.members, given.meets_at, given.lasts_min) for given in commissions}
    return sorted(_clashes(commissions, others), key=lambda clash: (clash.meets_at, name_key(clash.name)))


class _Sitting(NamedTuple):
    members: list[ObjectId]
    meets_at: datetime
    lasts_min: int


def _until(meets_at: datetime, lasts_min: int) -> datetime:
    return meets_at + timedelta(minutes=lasts_min)


def _clashes(commissions: Sequence[Commission], others: dict[ObjectId, _Sitting]) -> Iterable[Clash]:
    for commission in commissions:
        until = _until(commission.meets_at, commission.lasts_min)
        for other, (members, hour, lasts_min) in others.items():
            if other != commission.id and hour < until and commission.meets_at < _until(hour, lasts_min):
                for person in set(commission.members) & set(members):
                    yield Clash(person, _name(commission, person), commission.meets_at, hour)


def _name(commission: Commission, person: ObjectId) -> str:
    return next((seat.name for seat in commission.seats if seat.person == person), "")


@dataclass(frozen=True)
class Unconvened:
    """A candidate without a commission. tutors: those of placements not cancelled: {person: "name, company"}."""

    candidacy: Candidacy
    tutors: dict[ObjectId, str]


def unconvened(by: Actor, session: str) -> list[Unconvened]:
    """Returns the candidates in CCF of a session whom this teacher follows and who have neither a commission yet nor
    an outcome without appraisal, in the order of names, with their tutors {person id: « name, company »}. Four queries.
    """
    followed = {"followers": by.id, "session": session, **IN_CCF}
    query = {"$and": [scope(by, Action.CONVENE, Candidacy), followed]}
    candidacies = list(Candidacy.objects(__raw__=query).order_by("name_key", "id"))
    ids = [candidacy.id for candidacy in candidacies]
    convened = set(Commission.objects(candidacy__in=ids, state=CommissionState.CONVENED).scalar("candidacy"))
    settled = convened | set(OfficeOutcome.objects(candidacy__in=ids, live=True).scalar("candidacy"))
    tutors: dict[ObjectId, dict[ObjectId, str]] = {candidacy_id: {} for candidacy_id in ids}
    for placement in Placement.objects(candidacy__in=ids, cancelled_at=None, tutor__ne=None).order_by("-starts_on"):
        tutors[placement.candidacy][placement.tutor] = f"{placement.tutor_name}, {placement.company_name}"
    return [Unconvened(candidacy, tutors[candidacy.id]) for candidacy in candidacies if candidacy.id not in settled]


class SitsElsewhere(NotNow):
    """A warning that the teacher may override, not a rule: the circular states no length."""

    code = "sits_elsewhere"
    source = RuleSource.LIMIT
    detail = "Un même membre siégerait à deux commissions en même temps : {hours}. Changez l'heure, ou confirmez."


def refuse_clashes(commissions: Sequence[Commission], zone: str) -> None:
    """Raises SitsElsewhere, with the hours in `zone` (the academy's), if a member would sit at two at once."""
    hours = {clash.meets_at.astimezone(ZoneInfo(zone)) for clash in clashes_with(commissions)}
    if hours:
        raise SitsElsewhere(hours=", ".join(f"{hour:%d/%m} à {hour:%H h %M}" for hour in sorted(hours)))
