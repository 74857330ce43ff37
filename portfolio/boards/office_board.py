"""Who owes what by when, for the office of one school and session: candidates, tutors, teachers, commissions, itself.

No mark, no degree, no piece, and of a sheet only that it is signed or sent. A constant number of commands.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.boards.class_board import current_session
from portfolio.commission.calendar import EVALUATED
from portfolio.documents import (
    Attestation,
    Candidacy,
    Commission,
    Person,
    Placement,
    Portfolio,
    RealityEvaluation,
    School,
    Sheet,
)
from portfolio.documents.rows import Row
from portfolio.enrolment.institutions import academy_of
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.circular_terms import Circular
from portfolio.submission.submit import circular_of, deadline_in

OWING = ("office", "commission", "candidate", "tutor", "teacher")


@dataclass(frozen=True)
class Owed:
    """who: of OWING. what: a code that the page puts into words. due: None where nothing says by when.

    detail: a number, a name or a company. thing: the sheet, commission, placement or person that it is about.
    """

    who: str
    what: str
    candidacy: Row
    due: datetime | None
    late: bool
    detail: str = ""
    since: datetime | None = None
    thing: Any = None


@dataclass(frozen=True)
class Counts:
    candidates: int
    in_ccf: int
    submitted: int
    convened: int
    signed: int
    transmitted: int


@dataclass(frozen=True)
class OfficeBoard:
    """sessions, divisions: what this office may choose from. circular: None while nobody is enrolled."""

    school: School
    zone: str
    session: str | None
    sessions: tuple[str, ...]
    division: str | None
    divisions: tuple[str, ...]
    circular: Circular | None
    counts: Counts
    owed: tuple[Owed, ...]

    def by(self, who: str) -> list[Owed]:
        """The latest first, then by what is due soonest."""
        far = datetime.max.replace(tzinfo=ZoneInfo("UTC"))
        return sorted((one for one in self.owed if one.who == who), key=lambda one: (not one.late, one.due or far))


def sessions_of(school: School) -> dict[str, set[str]]:
    """{session: divisions} of a school's candidates, in one command."""
    found: dict[str, set[str]] = defaultdict(set)
    group = {"_id": {"session": "$session", "division": "$division"}}
    for row in Candidacy._get_collection().aggregate([{"$match": {"school": school.id}}, {"$group": group}]):
        found[row["_id"]["session"]] |= {row["_id"]["division"]} - {None} if "division" in row["_id"] else set()
    return found


def office_board(
    by: Actor, school: School, at: datetime, session: str | None = None, division: str | None = None
) -> OfficeBoard:
    require(by, Action.ENROL, school)
    known = sessions_of(school)
    session = session if session in known else current_session(known, at)
    divisions = known.get(session or "", set())
    division = division if division in divisions else None
    zone = academy_of(school.academy).timezone
    query: dict[str, Any] = {"school": school.id, "session": session} | ({"division": division} if division else {})
    candidacies = _rows(Candidacy, query, sort="name_key")
    found = _below(by, candidacies)
    return OfficeBoard(
        school=school,
        zone=zone,
        session=session,
        sessions=tuple(sorted(known)),
        division=division,
        divisions=tuple(sorted(divisions)),
        circular=circular_of(candidacies[-1]) if candidacies else None,
        counts=_counts(candidacies, found),
        owed=tuple(one for candidacy in candidacies for one in _owed(candidacy, found[candidacy.id], zone, at)),
    )


Found = dict[type, list[Row]]


def _rows(kind: Any, query: dict[str, Any], sort: str = "_id") -> list[Row]:
    return [Row(kind, raw) for raw in kind._get_collection().find(query, batch_size=10_000).sort(sort, 1)]


def _below(by: Actor, candidacies: list[Row]) -> dict[ObjectId, Found]:
    found: dict[ObjectId, Found] = {one.id: defaultdict(list) for one in candidacies}
    ids = {"candidacy": {"$in": list(found)}}
    queries: dict[type, dict[str, Any]] = {
        Portfolio: scope(by, Action.READ_CONFORMITY, Portfolio),
        Placement: {"$and": [{"cancelled_at": None}, scope(by, Action.READ_PLACEMENT, Placement)]},
        Attestation: {"state": "requested", "seat": "tutor"},
        RealityEvaluation: {"state": {"$in": EVALUATED}},
        Commission: {"$and": [{"state": "convened"}, scope(by, Action.READ_COMMISSION, Commission)]},
        Sheet: {"$and": [{"live": True}, scope(by, Action.READ_SHEET, Sheet)]},
    }
    for kind, query in queries.items():
        for row in _rows(kind, {"$and": [ids, query]}):
            found[row["candidacy"]][kind].append(row)
    return _with_dead_addresses(found, candidacies)


