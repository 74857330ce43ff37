"""Lets the two members choose how they score: each alone and sealed, or together. No text that was read says which."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.commission.assess import refuse_once_drawn_up
from portfolio.commission.convene import new_grid, refuse_mode
from portfolio.documents import Assessment, Candidacy, Commission, Grid
from portfolio.documents.commissions import AssessmentState
from portfolio.enrolment.pinned import circular_of
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import GridMode
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Hold, Insert, assessment_chain, commit

NOTHING_ASKED: dict[str, Any] = {"way_asked": None, "way_asked_by": None}


def choose_way(by: Actor, commission: Commission, mode: str, at: datetime) -> Commission:
    """Changes how the commission scores, before its sheet, and returns the commission. Calling it again changes
    nothing.

    Once a grid is sealed, both members decide: the first one asks, and nothing moves until the other chooses the same.
    Choosing the present way keeps it, and ends what was asked. Together: the two own grids are set aside, kept and no
    longer used; the shared one goes on. Each alone: both begin an empty grid, and a shared one that holds something is
    set aside. Raises SheetIsOut, ModeNotAllowed; Stale if a member was writing.
    """
    assessment = Assessment.objects.get(pk=commission.id)
    require(by, Action.APPRAISE, assessment)
    refuse_once_drawn_up(assessment)
    refuse_mode(circular_of(Candidacy.objects.get(pk=commission.candidacy)).commission, mode)
    if (mode == commission.mode and not commission.way_asked) or (mode, by.id) == asked_by(commission):
        return commission
    live = list(Grid.objects(commission=commission.id, live=True))
    grids: list[AnyChange] = []
    if mode == commission.mode:
        name, values = EventName.WAY_OF_SCORING_KEPT, NOTHING_ASKED
    elif any(grid.sealed_at for grid in live) and asked_by(commission)[0] != mode:
        name, values = EventName.WAY_OF_SCORING_ASKED, {"way_asked": mode, "way_asked_by": by.id}
    else:
        name, values = EventName.WAY_OF_SCORING_CHOSEN, {"mode": mode, **NOTHING_ASKED}
        grids = _grids(commission, live, mode, at)
    data = {"mode": mode, "before": commission.mode}
    changes: list[AnyChange] = [Change(commission, values), Hold(assessment, {"state": AssessmentState.OPEN}), *grids]
    commit(changes, event_by(by, at, assessment_chain(commission), name, commission, data))
    return commission


def asked_by(commission: Commission) -> tuple[str | None, ObjectId | None]:
    """Returns the other way that was asked for and the member who did; (None, None) if nobody who still sits did."""
    if commission.way_asked_by not in commission.members:
        return None, None
    return commission.way_asked, commission.way_asked_by


def _grids(commission: Commission, live: list[Grid], mode: str, at: datetime) -> list[AnyChange]:
    aside = {"live": False, "opened": False}
    own = [grid for grid in live if grid.member is not None]
    if mode == GridMode.TOGETHER:
        return [Change(grid, aside) for grid in own]
    begun = [new_grid(commission, member, commission.members, at) for member in commission.members]
    shared = next(grid for grid in live if grid.member is None)
    if not (shared.degrees or shared.observations):
        return [Insert(grid) for grid in begun]
    return [Change(shared, aside), *map(Insert, [*begun, new_grid(commission, None, commission.members, at)])]
