"""The board of a class, for its teachers: contents of each portfolio, sign-offs, lateness.

It uses the same pure computations as one portfolio (`overview`), on rows, in a constant number of queries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.commission.calendar import EVALUATED
from portfolio.documents import (
    Academy,
    Activity,
    Attestation,
    Candidacy,
    Commission,
    Evidence,
    EvidenceFile,
    Placement,
    Portfolio,
    ProposedPlacement,
    RealityEvaluation,
)
from portfolio.documents.attestations import SignOffState
from portfolio.documents.candidacies import IN_CCF, ProposedState
from portfolio.documents.commissions import CommissionState
from portfolio.documents.fields import Thing
from portfolio.documents.people import Role
from portfolio.documents.portfolios import FileState, PieceState, PortfolioState
from portfolio.documents.rows import Row
from portfolio.enrolment.deadline import known_deadline
from portfolio.enrolment.pinned import referential_of
from portfolio.evidence.piece_fields import readable
from portfolio.identifiers import session_in_preparation
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor
from portfolio.sign_offs.answering.standing import PieceToSign, SignOffs
from portfolio.sign_offs.answering.status import ACCEPTING, SEATS, compute, to_sign
from portfolio.store.digests import digest, shown_content
from portfolio.store.together import Wanted, together

ORDERS = ("late", "name", "coverage")
# Fields that a board does not use, left out because reading them is slow.
HIDDEN: dict[type, tuple[str, ...]] = {
    Attestation: ("statement", "comment", "signer_name", "signer_function", "pieces.title", "school", "given_in"),
    Evidence: ("description", "details", "links", "criteria", "tool_families", "competences.justification"),
    RealityEvaluation: ("text", "earlier"),
}


@dataclass(frozen=True)
class Proved:
    """A competence. declared: the number of readable pieces that claim it. accepted: the number of those signed off."""

    code: str
    declared: int
    accepted: int


@dataclass(frozen=True)
class Signed:
    """Numbers of activities that one seat must sign.

    partly: those of `accepted` confirmed in part. owed: those to ask, to ask again, or to discuss.
    """

    needed: int = 0
    accepted: int = 0
    waiting: int = 0
    partly: int = 0

    @property
    def owed(self) -> int:
        return self.needed - self.accepted - self.waiting


@dataclass(frozen=True)
class BoardLine:
    """One portfolio. pieces: those of which something can be read; drafts: those of them that lack something.

    deadline, provisional, overdue: as the reader may know them (`known_deadline`). waiting_since: the oldest request
    without an answer.
    meets_at: of the commission, None if the reader may not know of it. deadline_before: the one that the last move
    replaced, on moved_at; None if it never moved, or the reader may not know of adaptations. proposed: periods that
    wait for the school's answer.
    """

    candidacy: Row
    portfolio: Row
    deadline: datetime
    provisional: bool
    overdue: bool
    pieces: int
    drafts: int
    proved: tuple[Proved, ...]
    tutor: Signed
    teacher: Signed
    waiting_since: datetime | None
    placements: int
    reality_missing: int
    contested: int
    meets_at: datetime | None
    proposed: int
    deadline_before: datetime | None
    moved_at: datetime | None

    @property
    def uncovered(self) -> tuple[str, ...]:
        return tuple(competence.code for competence in self.proved if not competence.declared)

    @property
    def lateness(self) -> tuple[bool, bool, int, int]:
        """Returns a sort key, larger for who is further behind: (past its deadline, still open, number of all that is
        lacking, number of sign-offs asked for and not answered, which the one before counts too).
        """
        waiting = self.tutor.waiting + self.teacher.waiting
        owed = self.tutor.owed + self.teacher.owed + self.reality_missing + self.contested
        return (
            self.overdue,
            self.portfolio["state"] == PortfolioState.OPEN,
            owed + waiting + len(self.uncovered),
            waiting,
        )


@dataclass(frozen=True)
class Board:
    """The lines of a class. sessions, divisions: the teacher's choices. zones: {academy: its time zone}."""

    session: str | None
    sessions: tuple[str, ...]
    divisions: tuple[str, ...]
    lines: tuple[BoardLine, ...]
    zones: dict[str, str]


