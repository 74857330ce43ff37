"""A member's queue: the candidates of their commissions, in the order of the meetings, each with its state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.commission import presence
from portfolio.commission.presence import Present
from portfolio.documents import Academy, Assessment, Candidacy, Commission, Grid, Sheet, Submission
from portfolio.documents.commissions import SheetState
from portfolio.documents.fields import Thing
from portfolio.documents.rows import Row
from portfolio.enrolment.pinned import circular_of
from portfolio.identifiers import NUMBER_TO_COME, full_name
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.terms import GridMode
from portfolio.store.together import Wanted, together

# In the order in which a candidate goes through them, from the first degree to the jury.
STATES = ("to_score", "sealed", "to_agree", "to_sign", "signed_by_me", "signed", "transmitted")
DONE = ("signed", "transmitted")


@dataclass(frozen=True)
class QueuedCandidate:
    """One candidate of the queue. given, rows: the number of degrees on the reader's grid, and of its rows.

    submission: number of the last submission, None without any. sheet: the one in force. abandoned_on: the ISO day on
    which the candidate gave up, else None.
    """

    commission: ObjectId
    candidacy: ObjectId
    name: str
    number: str
    division: str
    exam: str
    session: str
    meets_at: datetime
    zone: str
    place: str
    mode: GridMode
    other: str
    state: str
    given: int
    rows: int
    outcome: str | None
    submission: int | None
    sheet: ObjectId | None
    abandoned_on: str | None

    @property
    def begun(self) -> bool:
        return self.state == "to_score" and self.given > 0


@dataclass(frozen=True)
class Queue:
    """The queue of one member. resume: the candidate to continue with; None if none waits for this member."""

    waiting: tuple[QueuedCandidate, ...]
    resume: QueuedCandidate | None

    @property
    def signed(self) -> int:
        return sum(candidate.state in DONE for candidate in self.waiting)

    @property
    def scored(self) -> int:
        return sum(candidate.state != "to_score" for candidate in self.waiting)


def queue(by: Actor, at: datetime) -> Queue:
    """Returns the member's candidates by hour, then name, and the one to resume. Nine queries, for any number of
    candidates. Raises UnknownCircular.
    """
    assessments = _rows(Assessment, scope(by, Action.READ_ASSESSMENT, Assessment))
    ids = {"$in": [row["_id"] for row in assessments]}
    about = {"$in": [row["candidacy"] for row in assessments]}
    commissions = {row["_id"]: row for row in _rows(Commission, {"_id": ids})}
    candidacies = {row["_id"]: row for row in _rows(Candidacy, {"_id": about})}
    grids = _by(_rows(Grid, {"commission": ids, "live": True}, observations=0), "commission")
    sheets = {row["commission"]: row for row in _rows(Sheet, {"commission": ids, "live": True}, content=0)}
    numbers = _last_numbers(about)
    zones = {row["code"]: row["timezone"] for row in _rows(Academy, {})}
    candidates = [
        _waiting(
            by.id,
            assessment,
            commissions[assessment["_id"]],
            candidacies[assessment["candidacy"]],
            grids[assessment["_id"]],
            sheets.get(assessment["_id"]),
            numbers.get(assessment["candidacy"]),
            zones,
        )
        for assessment in assessments
    ]
    ordered = sorted(candidates, key=_order(candidacies))
    return Queue(tuple(ordered), _resume(ordered, presence.last_open(by, at)))


@dataclass(frozen=True)
class Around:
    """What stands around a candidate of the queue. before, after: commissions (ids), None at an end. position: from 1,
    of so many. others: who else has this candidate open.
    """

    before: ObjectId | None
    after: ObjectId | None
    position: int
    total: int
    others: list[Present]


def around(by: Actor, assessment: Assessment, at: datetime) -> Around:
    """Returns what stands around a commission in the order of the queue. One query. Raises NotFound, Forbidden;
    ValueError if `by` has no seat on it.
    """
    require(by, Action.READ_ASSESSMENT, assessment)
    whose = {"from": "candidacies", "localField": "candidacy", "foreignField": "_id", "as": "whose"}
    commissions, there = together(
        Wanted(
            "commissions",
            {"_id": {"$in": [seat for seat, _ in by.seats]}},
            {"meets_at": 1, "whose": 1},
            stages=({"$lookup": {**whose, "pipeline": [{"$project": {"name_key": 1}}]}},),
        ),
        presence.wanted_others(by, assessment, at),
    )
    ordered = sorted(commissions, key=lambda row: (row["meets_at"], row["whose"][0]["name_key"], row["_id"]))
    ids = [row["_id"] for row in ordered]
    here = ids.index(assessment.id)
    return Around(
        before=ids[here - 1] if here else None,
        after=ids[here + 1] if here + 1 < len(ids) else None,
        position=here + 1,
        total=len(ids),
        others=[Present(row["name"], row["since"]) for row in there],
    )


def _rows(kind: type[Thing], query: dict[str, Any], **fields: int) -> list[dict[str, Any]]:
    return list(kind._get_collection().find(query, fields or None))


def _by(rows: Iterable[dict[str, Any]], name: str) -> dict[ObjectId, list[dict[str, Any]]]:
    grouped: dict[ObjectId, list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row[name], []).append(row)
    return grouped


def _last_numbers(about: dict[str, Any]) -> dict[ObjectId, int]:
    """Returns {candidacy id: number of the last submission}; a candidacy without any is left out. about: a MongoDB
    condition on candidacy ids.
    """
    steps: list[dict[str, Any]] = [
        {"$match": {"candidacy": about}},
        {"$group": {"_id": "$candidacy", "number": {"$max": "$number"}}},
    ]
    return {row["_id"]: row["number"] for row in Submission._get_collection().aggregate(steps)}


def _order(candidacies: dict[ObjectId, dict[str, Any]]) -> Callable[[QueuedCandidate], tuple[datetime, str, ObjectId]]:
    return lambda waiting: (waiting.meets_at, candidacies[waiting.candidacy]["name_key"], waiting.commission)


def _waiting(
    me: ObjectId,
    assessment: dict[str, Any],
    commission: dict[str, Any],
    candidacy: dict[str, Any],
    grids: list[dict[str, Any]],
    sheet: dict[str, Any] | None,
    number: int | None,
    zones: dict[str, str],
) -> QueuedCandidate:
    rows = circular_of(Row(Candidacy, candidacy)).grid.rows
    mine = _filled_in_by(me, grids)
    sitting = [seat for seat in commission["seats"] if seat.get("left_at") is None]
    return QueuedCandidate(
        commission=commission["_id"],
        candidacy=candidacy["_id"],
        name=full_name(candidacy["given_names"], candidacy.get("usage_name") or candidacy["birth_name"]),
        number=candidacy.get("candidate_number") or NUMBER_TO_COME,
        division=candidacy.get("division") or "",
        exam=candidacy["exam"],
        session=candidacy["session"],
        meets_at=commission["meets_at"],
        zone=zones[candidacy["academy"]],
        place=commission["place"],
        mode=commission["mode"],
        other=", ".join(seat["name"] for seat in sitting if seat["person"] != me),
        state=state_of(me, assessment, mine, sheet, len(rows)),
        given=sum(row in mine["degrees"] for row in rows),
        rows=len(rows),
        outcome=assessment.get("outcome"),
        submission=assessment.get("submission") or number,
        sheet=sheet["_id"] if sheet else None,
        abandoned_on=(candidacy.get("abandoned") or {}).get("on"),
    )


def _filled_in_by(me: ObjectId, grids: list[dict[str, Any]]) -> dict[str, Any]:
    """Returns the row of the grid that this member (id) fills in: their own in mode `sealed`, else the shared one.
    shared: whether it is the latter.
    """
    shared = next(grid for grid in grids if grid.get("member") is None)
    mine = next((grid for grid in grids if grid.get("member") == me), shared)
    return {**mine, "degrees": mine.get("degrees") or {}, "shared": mine is shared}


def state_of(
    me: ObjectId, assessment: dict[str, Any], mine: dict[str, Any], sheet: dict[str, Any] | None, rows: int
) -> str:
    """Returns one of STATES, for a member (`me`, id). assessment: raw document. mine: their own grid, or the shared one
    (`shared`). sheet: the live one, if any. rows: the number of rows of the grid. Pure.
    """
    if sheet is not None:
        if sheet["state"] != SheetState.DRAFT:
            return "signed" if sheet["state"] == SheetState.PROPOSED else "transmitted"
        signed = any(signature["person"] == me for signature in sheet.get("signatures") or [])
        return "signed_by_me" if signed else "to_sign"
    if assessment.get("outcome"):
        return "to_agree"
    if mine["shared"]:
        return "to_agree" if len(mine["degrees"]) >= rows else "to_score"
    if mine.get("opened"):
        return "to_agree"
    return "sealed" if mine.get("sealed_at") else "to_score"


def _resume(ordered: list[QueuedCandidate], last: ObjectId | None) -> QueuedCandidate | None:
    """Returns the candidate who was open last if an act of this member is due there; else one already begun, else the
    first with an act due; None if nothing is due. last: id of a commission.
    """
    left = [candidate for candidate in ordered if candidate.abandoned_on is None]
    todo = [candidate for candidate in left if candidate.state in ("to_score", "to_agree", "to_sign")]
    ranked = sorted(todo, key=lambda candidate: (candidate.commission != last, not candidate.begun))
    return ranked[0] if ranked else None
