"""A whole class at a glance: what each portfolio shows, who signed what off, what is late. For its teachers.

The same pure computations as for one portfolio (`overview`), on rows, in a constant number of commands.
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
    RealityEvaluation,
)
from portfolio.documents.rows import Row
from portfolio.evidence.deposit import rules_of
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor
from portfolio.sign_offs.answering.status import ACCEPTING, SEATS, PieceToSign, SignOffs, compute, to_sign
from portfolio.store.digests import digest, shown_content
from portfolio.submission.submit import deadline_in

ORDERS = ("late", "name", "coverage")
# What a board does not look at, and would pay to read.
HIDDEN: dict[type, tuple[str, ...]] = {
    Attestation: ("statement", "comment", "signer_name", "signer_function", "pieces.title", "school"),
    Evidence: ("description", "details", "links", "criteria", "tool_families", "competences.justification"),
    RealityEvaluation: ("text", "earlier"),
}


@dataclass(frozen=True)
class Proved:
    """How many ready pieces claim a competence, and how many of them are signed off."""

    code: str
    declared: int
    accepted: int


@dataclass(frozen=True)
class Signed:
    """Activities that one seat has to sign, by where they are. owed: to be asked, asked again, or talked over."""

    needed: int = 0
    accepted: int = 0
    waiting: int = 0

    @property
    def owed(self) -> int:
        return self.needed - self.accepted - self.waiting


@dataclass(frozen=True)
class Line:
    """waiting_since: the oldest request without an answer. meets_at: where this reader may know of the commission."""

    candidacy: Row
    portfolio: Row
    deadline: datetime
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

    @property
    def uncovered(self) -> tuple[str, ...]:
        return tuple(one.code for one in self.proved if not one.declared)

    @property
    def lateness(self) -> tuple[Any, ...]:
        """The larger, the more is late."""
        waiting = self.tutor.waiting + self.teacher.waiting
        owed = self.tutor.owed + self.teacher.owed + self.reality_missing + self.contested
        return (self.overdue, self.portfolio["state"] == "open", owed + waiting + len(self.uncovered), waiting)


@dataclass(frozen=True)
class Board:
    """sessions, divisions: what this teacher may choose from. zones: {academy: its time zone}."""

    session: str | None
    sessions: tuple[str, ...]
    divisions: tuple[str, ...]
    lines: tuple[Line, ...]
    zones: dict[str, str]


def board(
    by: Actor, at: datetime, session: str | None = None, division: str | None = None, *, all_of_school: bool = False
) -> Board:
    """Those this teacher follows; all_of_school: every portfolio of the school that they may read."""
    schools = by.values("teacher", "school")
    known = _known(schools)
    session = session if session in known else current_session(known, at)
    query: dict[str, Any] = {"school": {"$in": schools}, "session": session, "ccf.form": "ccf"}
    query |= {"division": division} if division else {}
    query |= {} if all_of_school else {"followers": by.id}
    candidacies = _rows(Candidacy, query, sort="name_key")
    lines = _lines(by, candidacies)
    digests = _digests([found for _, found in lines])
    zones = {row["code"]: row["timezone"] for row in _rows(Academy, {})}
    made = (_line(one, found, digests, zones, at) for one, found in lines)
    return Board(session, tuple(sorted(known)), tuple(sorted(known.get(session or "", ()))), tuple(made), zones)


def ordered(lines: Iterable[Line], order: str) -> list[Line]:
    """order: of ORDERS. Names come in their own order, also between equals."""
    if order == "late":
        return sorted(lines, key=lambda line: line.lateness, reverse=True)
    if order == "coverage":
        return sorted(lines, key=lambda line: len(line.uncovered), reverse=True)
    return list(lines)


def current_session(sessions: Iterable[str], at: datetime) -> str | None:
    """The next one to be held, a real one before its rehearsal; else the last one that was. Pure."""
    year = exam_year(at)
    coming = sorted(one for one in sessions if one[:4] >= year)
    return coming[0] if coming else max(sessions, default=None)


def exam_year(at: datetime) -> str:
    """Sessions are held in June: from September on, the next year's."""
    return str(at.year + (at.month >= 9))


def _known(schools: list[Any]) -> dict[str, set[str]]:
    """{session: divisions} of the candidates of these schools."""
    found: dict[str, set[str]] = defaultdict(set)
    group = {"_id": {"session": "$session", "division": "$division"}}
    for row in Candidacy._get_collection().aggregate([{"$match": {"school": {"$in": schools}}}, {"$group": group}]):
        found[row["_id"]["session"]] |= {row["_id"]["division"]} - {None} if "division" in row["_id"] else set()
    return found


def _rows(kind: Any, query: dict[str, Any], sort: str = "_id") -> list[Row]:
    hidden = dict.fromkeys(HIDDEN.get(kind, ()), 0) or None
    return [Row(kind, raw) for raw in kind._get_collection().find(query, hidden, batch_size=10_000).sort(sort, 1)]


Found = dict[type, list[Row]]


