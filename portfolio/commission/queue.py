"""The candidates whose commissions somebody sits on, in the order in which they are met, and where each one stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.commission import presence
from portfolio.documents import Academy, Assessment, Candidacy, Commission, Grid, Sheet, Submission
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor
from portfolio.rules.circular import circular

# From the first degree to the jury; the order in which a candidate goes through them.
STATES = ("to_score", "sealed", "to_agree", "to_sign", "signed_by_me", "signed", "transmitted")
DONE = ("signed", "transmitted")


@dataclass(frozen=True)
class Waiting:
    """One candidate of the queue. given, rows: degrees given on the grid that I fill in, of so many rows.

    submission: number of the last revision handed in, None for none. sheet: the one in force.
    """

    commission: ObjectId
    candidacy: ObjectId
    name: str
    number: str
    division: str
    session: str
    meets_at: datetime
    zone: str
    place: str
    mode: str
    other: str
    state: str
    given: int
    rows: int
    outcome: str | None
    submission: int | None
    sheet: ObjectId | None

    @property
    def begun(self) -> bool:
        return self.state == "to_score" and self.given > 0


@dataclass(frozen=True)
class Queue:
    """resume: where this person left, or what comes next; None once nothing waits for them."""

    waiting: tuple[Waiting, ...]
    resume: Waiting | None

    @property
    def signed(self) -> int:
        return sum(one.state in DONE for one in self.waiting)

    @property
    def scored(self) -> int:
        return sum(one.state != "to_score" for one in self.waiting)


def queue(by: Actor, at: datetime) -> Queue:
    """Nine commands, however many candidates there are."""
    mine = _rows(Assessment, scope(by, Action.READ_ASSESSMENT, Assessment))
    ids = {"$in": [one["_id"] for one in mine]}
    about = {"$in": [one["candidacy"] for one in mine]}
    commissions = {one["_id"]: one for one in _rows(Commission, {"_id": ids})}
    candidacies = {one["_id"]: one for one in _rows(Candidacy, {"_id": about})}
    grids = _by(_rows(Grid, {"commission": ids, "live": True}, observations=0), "commission")
    sheets = {one["commission"]: one for one in _rows(Sheet, {"commission": ids, "live": True}, content=0)}
    numbers = _last_numbers(about)
    zones = {one["code"]: one["timezone"] for one in _rows(Academy, {})}
    found = [
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
        for assessment in mine
    ]
    ordered = sorted(found, key=_order(candidacies))
    return Queue(tuple(ordered), _resume(ordered, presence.last_open(by, at)))


def neighbours(by: Actor, commission: ObjectId) -> tuple[ObjectId | None, ObjectId | None, int, int]:
    """(previous, next, position from 1, how many) in the order of the queue. Two commands."""
    query = {"_id": {"$in": [one for one, _ in by.seats]}}
    met = list(Commission._get_collection().find(query, {"candidacy": 1, "meets_at": 1}))
    about = {"_id": {"$in": [one["candidacy"] for one in met]}}
    keys = {one["_id"]: one["name_key"] for one in Candidacy._get_collection().find(about, {"name_key": 1})}
    ids = [one["_id"] for one in sorted(met, key=lambda one: (one["meets_at"], keys[one["candidacy"]], one["_id"]))]
    here = ids.index(commission)
    before = ids[here - 1] if here else None
    after = ids[here + 1] if here + 1 < len(ids) else None
    return before, after, here + 1, len(ids)


def _rows(kind: Any, query: dict[str, Any], **fields: int) -> list[dict[str, Any]]:
    return list(kind._get_collection().find(query, fields or None))


def _by(rows: Iterable[dict[str, Any]], name: str) -> dict[Any, list[dict[str, Any]]]:
    grouped: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row[name], []).append(row)
    return grouped


def _last_numbers(about: dict[str, Any]) -> dict[ObjectId, int]:
    """{candidacy: number of the last revision handed in}"""
    steps: list[dict[str, Any]] = [
        {"$match": {"candidacy": about}},
        {"$group": {"_id": "$candidacy", "number": {"$max": "$number"}}},
    ]
    return {one["_id"]: one["number"] for one in Submission._get_collection().aggregate(steps)}


def _order(candidacies: dict[ObjectId, dict[str, Any]]) -> Callable[[Waiting], Any]:
    return lambda one: (one.meets_at, candidacies[one.candidacy]["name_key"], one.commission)


def _waiting(
    me: ObjectId,
    assessment: dict[str, Any],
    commission: dict[str, Any],
    candidacy: dict[str, Any],
    grids: list[dict[str, Any]],
    sheet: dict[str, Any] | None,
    number: int | None,
    zones: dict[str, str],
) -> Waiting:
    pin = candidacy["circular"]
    rows = circular(pin["id"], pin["version"], pin["sha256"]).grid.rows
    mine = _filled_in_by(me, grids)
    sitting = [seat for seat in commission["seats"] if seat.get("left_at") is None]
    return Waiting(
        commission=commission["_id"],
        candidacy=candidacy["_id"],
        name=f"{candidacy['given_names']} {candidacy.get('usage_name') or candidacy['birth_name']}",
        number=candidacy["candidate_number"],
        division=candidacy.get("division") or "",
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
    )


def _filled_in_by(me: ObjectId, grids: list[dict[str, Any]]) -> dict[str, Any]:
    """My own grid when each scores alone first, else the shared one."""
    shared = next(one for one in grids if one.get("member") is None)
    mine = next((one for one in grids if one.get("member") == me), shared)
    return {**mine, "degrees": mine.get("degrees") or {}, "shared": mine is shared}


def state_of(
    me: ObjectId, assessment: dict[str, Any], mine: dict[str, Any], sheet: dict[str, Any] | None, rows: int
) -> str:
    """One of STATES. Pure; raw documents."""
    if sheet is not None:
        if sheet["state"] != "draft":
            return "signed" if sheet["state"] == "proposed" else "transmitted"
        signed = any(one["person"] == me for one in sheet.get("signatures") or [])
        return "signed_by_me" if signed else "to_sign"
    if assessment.get("outcome"):
        return "to_agree"
    if mine["shared"]:
        return "to_agree" if len(mine["degrees"]) >= rows else "to_score"
    if mine.get("opened"):
        return "to_agree"
    return "sealed" if mine.get("sealed_at") else "to_score"


def _resume(ordered: list[Waiting], last: ObjectId | None) -> Waiting | None:
    """The candidate who was open last, while something there waits for this person; else what was begun, else the
    first that waits."""
    todo = [one for one in ordered if one.state in ("to_score", "to_agree", "to_sign")]
    ranked = sorted(todo, key=lambda one: (one.commission != last, not one.begun))
    return ranked[0] if ranked else None
