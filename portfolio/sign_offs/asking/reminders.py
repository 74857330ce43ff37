"""When a tutor who has not answered is asked again, how often, and why not any more."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio import working_days
from portfolio.documents import Activity, Attestation, Placement, RealityEvaluation, School
from portfolio.documents.attestations import ANSWERS
from portfolio.documents.fields import instant
from portfolio.enrolment.asking_mail import MORNING
from portfolio.enrolment.institutions import academy_of
from portfolio.store.journal import Errand

GAPS = (3, 7, 10)  # working days after the mail before: the third one, the tenth, the twentieth; then no more


def following(
    person_id: ObjectId, requests: list[ObjectId], school: School, number: int, at: datetime
) -> Errand | None:
    """The reminder of this number (from 1), counted from a mail that left `at`; None past the last one.

    One waits for each person: a new mail, which asks again for all that waits, starts the count anew.
    """
    if number > len(GAPS):
        return None
    zone = ZoneInfo(academy_of(school.academy).timezone)
    day = working_days.after(at.astimezone(zone).date(), GAPS[number - 1], school.uai)
    payload = {"person": person_id, "requests": requests, "number": number}
    due_at = datetime.combine(day, MORNING, zone)
    return Errand("sign_off_reminder", payload, f"reminder:{person_id}", instant(due_at))


def why_over(requests: list[ObjectId]) -> str:
    """Why nothing of this is waited for any more: what became of the first one that tells."""
    reasons = {_why(one) for one in Attestation.objects(pk__in=requests)}
    reasons |= {"answered" for one in RealityEvaluation.objects(pk__in=requests) if one.state != "proposed"}
    order = ("answered", "waived", "declined", "placement_cancelled", "withdrawn", "tutor_replaced")
    return next((reason for reason in order if reason in reasons), "nothing_waits")


def _why(request: Attestation) -> str | None:
    if request.state in ANSWERS:
        return "answered"
    if request.state == "declined":
        return "declined"
    activity: Any = Activity.objects(pk=request.activity).first()
    if activity is None or activity.withdrawn_at is not None or activity.placement != request.placement:
        return "withdrawn"
    placement = Placement.objects(pk=request.placement).first()
    if placement is not None and placement.cancelled_at is not None:
        return "placement_cancelled"
    if placement is not None and placement.tutor != request.person:
        return "tutor_replaced"
    return "waived" if is_waived(request) else None


def is_waived(request: Attestation) -> bool:
    """The teacher did without the tutor since, who may still answer but is not asked again."""
    about = {"activity": request.activity, "seat": request.seat, "state": "waived"}
    return Attestation.objects(**about, answered_at__gte=request.created_at).first() is not None