def _lines(by: Actor, candidacies: list[Row]) -> list[tuple[Row, Found]]:
    """Each candidacy that has a portfolio this person may read, with all that hangs below it, by kind."""
    below: dict[ObjectId, Found] = {one.id: defaultdict(list) for one in candidacies}
    ids = {"candidacy": {"$in": list(below)}}
    queries: dict[type, dict[str, Any]] = {
        Portfolio: scope(by, Action.READ_SIGN_OFFS, Portfolio),
        Activity: {"withdrawn_at": None},
        Evidence: {"state": {"$ne": "withdrawn"}},
        Attestation: {},
        Placement: {"cancelled_at": None},
        RealityEvaluation: {"state": {"$in": EVALUATED}},
        Commission: {"$and": [{"state": "convened"}, scope(by, Action.READ_COMMISSION, Commission)]},
    }
    for kind, query in queries.items():
        for row in _rows(kind, {"$and": [ids, query]}):
            below[row["candidacy"]][kind].append(row)
    return [(one, below[one.id]) for one in candidacies if below[one.id][Portfolio]]


def _digests(everything: list[Found]) -> dict[ObjectId, str]:
    """{ready piece that somebody answered for: digest of what is shown of it today}. Two commands.

    A ready piece never changes at the same revision: it is read whole only where it moved since an answer.
    """
    answered: dict[ObjectId, dict[int, str]] = defaultdict(dict)
    for one in (one for found in everything for one in found[Attestation]):
        for piece in one["pieces"] or ():
            answered[piece["evidence"]][piece["revision"]] = piece["digest"]
    ready = [piece for found in everything for piece in found[Evidence] if piece["state"] == "ready"]
    current = {one["_id"]: answered[one["_id"]].get(one["revision"]) for one in ready if one["_id"] in answered}
    moved = {"$in": [key for key, known in current.items() if known is None]}
    files: dict[ObjectId, list[Any]] = defaultdict(list)
    for file in _rows(EvidenceFile, {"evidence": moved, "removed_at": None, "state": "verified"}):
        files[file["evidence"]].append(file)
    for raw in Evidence._get_collection().find({"_id": moved}, batch_size=10_000):
        whole: Any = Row(Evidence, raw)
        current[whole.id] = digest(shown_content(whole, files[whole.id]))
    return {key: known for key, known in current.items() if known is not None}


def _line(candidacy: Row, found: Found, digests: dict[ObjectId, str], zones: dict[str, str], at: datetime) -> Line:
    portfolio, signed = found[Portfolio][0], _sign_offs(found, digests)
    gone = portfolio["state"] == "eliminated"
    ready = [piece for piece in found[Evidence] if piece["state"] == "ready"]
    evaluated = {one["placement"] for one in found[RealityEvaluation]}
    waiting = [one["created_at"] for one in found[Attestation] if one["state"] == "requested"]
    deadline = deadline_in(candidacy, zones[candidacy["academy"]])
    tutor, teacher = (_signed(seat, signed) for seat in SEATS)
    return Line(
        candidacy=candidacy,
        portfolio=portfolio,
        deadline=deadline,
        overdue=portfolio["state"] == "open" and at > deadline,
        pieces=len(ready),
        drafts=len(found[Evidence]) - len(ready),
        proved=() if gone else _proved(candidacy, ready, signed),
        tutor=tutor,
        teacher=teacher,
        waiting_since=min(waiting, default=None),
        placements=len(found[Placement]),
        reality_missing=sum(one.id not in evaluated for one in found[Placement] if not gone),
        contested=sum(one["contested_at"] is not None for one in found[Placement]),
        meets_at=found[Commission][0]["meets_at"] if found[Commission] else None,
    )


def _sign_offs(found: Found, digests: dict[ObjectId, str]) -> SignOffs:
    pieces = [
        PieceToSign(
            id=piece.id,
            activity=piece["activity"],
            title=piece["title"],
            nature=piece["nature"],
            by_teacher=piece["entered_by"] is not None,
            digest=digests.get(piece.id, ""),
        )
        for piece in found[Evidence]
        if piece["state"] == "ready"
    ]
    activities = [to_sign(one) for one in found[Activity]]  # type: ignore[arg-type]
    return compute(activities, pieces, found[Attestation])  # type: ignore[arg-type]


def _signed(seat: str, signed: SignOffs) -> Signed:
    statuses = [one[seat] for one in signed.statuses.values() if one[seat] != "not_needed"]
    accepted = sum(status in ACCEPTING for status in statuses)
    return Signed(len(statuses), accepted, statuses.count("requested"))


def _proved(candidacy: Row, ready: list[Row], signed: SignOffs) -> tuple[Proved, ...]:
    claims: dict[str, list[bool]] = defaultdict(list)
    for piece in ready:
        accepted = piece["_id"] in signed.accepted_pieces
        for proof in piece["competences"] or ():
            claims[proof["competence"]].append(accepted)
    competences = rules_of(candidacy).competences  # type: ignore[arg-type]
    return tuple(Proved(code, len(claims[code]), sum(claims[code])) for code in competences)
