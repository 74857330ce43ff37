"""The board of an office, for one school and session: what each role still has to do, and by when.

It shows no mark, no degree and no piece, and of a sheet only whether it is signed or transmitted. A constant number of
queries.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.boards.class_board import RowsBelow, current_session
from portfolio.commission.calendar import EVALUATED
from portfolio.commission.members import empty_seats
from portfolio.documents import (
    Attestation,
    Candidacy,
    Commission,
    EvidenceFile,
    OfficeOutcome,
    Person,
    Placement,
    Portfolio,
    ProposedPlacement,
    RealityEvaluation,
    School,
    Sheet,
)
from portfolio.documents.attestations import SignOffState
from portfolio.documents.candidacies import ExamForm, ProposedState
from portfolio.documents.commissions import CommissionState, SheetState
from portfolio.documents.fields import Thing
from portfolio.documents.people import PersonState
from portfolio.documents.portfolios import PortfolioState
from portfolio.documents.rows import Row
from portfolio.enrolment.deadline import deadline_binds, deadline_in
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.pinned import circular_of
from portfolio.enrolment.proposed_placements import answering_teachers
from portfolio.enrolment.schools.habilitations import form_in_doubt
from portfolio.evidence.quarantine.held import HELD
from portfolio.identifiers import TUTOR_TO_BE_NAMED
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.rules.texts.circular_terms import Circular
from portfolio.sign_offs.asking.again import mails_sent, to_ask_again
from portfolio.store.together import Wanted, together

OWING = ("office", "commission", "candidate", "tutor", "teacher")


class Due(NamedTuple):
    """When something is due. provisional: see `Owed`."""

    at: datetime
    provisional: bool


@dataclass(frozen=True)
class Owed:
    """One thing to do. who: one of OWING. what: a code that the page puts into words. due: None without a date.

    provisional: whether nobody read the due date in a circular. detail: a number, a name or a company. thing: the
    sheet, commission, placement or person concerned. mails: of requests, how many left about the one least written to.
    """

    who: str
    what: str
    candidacy: Row
    due: datetime | None
    late: bool
    provisional: bool
    detail: str = ""
    since: datetime | None = None
    thing: ObjectId | None = None
    mails: int = 0


@dataclass(frozen=True)
class Asked:
    """Of all candidates: the teachers who may answer today, the followers whose account is suspended, what is to be
    asked again, the mails about each request, the seats of commissions that nobody fills any more (`empty_seats`).
    """

    teachers: Set[ObjectId]
    suspended: Mapping[ObjectId, str]
    again: Mapping[ObjectId, list[Row]]
    mails: Mapping[ObjectId, int]
    empty_seats: Mapping[ObjectId, Mapping[ObjectId, str]]


@dataclass(frozen=True)
class Counts:
    """Numbers of candidates at each step, without those who gave up."""

    candidates: int
    in_ccf: int
    submitted: int
    convened: int
    signed: int
    transmitted: int


@dataclass(frozen=True)
class ExamOnBoard:
    """One exam (its code) of the session: its candidates at each step, and the circular that the last of them is on."""

    exam: str
    circular: Circular
    counts: Counts


@dataclass(frozen=True)
class OfficeBoard:
    """The board. sessions, divisions: the office's choices. exams: in the order of codes, () without any candidate."""

    school: School
    zone: str
    session: str | None
    sessions: tuple[str, ...]
    division: str | None
    divisions: tuple[str, ...]
    exams: tuple[ExamOnBoard, ...]
    owed: tuple[Owed, ...]

    def by(self, who: str) -> list[Owed]:
        """Returns what a role (`office`, `teacher`, `candidate`, `tutor`, `commission`) has to do: late items first,
        then by due date.
        """
        far = datetime.max.replace(tzinfo=ZoneInfo("UTC"))
        theirs = (item for item in self.owed if item.who == who)
        return sorted(theirs, key=lambda item: (not item.late, item.due or far))


def sessions_of(school: School) -> dict[str, set[str]]:
    """Returns {session: divisions} of a school's candidates. One query."""
    divisions: dict[str, set[str]] = defaultdict(set)
    group = {"_id": {"session": "$session", "division": "$division"}}
    for row in Candidacy._get_collection().aggregate([{"$match": {"school": school.id}}, {"$group": group}]):
        divisions[row["_id"]["session"]] |= {row["_id"]["division"]} - {None} if "division" in row["_id"] else set()
    return divisions