def _with_dead_addresses(found: dict[ObjectId, Found], candidacies: list[Row]) -> dict[ObjectId, Found]:
    whose: dict[ObjectId, set[ObjectId]] = defaultdict(set)
    for one in candidacies:
        whose[one.person].add(one.id)
        for placement in found[one.id][Placement]:
            whose[placement.tutor].add(one.id)
    for person in _rows(Person, {"_id": {"$in": list(whose)}, "address_failed_at": {"$ne": None}}):
        for candidacy in whose[person.id]:
            found[candidacy][Person].append(person)
    return found


def _counts(candidacies: list[Row], found: dict[ObjectId, Found]) -> Counts:
    below = [found[one.id] for one in candidacies]
    states = Counter(sheet["state"] for one in below for sheet in one[Sheet])
    return Counts(
        candidates=len(candidacies),
        in_ccf=sum(one.ccf.form == "ccf" for one in candidacies),
        submitted=sum(one["state"] != "open" and one["submissions"] > 0 for each in below for one in each[Portfolio]),
        convened=sum(bool(one[Commission]) for one in below),
        signed=sum(states.values()),
        transmitted=states["transmitted"] + states["final"],
    )


def _owed(candidacy: Row, found: Found, zone: str, at: datetime) -> Iterator[Owed]:
    """Pure. Nothing is owed any more for a candidate whose sheet the jury has."""

    def owed(who: str, what: str, due: datetime | None, **more: Any) -> Owed:
        return Owed(who, what, candidacy, due, late=due is not None and at > due, **more)

    for person in found[Person]:
        yield owed("office", "address", None, detail=f"{person.given_names} {person.family_name}", thing=person.id)
    sheet = found[Sheet][0] if found[Sheet] else None
    if sheet is not None and sheet["state"] == "proposed":
        yield owed("office", "transmit", _closes(candidacy, zone), detail=sheet["number"], thing=sheet.id)
    if candidacy.ccf.form != "ccf" or sheet is not None:
        return
    deadline = deadline_in(candidacy, zone)
    yield from _preparing(candidacy, found, deadline, owed)
    if not found[Commission] and candidacy.followers:
        yield owed("office", "convene", _closes(candidacy, zone))
    elif found[Commission] and found[Commission][0]["meets_at"] <= at:
        met = found[Commission][0]
        yield owed("commission", "sign", _closes(candidacy, zone), since=met["meets_at"], thing=met.id)


def _preparing(candidacy: Row, found: Found, deadline: datetime, owed: Any) -> Iterator[Owed]:
    if any(one["state"] == "open" for one in found[Portfolio]):
        yield owed("candidate", "submit", deadline)
    if not candidacy.followers:
        yield owed("office", "follower", None)
    if not found[Placement]:
        yield owed("office", "placement", deadline)
    evaluated = {one["placement"] for one in found[RealityEvaluation]}
    for placement in found[Placement]:
        asked = [one for one in found[Attestation] if one["placement"] == placement.id]
        if asked:
            since = min(one["created_at"] for one in asked)
            detail = f"{placement.tutor_name}, {placement.company_name} ({len(asked)})"
            yield owed("tutor", "answer", deadline, detail=detail, since=since, thing=placement.id)
        if placement["contested_at"]:
            since = placement["contested_at"]
            yield owed("office", "contested", None, detail=placement.company_name, since=since, thing=placement.id)
        elif placement.id not in evaluated:
            yield owed("teacher", "reality", deadline, detail=placement.company_name, thing=placement.id)


def _closes(candidacy: Row, zone: str) -> datetime:
    """The last moment of the circular's window for commissions, in the academy's time."""
    day = circular_of(candidacy).commission.closes_on
    return datetime.combine(day, time(23, 59), ZoneInfo(zone))
