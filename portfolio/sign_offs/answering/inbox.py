"""Lists what waits for a person: sign-offs requested from them, evaluations of reality proposed to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from bson import ObjectId

from portfolio.documents import Activity, Attestation, Candidacy, Placement, RealityEvaluation, School
from portfolio.documents.attestations import ANSWERS, RealityState, SignOffState
from portfolio.documents.people import Role
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.store.together import documents, read_several, together, wanted

About = TypeVar("About", Attestation, RealityEvaluation)


@dataclass(frozen=True)
class AwaitedAnswer(Generic[About]):
    """One thing to answer. about: the attestation requested, or the evaluation proposed. activity: of a sign-off.

    placement: None for an activity outside a company. tutor_said: for a teacher's seat, the tutor's latest answer on
    the activity, which may have gone stale since (see `sign_offs`).
    """

    about: About
    activity: Activity | None
    candidacy: Candidacy
    school: School
    placement: Placement | None
    tutor_said: Attestation | None = None


@dataclass(frozen=True)
class Narrowed:
    """A filter: one class, one candidate, requests made at that moment or before. None: any."""

    division: str | None = None
    candidacy: ObjectId | None = None
    asked_before: datetime | None = None


@dataclass(frozen=True)
class Inbox:
    sign_offs: list[AwaitedAnswer[Attestation]]
    reality: list[AwaitedAnswer[RealityEvaluation]]


EVERYTHING = Narrowed()


def minutes_to_answer(count: int) -> int:
    """Returns the minutes that answering so many requests takes, one at least: 40 seconds, and 20 for each; pure."""
    return max(1, round((40 + 20 * count) / 60))


def inbox(by: Actor, to: Narrowed = EVERYTHING) -> Inbox:
    """Returns what waits for the caller, oldest first, in three queries; its lists are empty if nothing does. to:
    narrows it to a class, a candidate, an age. It fits on one page: its length is bounded by one person's candidates.
    Of who turned to an exam at one sitting, or gave up, nothing waits: it is asked again if they turn back.
    """
    asked, narrowing = {"person": by.id, "state": SignOffState.REQUESTED}, _narrowing(by, to)
    readable = scope(by, Action.READ_ATTESTATION, Attestation)
    mine = scope(by, Action.CONCUR_REALITY, RealityEvaluation)
    rows = together(
        wanted(Attestation, {"$and": [asked, readable, narrowing]}),
        wanted(RealityEvaluation, {"$and": [{"state": RealityState.PROPOSED}, mine, narrowing]}),
    )
    requests, evaluations = documents(Attestation, rows[0]), documents(RealityEvaluation, rows[1])
    waits: list[Attestation | RealityEvaluation] = [*requests, *evaluations]
    activities, candidacies, schools, placements = read_several(
        (Activity, [request.activity for request in requests]),
        (Candidacy, [thing.candidacy for thing in waits]),
        (School, [thing.school for thing in waits]),
        (Placement, [thing.placement for thing in waits]),
    )
    # An activity withdrawn, or moved to another period, is no longer this person's to answer for.
    requests = [request for request in requests if _still_theirs(request, activities[request.activity])]
    in_ccf = {id for id, candidacy in candidacies.items() if candidacy.in_ccf}
    tutors = _latest_tutor_answers([request.activity for request in requests if request.seat == SignOffSeat.TEACHER])

    def waiting(about: About, activity: Activity | None) -> AwaitedAnswer[About]:
        placement = placements.get(about.placement)
        by_teacher = isinstance(about, Attestation) and about.seat == SignOffSeat.TEACHER
        answer = tutors.get(activity.id) if activity is not None and by_teacher else None
        return AwaitedAnswer(about, activity, candidacies[about.candidacy], schools[about.school], placement, answer)

    return Inbox(
        sign_offs=[
            waiting(request, activities[request.activity]) for request in requests if request.candidacy in in_ccf
        ],
        reality=[
            waiting(evaluation, None)
            for evaluation in evaluations
            if placements[evaluation.placement].cancelled_at is None and evaluation.candidacy in in_ccf
        ],
    )


def _narrowing(by: Actor, to: Narrowed) -> dict[str, Any]:
    clauses: list[dict[str, Any]] = [{}]
    if to.candidacy is not None:
        clauses.append({"candidacy": to.candidacy})
    if to.division is not None:
        of_class = Candidacy.objects(school__in=by.values(Role.TEACHER, "school"), division=to.division)
        clauses.append({"candidacy": {"$in": list(of_class.scalar("id"))}})
    if to.asked_before is not None:
        clauses.append({"created_at": {"$lte": to.asked_before}})
    return {"$and": clauses}


def _latest_tutor_answers(activities: list[ObjectId]) -> dict[ObjectId, Attestation]:
    """Returns {activity id: the latest answer of a tutor}; an activity without one is absent."""
    if not activities:
        return {}
    answers = Attestation.objects(activity__in=activities, seat=SignOffSeat.TUTOR, state__in=ANSWERS)
    return {answer.activity: answer for answer in answers.order_by("answered_at")}


def _still_theirs(request: Attestation, activity: Activity) -> bool:
    moved = request.seat == SignOffSeat.TUTOR and request.placement != activity.placement
    return activity.withdrawn_at is None and not moved
