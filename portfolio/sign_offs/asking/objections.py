"""Records what a tutor may object instead of signing: not the right person, or the period did not take place.

Their pending requests are cancelled in the same commit. The teacher who follows is notified, and corrects the tutor or
the period, or resumes the requests.
"""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Attestation, Placement
from portfolio.documents.attestations import SignOffState
from portfolio.documents.candidacies import CONTESTED
from portfolio.enrolment.placements import SETTLED, PlacementCancelled
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Errand, commit, portfolio_chain


class AlreadyContested(NotNow):
    code = "already_contested"
    source = RuleSource.INTEGRITY
    detail = "C'est déjà signalé : le professeur est prévenu, vous n'avez rien d'autre à faire."


class NotContested(NotNow):
    code = "not_contested"
    source = RuleSource.INTEGRITY
    detail = "Rien n'est signalé sur cette période."


def contest(by: Actor, placement: Placement, because: str, comment: str | None, at: datetime) -> Placement:
    """Records the tutor's objection, cancels their pending requests on this placement, and returns it. because: one of
    CONTESTED, else Invalid is raised. Raises PlacementCancelled, AlreadyContested.
    """
    require(by, Action.CONTEST_PLACEMENT, placement)
    if because not in CONTESTED:
        raise Invalid({"because": [f"Motif attendu : {', '.join(CONTESTED)}."]})
    if placement.cancelled_at is not None:
        raise PlacementCancelled()
    if placement.contested_at is not None:
        raise AlreadyContested()
    values = {
        "contested_at": at,
        "contested_because": because,
        "contested_by": by.id,
        "contest_comment": (comment or "").strip() or None,
    }
    waiting = list(
        Attestation.objects(person=by.id, placement=placement.id, seat=SignOffSeat.TUTOR, state=SignOffState.REQUESTED)
    )
    stopped = [Change(request, {"state": SignOffState.DECLINED}) for request in waiting]
    data = {"placement": str(placement.id), "because": because, "requests": [str(request.id) for request in waiting]}
    event = event_by(by, at, portfolio_chain(placement), EventName.PLACEMENT_CONTESTED, placement, data)
    errand = Errand("placement_contested", {"placement": placement.id})
    commit([Change(placement, values), *stopped], event, [errand])
    return placement


def resume(by: Actor, placement: Placement, at: datetime) -> Placement:
    """Clears an objection made by mistake, and returns the placement: the tutor may be asked again. Raises
    NotContested.
    """
    require(by, Action.AMEND_PLACEMENT, placement)
    if placement.contested_at is None:
        raise NotContested()
    data = {"placement": str(placement.id)}
    event = event_by(by, at, portfolio_chain(placement), EventName.PLACEMENT_RESUMED, placement, data)
    commit([Change(placement, dict(SETTLED))], event)
    return placement
