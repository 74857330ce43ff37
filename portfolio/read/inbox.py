"""What waits for a person: sign-offs asked of them, evaluations of reality proposed to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portfolio.documents import Activity, Attestation, Candidacy, Placement, RealityEvaluation, School
from portfolio.permissions import Action, scope
from portfolio.relations import Actor


@dataclass(frozen=True)
class Waiting:
    """One thing to answer. about: the attestation asked for, or the evaluation proposed. activity: of a sign-off.

    placement: None for an activity outside a company.
    """

    about: Attestation | RealityEvaluation
    activity: Activity | None
    candidacy: Candidacy
    school: School
    placement: Placement | None


@dataclass(frozen=True)
class Inbox:
    sign_offs: list[Waiting]
    reality: list[Waiting]


def inbox(by: Actor) -> Inbox:
    """Oldest first, on one page: one person's candidates bound its length. Six queries, whatever it holds."""
    asked = {"person": by.id, "state": "requested"}
    readable = scope(by, Action.READ_ATTESTATION, Attestation)
    requests = list(Attestation.objects(__raw__={"$and": [asked, readable]}).order_by("id"))
    mine = scope(by, Action.CONCUR_REALITY, RealityEvaluation)
    proposed = RealityEvaluation.objects(__raw__={"$and": [{"state": "proposed"}, mine]})
    evaluations = list(proposed.order_by("id"))
    activities = _by_id(Activity, [one.activity for one in requests])
    # An activity withdrawn, or moved to another period, is no longer this person's to answer for.
    requests = [one for one in requests if _still_theirs(one, activities[one.activity])]
    things = [*requests, *evaluations]
    candidacies = _by_id(Candidacy, [one.candidacy for one in things])
    schools = _by_id(School, [one.school for one in things])
    placements = _by_id(Placement, [one.placement for one in things])

    def seen(about: Any, activity: Activity | None) -> Waiting:
        placement = placements.get(about.placement)
        return Waiting(about, activity, candidacies[about.candidacy], schools[about.school], placement)

    return Inbox(
        sign_offs=[seen(one, activities[one.activity]) for one in requests],
        reality=[seen(one, None) for one in evaluations if placements[one.placement].cancelled_at is None],
    )


def _still_theirs(request: Attestation, activity: Activity) -> bool:
    moved = request.seat == "tutor" and request.placement != activity.placement
    return activity.withdrawn_at is None and not moved


def _by_id(kind: Any, ids: list[Any]) -> dict[Any, Any]:
    return {one.id: one for one in kind.objects(pk__in=set(ids) - {None})}
