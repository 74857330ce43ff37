"""Decides when a tutor who has not answered is reminded, how often, and why reminders end."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio import working_days
from portfolio.documents import Activity, Attestation, Candidacy, Placement, RealityEvaluation, School
from portfolio.documents.attestations import ANSWERS, RealityState, SignOffState
from portfolio.documents.fields import instant
from portfolio.enrolment.institutions import academy_of
from portfolio.identity.waiting_mails.asking_mail import MORNING
from portfolio.store.journal import Errand

GAPS = (3, 7, 10)  # working days after the mail before: the third one, the tenth, the twentieth; then no more


def following(
    person_id: ObjectId, requests: list[ObjectId], school: School, number: int, at: datetime
) -> Errand | None:
    """Returns the errand of the reminder of this number (from 1), counted from a mail that left `at`; None past the
    last one. requests: ids of what it is about. Each person has one pending reminder: a new mail, which lists
    everything that waits, restarts the count.
    """
    if number > len(GAPS):
        return None
    zone = ZoneInfo(academy_of(school.academy).timezone)
    day = working_days.after(at.astimezone(zone).date(), GAPS[number - 1], school.uai)
    payload = {"person": person_id, "requests": requests, "number": number}
    due_at = datetime.combine(day, MORNING, zone)
    return Errand("sign_off_reminder", payload, f"reminder:{person_id}", instant(due_at))


def why_over(requests: list[ObjectId]) -> str:
    """Returns the code of why these requests (ids) await no answer: answered, waived, declined, abandoned,
    placement_cancelled, withdrawn, tutor_replaced, the first that holds, else nothing_waits.
    """
    reasons = {_why(request) for request in Attestation.objects(pk__in=requests)}
    evaluations = RealityEvaluation.objects(pk__in=requests)
    reasons |= {"answered" for evaluation in evaluations if evaluation.state != RealityState.PROPOSED}
    order = ("answered", "waived", "declined", "abandoned", "placement_cancelled", "withdrawn", "tutor_replaced")
    return next((reason for reason in order if reason in reasons), "nothing_waits")


def _why(request: Attestation) -> str | None:
    if request.state in ANSWERS:
        return "answered"
    if request.state == SignOffState.DECLINED:
        return "declined"
    if Candidacy.objects(pk=request.candidacy, abandoned__ne=None).only("id").first() is not None:
        return "abandoned"
    activity = Activity.objects(pk=request.activity).first()
    if activity is None or activity.withdrawn_at is not None or activity.placement != request.placement:
        return "withdrawn"
    placement = Placement.objects(pk=request.placement).first()
    if placement is not None and placement.cancelled_at is not None:
        return "placement_cancelled"
    if placement is not None and placement.tutor != request.person:
        return "tutor_replaced"
    return "waived" if is_waived(request) else None


def is_waived(request: Attestation) -> bool:
    """Returns True if a teacher has waived the tutor since: the tutor may still answer, but is not reminded."""
    about = {"activity": request.activity, "seat": request.seat, "state": SignOffState.WAIVED}
    return Attestation.objects(**about, answered_at__gte=request.created_at).first() is not None