def office_board(
    by: Actor, school: School, at: datetime, session: str | None = None, division: str | None = None
) -> OfficeBoard:
    """Returns the board of a session, the current one by default or if unknown there, and of one division or all.
    Raises NotFound, Forbidden, UnknownCircular.
    """
    require(by, Action.ENROL, school)
    known = sessions_of(school)
    session = session if session in known else current_session(known, at)
    divisions = known.get(session or "", set())
    division = division if division in divisions else None
    zone = academy_of(school.academy).timezone
    query: dict[str, Any] = {"school": school.id, "session": session} | ({"division": division} if division else {})
    candidacies = _rows(Candidacy, query, sort="name_key")
    below = _below(by, candidacies)
    suspended = _people(below, candidacies)
    proposed = any(rows[ProposedPlacement] for rows in below.values())
    asked = _asked(below, answering_teachers(school.id, at) if proposed else set(), suspended, at)
    left = [row for row in candidacies if row.abandoned is None]
    doubts = {row.id for row in left if form_in_doubt(row, school, at.date()) is not None}
    return OfficeBoard(
        school=school,
        zone=zone,
        session=session,
        sessions=tuple(sorted(known)),
        division=division,
        divisions=tuple(sorted(divisions)),
        exams=_by_exam(candidacies, below),
        owed=(
            *(
                Owed("office", "form", candidacy, None, False, False)
                for candidacy in candidacies
                if candidacy.id in doubts
            ),
            *(item for candidacy in candidacies for item in _owed(candidacy, below[candidacy.id], asked, zone, at)),
        ),
    )


def _by_exam(candidacies: list[Row], below: dict[ObjectId, RowsBelow]) -> tuple[ExamOnBoard, ...]:
    of_exam: dict[str, list[Row]] = defaultdict(list)
    for candidacy in candidacies:
        of_exam[candidacy.exam].append(candidacy)
    return tuple(ExamOnBoard(code, circular_of(of[-1]), _counts(of, below)) for code, of in sorted(of_exam.items()))


def _rows(kind: type[Thing], query: dict[str, Any], sort: str = "_id") -> list[Row]:
    return [Row(kind, raw) for raw in kind._get_collection().find(query, batch_size=10_000).sort(sort, 1)]


def _below(by: Actor, candidacies: list[Row]) -> dict[ObjectId, RowsBelow]:
    """Returns {candidacy id: {kind: rows}} of what `by` may read below each: portfolio, placements and commissions that
    stand, requests that wait or lapsed, evaluations, live sheets and outcomes. One query for each kind.
    """
    below: dict[ObjectId, RowsBelow] = {candidacy.id: defaultdict(list) for candidacy in candidacies}
    ids = {"candidacy": {"$in": list(below)}}
    queries: dict[type[Thing], dict[str, Any]] = {
        Portfolio: scope(by, Action.READ_CONFORMITY, Portfolio),
        Placement: {"$and": [{"cancelled_at": None}, scope(by, Action.READ_PLACEMENT, Placement)]},
        Attestation: {"state": {"$in": [SignOffState.REQUESTED, SignOffState.LAPSED]}},
        ProposedPlacement: {
            "$and": [
                {"state": ProposedState.PROPOSED},
                scope(by, Action.READ_PROPOSED_PLACEMENT, ProposedPlacement),
            ]
        },
        RealityEvaluation: {"state": {"$in": EVALUATED}},
        Commission: {"$and": [{"state": CommissionState.CONVENED}, scope(by, Action.READ_COMMISSION, Commission)]},
        Sheet: {"$and": [{"live": True}, scope(by, Action.READ_SHEET, Sheet)]},
        OfficeOutcome: {"$and": [{"live": True}, scope(by, Action.READ_OUTCOME, OfficeOutcome)]},
        EvidenceFile: {"school": {"$in": list({row.school for row in candidacies})}, **HELD},
    }
    asked = [Wanted(kind._get_collection_name(), {"$and": [ids, query]}) for kind, query in queries.items()]
    for kind, rows in zip(queries, together(*asked), strict=True):
        for row in rows:
            below[row["candidacy"]][kind].append(Row(kind, row))
    return below


