"""The commission: the queue of its candidates, the way to each one, who else is there."""

from __future__ import annotations

from datetime import date, datetime
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
from portfolio.commission.on_paper import blank_grids
from portfolio.commission.queue import Queue, QueuedCandidate, around, queue
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
    """Shows the queue; to a teacher who is also a tutor, what they may see before they type a code. Raises
    SecondFactorNeeded for a tutor alone who has typed none.
    """
    if owes_a_code(by) and not by.has("teacher"):
        raise SecondFactorNeeded()
    typed = request.args.get("code", "")
    keyed = blank_grids.commission_of_code(by, typed) if typed else None
    if keyed is not None:
        return redirect(address_of("accord", keyed))  # type: ignore[return-value]
    own = queue(by, at)
    sittings = [Sitting(list(candidates)) for _, candidates in groupby(own.waiting, key=_day_and_place)]
    over = [sitting for sitting in sittings if sitting.over]
    going = [sitting for sitting in sittings if not sitting.over]
    fictional = bool(own.waiting) and all(candidate.session.endswith("R") for candidate in own.waiting)
    return page(
        "commission/home.html",
        queue=own,
        going=going,
        over=over,
        states=labels.STATES,
        fictional=fictional,
        code=typed,
        owed=owes_a_code(by),
    )


def _day_and_place(candidate: QueuedCandidate) -> tuple[date, str]:
    return _day(candidate), candidate.place


def _day(candidate: QueuedCandidate) -> date:
    return candidate.meets_at.astimezone(ZoneInfo(candidate.zone)).date()


class Sitting(Queue):
    """The candidates of one day and place."""

    def __init__(self, candidates: list[QueuedCandidate]) -> None:
        super().__init__(tuple(candidates), None)

    @property
    def day(self) -> date:
        return _day(self.waiting[0])

    @property
    def place(self) -> str:
        return self.waiting[0].place

    @property
    def over(self) -> bool:
        return all(candidate.state == "transmitted" for candidate in self.waiting)


@pages.shows("/commissions/<oid:commission_id>", Action.READ_ASSESSMENT)
def candidate(by: Actor, at: datetime, commission_id: ObjectId) -> Response:
    """Redirects to the step where this candidate stands. Raises NotFound, Forbidden."""
    return redirect(address_of(step_of(by, desk(by, commission_id, with_evidence=False)), commission_id))  # type: ignore[return-value]


def step_of(by: Actor, workspace: Desk) -> str:
    """Returns the step where this candidate stands for this member: grid, accord or sheet."""
    if workspace.sheet is not None:
        return "sheet"
    if workspace.assessment.outcome:
        return "accord"
    mine = workspace.mine(by.id)
    scored = mine.opened if mine.member else all(mine.degrees.get(row) for row in workspace.circular.grid.rows)
    return "accord" if scored else "grid"


def address_of(step: str, commission_id: ObjectId) -> str:
    endpoints = {
        "grid": "commission_grid.scoring",
        "accord": "commission_accord.accord",
        "sheet": "commission_accord.sheet_in_force",
    }
    return url_for(endpoints[step], commission_id=commission_id)


# --- what every page of one candidate has ---------------------------------------------------------


def frame(by: Actor, at: datetime, workspace: Desk, step: str) -> dict[str, Any]:
    """Returns the values of the templates that show one candidate: the steps, the around and the rank in the queue,
    who else is there, the degrees. step: code of the page shown, one of `labels.STEPS`."""
    rules, asked = workspace.circular.grid, request.args.get("ligne", "")
    degrees = (*rules.scale, rules.not_evaluated)
    beside = around(by, workspace.assessment, at)
    return {
        "desk": workspace,
        "current_step": step,
        "steps": labels.STEPS if workspace.own else labels.SHARED_STEPS,
        "address_of": address_of,
        "position": beside.position,
        "total": beside.total,
        "before": beside.before,
        "after": beside.after,
        "others": beside.others,
        "fictional": workspace.candidacy.session.endswith("R"),
        "words": labels,
        "channel_words": channel_words,
        "only": asked if asked in rules.rows else "",
        "degrees": degrees,
        "explained": [degree.label for degree in rules.scale if rules.needs_observation(degree.code)],
    }


class DisplayedGrid(Schema):
    """grid, revision: the grid that the page shows, as it knows it."""

    grid = text(24)
    revision = fields.Integer()


@pages.sends("/commissions/<oid:commission_id>/presence", Action.READ_ASSESSMENT)
def keep_presence(by: Actor, at: datetime, commission_id: ObjectId) -> Response:
    """Records that the page is open; returns as JSON who else has it open, and the revisions that say whether what it
    shows moved. Locks nothing. Raises NotFound, Forbidden.
    """
    assessment = find(Assessment, commission_id)
    require(by, Action.READ_ASSESSMENT, assessment)
    presence.arrive(by, assessment, at)
    zone = academy_of(assessment.academy).timezone
    others = [
        {"name": other.name, "since": clock_time(other.since, zone)[:5]}
        for other in presence.others(by, assessment, at)
    ]
    sheet = Sheet.objects(commission=assessment.id, live=True).only("id", "revision").first()
    news = {"others": others, "assessment": assessment.revision, "sheet": sheet.revision if sheet else None}
    return jsonify(news | _changes_of_grid(by, read_form(DisplayedGrid, "grid", "revision")))


def _changes_of_grid(by: Actor, displayed: dict[str, Any]) -> dict[str, Any]:
    """Returns {opened: whether both members sealed, grid: as it is now if it moved, else None}; {} for a grid out of
    reach. displayed: grid (id as text), revision.
    """
    grid = (
        Grid.objects(pk=ObjectId(displayed["grid"])).first() if ObjectId.is_valid(displayed.get("grid", "")) else None
    )
    if grid is None or not may(by, Action.READ_GRID, grid):
        return {}
    moved = grid.revision != displayed.get("revision")
    return {"opened": grid.opened, "grid": represent(grid) if moved else None}