def board(
    by: Actor, at: datetime, session: str | None = None, division: str | None = None, *, all_of_school: bool = False
) -> Board:
    """Returns the portfolios that this teacher follows, in the order of names; with all_of_school, every readable one
    of the school. session: by default, or if unknown there, the current one. division: of one class only. Raises
    UnknownCircular.
    """
    schools = by.values(Role.TEACHER, "school")
    known = _known(schools)
    session = session if session in known else current_session(known, at)
    query: dict[str, Any] = {"school": {"$in": schools}, "session": session, **IN_CCF}
    query |= {"division": division} if division else {}
    query |= {} if all_of_school else {"followers": by.id}
    candidacies = _rows(Candidacy, query, sort="name_key")
    lines = _lines(by, candidacies)
    digests = _digests([below for _, below in lines])
    zones = {row["code"]: row["timezone"] for row in _rows(Academy, {})}
    rows = tuple(_line(by, candidacy, below, digests, zones, at) for candidacy, below in lines)
    return Board(session, tuple(sorted(known)), tuple(sorted(known.get(session or "", ()))), rows, zones)


def ordered(lines: Iterable[BoardLine], order: str) -> list[BoardLine]:
    """Returns the lines, given in the order of names, in one of ORDERS (any other: as given): latest first, or most
    uncovered first; ties keep names.
    """
    if order == "late":
        return sorted(lines, key=lambda line: line.lateness, reverse=True)
    if order == "coverage":
        return sorted(lines, key=lambda line: len(line.uncovered), reverse=True)
    return list(lines)


def current_session(sessions: Iterable[str], at: datetime) -> str | None:
    """Returns the next session, a real one before its rehearsal; else the last one held; None without any. Pure."""
    coming = sorted(session for session in sessions if session[:4] >= session_in_preparation(at))
    return coming[0] if coming else max(sessions, default=None)


def _known(schools: list[ObjectId]) -> dict[str, set[str]]:
    """Returns {session: divisions} of the candidates of these schools."""
    divisions: dict[str, set[str]] = defaultdict(set)
    group = {"_id": {"session": "$session", "division": "$division"}}
    for row in Candidacy._get_collection().aggregate([{"$match": {"school": {"$in": schools}}}, {"$group": group}]):
        divisions[row["_id"]["session"]] |= {row["_id"]["division"]} - {None} if "division" in row["_id"] else set()
    return divisions


def _rows(kind: type[Thing], query: dict[str, Any], sort: str = "_id") -> list[Row]:
    hidden = dict.fromkeys(HIDDEN.get(kind, ()), 0) or None
    return [Row(kind, raw) for raw in kind._get_collection().find(query, hidden, batch_size=10_000).sort(sort, 1)]


RowsBelow = dict[type, list[Row]]


def _lines(by: Actor, candidacies: list[Row]) -> list[tuple[Row, RowsBelow]]:
    """Returns each candidacy with a readable portfolio, and the rows below it by kind."""
    below: dict[ObjectId, RowsBelow] = {candidacy.id: defaultdict(list) for candidacy in candidacies}
    ids = {"candidacy": {"$in": list(below)}}
    queries: dict[type[Thing], dict[str, Any]] = {
        Portfolio: scope(by, Action.READ_SIGN_OFFS, Portfolio),
        Activity: {"withdrawn_at": None},
        Evidence: {"state": {"$ne": PieceState.WITHDRAWN}},
        Attestation: {},
        Placement: {"cancelled_at": None},
        ProposedPlacement: {
            "$and": [
                {"state": ProposedState.PROPOSED},
                scope(by, Action.READ_PROPOSED_PLACEMENT, ProposedPlacement),
            ]
        },
        RealityEvaluation: {"state": {"$in": EVALUATED}},
        Commission: {"$and": [{"state": CommissionState.CONVENED}, scope(by, Action.READ_COMMISSION, Commission)]},
    }
    asked = [
        Wanted(kind._get_collection_name(), {"$and": [ids, query]}, dict.fromkeys(HIDDEN.get(kind, ()), 0))
        for kind, query in queries.items()
    ]
    for kind, rows in zip(queries, together(*asked), strict=True):
        for row in rows:
            below[row["candidacy"]][kind].append(Row(kind, row))
    return [(candidacy, below[candidacy.id]) for candidacy in candidacies if below[candidacy.id][Portfolio]]


