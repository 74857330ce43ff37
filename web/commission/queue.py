"""The commission: the queue of its candidates, the way to each one, who else is there."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId
from flask import Response, jsonify, redirect, request, url_for
from marshmallow import Schema, fields

from api.http.routing import find
from api.http.schemas import represent, text
from api.http.session import SecondFactorNeeded
from portfolio.commission import presence
from portfolio.commission.queue import Queue, Waiting, neighbours, queue
from portfolio.documents import Assessment, Grid, Sheet
from portfolio.enrolment.institutions import academy_of
from portfolio.papers.channels import channel_words
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from portfolio.sheet.workspace import Desk, desk
from web.commission import labels
from web.forms import read_form
from web.layout import clock_time, page
from web.pages import Pages, owes_a_code

pages = Pages("commission", __name__, "teacher", "tutor", of_a_commission=True)

# --- the queue ------------------------------------------------------------------------------------


@pages.shows("/commissions", Action.READ_ASSESSMENT)
def home(by: Actor, at: datetime) -> Response:
    """A teacher who is also a tutor sees the rest of their queue before they type a code."""
    if owes_a_code(by) and not by.has("teacher"):
        raise SecondFactorNeeded()
    found = queue(by, at)
    sittings = [Sitting(list(them)) for _, them in groupby(found.waiting, key=lambda one: (_day(one), one.place))]
    over = [sitting for sitting in sittings if sitting.over]
    going = [sitting for sitting in sittings if not sitting.over]
    fictional = bool(found.waiting) and all(one.session.endswith("R") for one in found.waiting)
    return page(
        "commission/home.html",
        queue=found,
        going=going,
        over=over,
        states=labels.STATES,
        fictional=fictional,
        owed=owes_a_code(by),
    )


def _day(one: Waiting) -> Any:
    return one.meets_at.astimezone(ZoneInfo(one.zone)).date()


class Sitting(Queue):
    """The candidates of one day and place."""

    def __init__(self, them: list[Waiting]) -> None:
        super().__init__(tuple(them), None)

    @property
    def day(self) -> Any:
        return _day(self.waiting[0])

    @property
    def place(self) -> str:
        return self.waiting[0].place

    @property
    def over(self) -> bool:
        return all(one.state == "transmitted" for one in self.waiting)


@pages.shows("/commissions/<oid:commission_id>", Action.READ_ASSESSMENT)
def candidate(by: Actor, at: datetime, commission_id: ObjectId) -> Response:
    """Where this candidate stands."""
    return redirect(address_of(step_of(by, desk(by, commission_id, with_evidence=False)), commission_id))  # type: ignore[return-value]


def step_of(by: Actor, seen_now: Desk) -> str:
    if seen_now.sheet is not None:
        return "sheet"
    if seen_now.assessment.outcome:
        return "accord"
    mine = seen_now.mine(by.id)
    scored = mine.opened if mine.member else all(mine.degrees.get(row) for row in seen_now.circular.grid.rows)
    return "accord" if scored else "grid"


def address_of(step: str, commission_id: ObjectId) -> str:
    endpoints = {
        "grid": "commission_grid.scoring",
        "accord": "commission_accord.accord",
        "sheet": "commission_accord.sheet_in_force",
    }
    return url_for(endpoints[step], commission_id=commission_id)


# --- what every page of one candidate has ---------------------------------------------------------


def frame(by: Actor, at: datetime, seen_now: Desk, here: str) -> dict[str, Any]:
    """What the bar that never scrolls says."""
    rules, asked = seen_now.circular.grid, request.args.get("ligne", "")
    degrees = (*rules.scale, rules.not_evaluated)
    before, after, position, total = neighbours(by, seen_now.assessment.id)
    return {
        "desk": seen_now,
        "here": here,
        "steps": labels.STEPS if seen_now.own else labels.SHARED_STEPS,
        "address_of": address_of,
        "position": position,
        "total": total,
        "before": before,
        "after": after,
        "others": presence.others(by, seen_now.assessment, at),
        "fictional": seen_now.candidacy.session.endswith("R"),
        "words": labels,
        "channel_words": channel_words,
        "only": asked if asked in rules.rows else "",
        "degrees": degrees,
        "explained": [one.label for one in rules.scale if rules.needs_observation(one.code)],
    }


class Watching(Schema):
    """grid, revision: the grid that the page shows, as it knows it."""

    grid = text(24)
    revision = fields.Integer()


@pages.sends("/commissions/<oid:commission_id>/presence", Action.READ_ASSESSMENT)
def here(by: Actor, at: datetime, commission_id: ObjectId) -> Response:
    """The page is open: who else has it open, and whether what it shows moved. Nothing here locks anything."""
    assessment = find(Assessment, commission_id)
    require(by, Action.READ_ASSESSMENT, assessment)
    presence.arrive(by, assessment, at)
    zone = academy_of(assessment.academy).timezone
    others = [
        {"name": one.name, "since": clock_time(one.since, zone)[:5]} for one in presence.others(by, assessment, at)
    ]
    watched = _watched(by, read_form(Watching, "grid", "revision"))
    sheet = Sheet.objects(commission=assessment.id, live=True).only("id", "revision").first()
    told = {"others": others, "assessment": assessment.revision, "sheet": sheet.revision if sheet else None}
    return jsonify(told | watched)


def _watched(by: Actor, said: dict[str, Any]) -> dict[str, Any]:
    """opened: both members sealed. grid: as it is now, where it moved."""
    grid = Grid.objects(pk=ObjectId(said["grid"])).first() if ObjectId.is_valid(said.get("grid", "")) else None
    if grid is None or not may(by, Action.READ_GRID, grid):
        return {}
    moved = grid.revision != said.get("revision")
    return {"opened": grid.opened, "grid": represent(grid) if moved else None}
