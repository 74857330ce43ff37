"""Lets the two members choose how they score: each alone and sealed, or together. No text that was read says which."""

from __future__ import annotations

from datetime import datetime

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


def choose_way(by: Actor, commission: Commission, mode: str, at: datetime) -> Commission:
    """Changes how the commission scores, before its sheet. Again changes nothing.

    Together: the two own grids are set aside, kept and no longer used; the shared one goes on. Each alone: both begin
    an empty grid, and a shared one that holds something is set aside. Raises SheetIsOut, ModeNotAllowed; Stale if a
    member was writing.
    """
    assessment = Assessment.objects.get(pk=commission.id)
    require(by, Action.APPRAISE, assessment)
    refuse_once_drawn_up(assessment)
    refuse_mode(circular_of(Candidacy.objects.get(pk=commission.candidacy)).commission, mode)
    if mode == commission.mode:
        return commission
    changes: list[AnyChange] = [
        Change(commission, {"mode": mode}),
        Hold(assessment, {"state": AssessmentState.OPEN}),
        *_grids(commission, mode, at),
    ]
    data = {"mode": mode, "before": commission.mode}
    commit(changes, event_by(by, at, assessment_chain(commission), EventName.WAY_OF_SCORING_CHOSEN, commission, data))
    return commission


def _grids(commission: Commission, mode: str, at: datetime) -> list[AnyChange]:
    aside = {"live": False, "opened": False}
    live = list(Grid.objects(commission=commission.id, live=True))
    own = [grid for grid in live if grid.member is not None]
    if mode == GridMode.TOGETHER:
        return [Change(grid, aside) for grid in own]
    begun = [new_grid(commission, member, commission.members, at) for member in commission.members]
    shared = next(grid for grid in live if grid.member is None)
    if not (shared.degrees or shared.observations):
        return [Insert(grid) for grid in begun]
    return [Change(shared, aside), *map(Insert, [*begun, new_grid(commission, None, commission.members, at)])]