def _digests(everything: list[RowsBelow]) -> dict[ObjectId, str]:
    """Returns {piece: digest of its content shown today} of those with an answer and of incomplete ones that can be
    read. Two queries.

    A ready piece never changes at the same revision: of these, only one that moved since the answer is read whole.
    """
    answered: dict[ObjectId, dict[int, str]] = defaultdict(dict)
    for attestation in (attestation for below in everything for attestation in below[Attestation]):
        for piece in attestation["pieces"] or ():
            answered[piece["evidence"]][piece["revision"]] = piece["digest"]
    pieces = [piece for below in everything for piece in below[Evidence]]
    incomplete = [piece["_id"] for piece in pieces if piece["state"] == PieceState.DRAFT]
    current = {
        piece["_id"]: answered[piece["_id"]].get(piece["revision"]) for piece in pieces if piece["_id"] in answered
    } | dict.fromkeys(incomplete)
    moved = {"$in": [key for key, known in current.items() if known is None]}
    files: dict[ObjectId, list[Any]] = defaultdict(list)
    for file in _rows(EvidenceFile, {"evidence": moved, "removed_at": None, "state": FileState.VERIFIED}):
        files[file["evidence"]].append(file)
    for raw in Evidence._get_collection().find({"_id": moved}, batch_size=10_000):
        whole: Any = Row(Evidence, raw)
        if readable(whole, files[whole.id]):
            current[whole.id] = digest(shown_content(whole, files[whole.id]))
    return {key: known for key, known in current.items() if known is not None}


def _line(
    by: Actor, candidacy: Row, below: RowsBelow, digests: dict[ObjectId, str], zones: dict[str, str], at: datetime
) -> BoardLine:
    portfolio, signed = below[Portfolio][0], _sign_offs(below, digests)
    gone = portfolio["state"] == PortfolioState.ELIMINATED
    handed_in = _handed_in(below, digests)
    evaluated = {evaluation["placement"] for evaluation in below[RealityEvaluation]}
    requests = [request for request in below[Attestation] if request["state"] == SignOffState.REQUESTED]
    deadline = known_deadline(by, candidacy, zones[candidacy["academy"]])
    tutor, teacher = (_signed(seat, signed) for seat in SEATS)
    moves = candidacy["deadline_moves"] if deadline.own else None
    moved = moves[-1] if moves else None
    return BoardLine(
        candidacy=candidacy,
        portfolio=portfolio,
        deadline=deadline.at,
        provisional=deadline.provisional,
        overdue=deadline.own and portfolio["state"] == PortfolioState.OPEN and at > deadline.at,
        pieces=len(handed_in),
        drafts=sum(piece["state"] == PieceState.DRAFT for piece in handed_in),
        proved=() if gone else _proved(candidacy, handed_in, signed),
        tutor=tutor,
        teacher=teacher,
        waiting_since=min((request["created_at"] for request in requests), default=None),
        placements=len(below[Placement]),
        reality_missing=sum(placement.id not in evaluated for placement in below[Placement] if not gone),
        contested=sum(placement["contested_at"] is not None for placement in below[Placement]),
        meets_at=below[Commission][0]["meets_at"] if below[Commission] else None,
        proposed=len(below[ProposedPlacement]),
        deadline_before=moved.before if moved else None,
        moved_at=moved.moved_at if moved else None,
    )


def _handed_in(below: RowsBelow, digests: dict[ObjectId, str]) -> list[Row]:
    return [piece for piece in below[Evidence] if piece["state"] == PieceState.READY or piece["_id"] in digests]


def _sign_offs(below: RowsBelow, digests: dict[ObjectId, str]) -> SignOffs:
    pieces = [
        PieceToSign(
            id=piece.id,
            activity=piece["activity"],
            title=piece["title"],
            nature=piece["nature"],
            by_teacher=piece["entered_by"] is not None,
            digest=digests.get(piece.id, ""),
        )
        for piece in _handed_in(below, digests)
    ]
    activities = [to_sign(activity) for activity in below[Activity]]  # type: ignore[arg-type]
    return compute(activities, pieces, below[Attestation])  # type: ignore[arg-type]


def _signed(seat: str, signed: SignOffs) -> Signed:
    statuses = [of_seat[seat] for of_seat in signed.statuses.values() if of_seat[seat] != "not_needed"]
    accepted = sum(status in ACCEPTING for status in statuses)
    waiting, partly = statuses.count(SignOffState.REQUESTED), statuses.count(SignOffState.PARTLY)
    return Signed(len(statuses), accepted, waiting, partly)


def _proved(candidacy: Row, pieces: list[Row], signed: SignOffs) -> tuple[Proved, ...]:
    claims: dict[str, list[bool]] = defaultdict(list)
    for piece in pieces:
        accepted = piece["_id"] in signed.accepted_pieces
        for proof in piece["competences"] or ():
            claims[proof["competence"]].append(accepted)
    competences = referential_of(candidacy).competences  # type: ignore[arg-type]
    return tuple(Proved(code, len(claims[code]), sum(claims[code])) for code in competences)