def _people(below: dict[ObjectId, RowsBelow], candidacies: list[Row]) -> dict[ObjectId, str]:
    """Adds to `below` ({candidacy id: {kind: rows}}), under Person, the candidate and the tutors whose address fails,
    the candidate who has none and never came, and such a follower, once: a tutor without address confirms on paper.
    Returns {id: name} of the followers whose account is suspended. One query.
    """
    live = [row for row in reversed(candidacies) if row.abandoned is None]
    followers = {follower: row.id for row in live for follower in row.followers}  # {id: the first whom they follow}
    whose: dict[ObjectId, set[ObjectId]] = defaultdict(set)
    for row in candidacies:
        whose[row.person].add(row.id)
        for placement in below[row.id][Placement]:
            if placement.tutor is not None:
                whose[placement.tutor].add(row.id)
    awaited = [*(row.person for row in candidacies), *followers]
    fails = {"_id": {"$in": list(whose)}, "address_failed_at": {"$ne": None}}
    never_came = {"_id": {"$in": awaited}, "email": None, "state": PersonState.INVITED}
    cannot_come_in = {"_id": {"$in": list(followers)}, "state": PersonState.SUSPENDED}
    people = _rows(Person, {"$or": [fails, never_came, cannot_come_in]})
    for person in people:
        if person["address_failed_at"] is not None or person["state"] == PersonState.INVITED:
            for candidacy in whose.get(person.id) or {followers[person.id]}:
                below[candidacy][Person].append(person)
    away = [row for row in people if row.id in followers and row["state"] == PersonState.SUSPENDED]
    return {person.id: person.name for person in away}


def _asked(
    below: dict[ObjectId, RowsBelow], teachers: Set[ObjectId], suspended: Mapping[ObjectId, str], at: datetime
) -> Asked:
    """Returns what surrounds the requests and the commissions of all these candidates. Four queries at most."""
    requests = [request for rows in below.values() for request in rows[Attestation]]
    again: dict[ObjectId, list[Row]] = defaultdict(list)
    for request in to_ask_again([request for request in requests if request["state"] == SignOffState.LAPSED]):
        again[request["candidacy"]].append(request)
    mails = mails_sent(request.id for request in requests if request["state"] == SignOffState.REQUESTED)
    convened = [commission for rows in below.values() for commission in rows[Commission]]
    return Asked(teachers, suspended, again, mails, empty_seats(convened, at))


def _counts(candidacies: list[Row], below: dict[ObjectId, RowsBelow]) -> Counts:
    candidacies = [candidacy for candidacy in candidacies if candidacy.abandoned is None]
    kinds = [below[candidacy.id] for candidacy in candidacies]
    states = Counter(sheet["state"] for rows in kinds for sheet in rows[Sheet])
    in_ccf = [candidacy for candidacy in candidacies if candidacy.ccf.form == ExamForm.CCF]
    portfolios = [portfolio for candidacy in in_ccf for portfolio in below[candidacy.id][Portfolio]]
    return Counts(
        candidates=len(candidacies),
        in_ccf=len(in_ccf),
        submitted=sum(row["state"] != PortfolioState.OPEN and row["submissions"] > 0 for row in portfolios),
        convened=sum(bool(rows[Commission]) for rows in kinds),
        signed=sum(states.values()),
        transmitted=states[SheetState.TRANSMITTED] + states[SheetState.FINAL],
    )


class Owing(Protocol):
    """Makes an item of one candidacy, late if it was due by now."""

    def __call__(
        self,
        who: str,
        what: str,
        due: Due | None,
        detail: str = "",
        since: datetime | None = None,
        thing: ObjectId | None = None,
    ) -> Owed: ...


def _owed(candidacy: Row, below: RowsBelow, asked: Asked, zone: str, at: datetime) -> Iterator[Owed]:
    """Yields what is to be done for a candidate; nothing once the jury has the sheet, or an outcome without appraisal,
    but for an address that fails; of who gave up, a sheet that is signed, or a commission that is still convened.
    below: as of `_below`. asked: as of `_asked`. zone: of the academy, IANA name. Pure.
    """

    def owed(
        who: str,
        what: str,
        due: Due | None,
        detail: str = "",
        since: datetime | None = None,
        thing: ObjectId | None = None,
    ) -> Owed:
        if due is None:
            return Owed(who, what, candidacy, None, False, False, detail, since, thing)
        return Owed(who, what, candidacy, due.at, at > due.at, due.provisional, detail, since, thing)

    sheet = below[Sheet][0] if below[Sheet] else None
    if sheet is not None and sheet["state"] == SheetState.PROPOSED:
        yield owed("office", "transmit", _closes(candidacy, zone), detail=sheet["number"], thing=sheet.id)
    if candidacy.abandoned is not None:
        if below[Commission] and sheet is None:
            yield owed("office", "convened_for_nothing", None, thing=below[Commission][0].id)
        return
    for person in below[Person]:
        first = "first_visit" if person.id == candidacy.person else "teacher_visit"
        what = first if person["email"] is None else "address"
        yield owed("office", what, None, detail="" if what == "first_visit" else person.name, thing=person.id)
    for file in below[EvidenceFile]:
        yield owed("office", "held", None, since=file["held_at"], thing=file.id)
    if candidacy.ccf.form != ExamForm.CCF:
        closes = _closes(candidacy, zone)
        if not candidacy.sittings and at > closes.at:
            yield owed("office", "sitting", None)
        return
    if sheet is not None or below[OfficeOutcome]:
        return
    deadline = Due(deadline_in(candidacy, zone), not deadline_binds(candidacy))
    yield from _preparing(candidacy, below, asked, deadline, owed)
    yield from _judging(candidacy, below, asked, _closes(candidacy, zone), owed, at)


