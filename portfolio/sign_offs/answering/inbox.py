"""What waits for a person: sign-offs asked of them, evaluations of reality proposed to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from portfolio.documents import Activity, Attestation, Candidacy, Placement, RealityEvaluation, School
from portfolio.documents.attestations import ANSWERS
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor

About = TypeVar("About", Attestation, RealityEvaluation)


@dataclass(frozen=True)
class Waiting(Generic[About]):
    """One thing to answer. about: the attestation asked for, or the evaluation proposed. activity: of a sign-off.

    placement: None for an activity outside a company. tutor_said: to whom signs as a teacher, the tutor's latest answer
    on the activity, which may have changed since (`sign_offs` tells).
    """

    about: About
    activity: Activity | None
    candidacy: Candidacy
    school: School
    placement: Placement | None
    tutor_said: Attestation | None = None


@dataclass(frozen=True)
class Narrowed:
    """What is looked for: one class, one candidate, what waits since that moment or longer. None: any."""

    division: str | None = None
    candidacy: Any = None
    asked_before: datetime | None = None


@dataclass(frozen=True)
class Inbox:
    sign_offs: list[Waiting[Attestation]]
    reality: list[Waiting[RealityEvaluation]]


EVERYTHING = Narrowed()


def inbox(by: Actor, to: Narrowed = EVERYTHING) -> Inbox:
    """Oldest first, on one page: one person's candidates bound its length. Seven queries, whatever it holds."""
    asked, narrowing = {"person": by.id, "state": "requested"}, _narrowing(by, to)
    readable = scope(by, Action.READ_ATTESTATION, Attestation)
    requests = list(Attestation.objects(__raw__={"$and": [asked, readable, narrowing]}).order_by("id"))
    mine = scope(by, Action.CONCUR_REALITY, RealityEvaluation)
    proposed = RealityEvaluation.objects(__raw__={"$and": [{"state": "proposed"}, mine, narrowing]})
    evaluations = list(proposed.order_by("id"))
    activities = _by_id(Activity, [one.activity for one in requests])
    # An activity withdrawn, or moved to another period, is no longer this person's to answer for.
    requests = [one for one in requests if _still_theirs(one, activities[one.activity])]
    things: list[Attestation | RealityEvaluation] = [*requests, *evaluations]
    candidacies = _by_id(Candidacy, [one.candidacy for one in things])
    said = _tutors_said([one.activity for one in requests if one.seat == "teacher"])
    schools = _by_id(School, [one.school for one in things])
    placements = _by_id(Placement, [one.placement for one in things])

    def seen(about: About, activity: Activity | None) -> Waiting[About]:
        placement = placements.get(about.placement)
        by_teacher = isinstance(about, Attestation) and about.seat == "teacher"
        answer = said.get(activity.id) if activity is not None and by_teacher else None
        return Waiting(about, activity, candidacies[about.candidacy], schools[about.school], placement, answer)

    return Inbox(
        sign_offs=[seen(one, activities[one.activity]) for one in requests],
        reality=[seen(one, None) for one in evaluations if placements[one.placement].cancelled_at is None],
    )


def _narrowing(by: Actor, to: Narrowed) -> dict[str, Any]:
    clauses: list[dict[str, Any]] = [{}]
    if to.candidacy is not None:
        clauses.append({"candidacy": to.candidacy})
    if to.division is not None:
        of_class = Candidacy.objects(school__in=by.values("teacher", "school"), division=to.division)
        clauses.append({"candidacy": {"$in": list(of_class.scalar("id"))}})
    if to.asked_before is not None:
        clauses.append({"created_at": {"$lte": to.asked_before}})
    return {"$and": clauses}


def _tutors_said(activities: list[Any]) -> dict[Any, Attestation]:
    """{activity: the latest answer of a tutor}."""
    said = Attestation.objects(activity__in=activities, seat="tutor", state__in=ANSWERS).order_by("answered_at")
    return {one.activity: one for one in said}


def _still_theirs(request: Attestation, activity: Activity) -> bool:
    moved = request.seat == "tutor" and request.placement != activity.placement
    return activity.withdrawn_at is None and not moved


def _by_id(kind: Any, ids: list[Any]) -> dict[Any, Any]:
    return {one.id: one for one in kind.objects(pk__in=set(ids) - {None})}
