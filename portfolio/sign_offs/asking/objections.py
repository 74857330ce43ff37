"""What a tutor may say instead of signing: that they are not the right person, or that the period did not take place.

Nobody asks them any more: their requests stop in the same commit. The teacher who follows is told, and corrects the
tutor or the period, or resumes.
"""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Attestation, Placement
from portfolio.documents.candidacies import CONTESTED
from portfolio.enrolment.placements import SETTLED, PlacementCancelled
from portfolio.errors import Invalid, NotNow
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Errand, commit, portfolio_chain


class AlreadyContested(NotNow):
    code = "already_contested"
    detail = "C'est déjà signalé : le professeur est prévenu, vous n'avez rien d'autre à faire."


class NotContested(NotNow):
    code = "not_contested"
    detail = "Rien n'est signalé sur cette période."


def contest(by: Actor, placement: Placement, because: str, comment: str | None, at: datetime) -> Placement:
    """because: one of CONTESTED. Stops every request that waits for this tutor on this placement."""
    require(by, Action.CONTEST_PLACEMENT, placement)
    if because not in CONTESTED:
        raise Invalid({"because": [f"Motif attendu : {', '.join(CONTESTED)}."]})
    if placement.cancelled_at is not None:
        raise PlacementCancelled()
    if placement.contested_at is not None:
        raise AlreadyContested()
    said = {"contested_at": at, "contested_because": because, "contested_by": by.id}
    said["contest_comment"] = (comment or "").strip() or None
    waiting = Attestation.objects(person=by.id, placement=placement.id, seat="tutor", state="requested")
    stopped = [Change(one, {"state": "declined"}) for one in waiting]
    data = {"placement": str(placement.id), "because": because, "requests": [str(one.document.id) for one in stopped]}
    event = event_by(by, at, portfolio_chain(placement), EventName.PLACEMENT_CONTESTED, placement, data)
    errand = Errand("placement_contested", {"placement": placement.id})
    commit([Change(placement, said), *stopped], event, [errand])
    return placement


def resume(by: Actor, placement: Placement, at: datetime) -> Placement:
    """It was a mistake: the tutor may be asked again."""
    require(by, Action.AMEND_PLACEMENT, placement)
    if placement.contested_at is None:
        raise NotContested()
    data = {"placement": str(placement.id)}
    event = event_by(by, at, portfolio_chain(placement), EventName.PLACEMENT_RESUMED, placement, data)
    commit([Change(placement, dict(SETTLED))], event)
    return placement