def _judging(candidacy: Row, below: RowsBelow, asked: Asked, closes: Due, owed: Owing, at: datetime) -> Iterator[Owed]:
    """Yields what is to be done about the commission, its seats first."""
    if not below[Commission] and candidacy.followers:
        yield owed("office", "convene", closes)
    for commission in below[Commission]:
        meets_at, gone = commission["meets_at"], asked.empty_seats.get(commission.id)
        if gone:
            yield owed("office", "seat", Due(meets_at, False), detail=", ".join(gone.values()), thing=commission.id)
        if meets_at <= at:
            yield owed("commission", "sign", closes, since=meets_at, thing=commission.id)


def _preparing(candidacy: Row, below: RowsBelow, asked: Asked, deadline: Due, owed: Owing) -> Iterator[Owed]:
    """Yields what is to be done before the commission."""
    for proposed in below[ProposedPlacement]:
        who = "teacher" if not asked.teachers.isdisjoint(candidacy.followers) else "office"
        detail, since = proposed.company.name, proposed["created_at"]
        yield owed(who, "proposed", None, detail=detail, since=since, thing=proposed.id)
    if any(portfolio["state"] == PortfolioState.OPEN for portfolio in below[Portfolio]):
        yield owed("candidate", "submit", deadline)
    if asked.suspended.keys() >= set(candidacy.followers):
        names = ", ".join(asked.suspended[follower] for follower in candidacy.followers)
        yield owed("office", "follower", None, detail=f"compte suspendu : {names}" if names else "")
    if not below[Placement]:
        yield owed("office", "placement", deadline)
    again = asked.again.get(candidacy.id, [])
    if again:
        names = ", ".join(dict.fromkeys(request["signer_name"] or TUTOR_TO_BE_NAMED for request in again))
        yield owed("candidate", "ask_again", deadline, detail=f"{names} ({len(again)})")
    evaluated = {evaluation["placement"] for evaluation in below[RealityEvaluation]}
    for placement in below[Placement]:
        waiting = [request for request in below[Attestation] if _waits_for_tutor(request, placement)]
        if placement.tutor is None:
            detail = f"{placement.company_name} ({len(waiting)})" if waiting else placement.company_name
            yield owed("office", "tutor", deadline, detail=detail, thing=placement.id)
        elif waiting:
            since = min(request["created_at"] for request in waiting)
            detail = f"{placement.tutor_name}, {placement.company_name} ({len(waiting)})"
            answer = owed("tutor", "answer", deadline, detail=detail, since=since, thing=placement.id)
            yield replace(answer, mails=min(asked.mails.get(request.id, 0) for request in waiting))
        if placement.certificate_file is not None and not placement.certified:
            yield owed("office", "certificate", None, detail=placement.company_name, thing=placement.id)
        if placement["contested_at"]:
            since = placement["contested_at"]
            yield owed("office", "contested", None, detail=placement.company_name, since=since, thing=placement.id)
        elif placement.id not in evaluated:
            yield owed("teacher", "reality", deadline, detail=placement.company_name, thing=placement.id)


def _waits_for_tutor(request: Row, placement: Row) -> bool:
    awaited = request["state"] == SignOffState.REQUESTED and request["seat"] == SignOffSeat.TUTOR
    return bool(awaited and request["placement"] == placement.id)


def _closes(candidacy: Row, zone: str) -> Due:
    """Returns the last minute of the circular's window for commissions, in this time zone (IANA name)."""
    rules = circular_of(candidacy).commission
    return Due(datetime.combine(rules.closes_on, time(23, 59), ZoneInfo(zone)), not rules.binds)
