"""Lets a teacher who follows the candidate waive a tutor's sign-off, with a reason."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Activity, Attestation
from portfolio.documents.attestations import SignOffState
from portfolio.errors import NotNow, RuleSource
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.answering.content import refuse_withdrawn
from portfolio.sign_offs.answering.record import refuse_own_work, signed_as, unasked
from portfolio.sign_offs.answering.status import sign_offs_on
from portfolio.store.chains import event_by
from portfolio.store.digests import digest
from portfolio.store.event_names import EventName
from portfolio.store.journal import Hold, commit, portfolio_chain
from portfolio.validation import checked_reason


class NoTutorToAsk(NotNow):
    code = "no_tutor_to_ask"
    source = RuleSource.INTEGRITY
    detail = (
        "Cette activité n'est rattachée à aucune période en entreprise : elle n'a pas de tuteur. "
        "Rattachez-la à une période, ou demandez à un professeur."
    )


class TutorAnswered(NotNow):
    code = "tutor_answered"
    source = RuleSource.INTEGRITY
    detail = "Le tuteur a répondu sur cette activité, ou en a déjà été dispensé : il n'y a pas lieu de le dispenser."


def waive_tutor(by: Actor, activity: Activity, reason: str, at: datetime) -> Attestation:
    """Waives the tutor's sign-off, with the teacher's reason (the tutor left, cannot tell, is ill…), and returns the
    waiver. A tutor may still answer later: that answer then counts. Raises NoTutorToAsk, TutorAnswered, Withdrawn,
    OwnWork; Invalid without a reason.
    """
    require(by, Action.WAIVE_TUTOR, activity)
    refuse_own_work(by, activity)
    refuse_withdrawn(activity)
    if activity.placement is None:
        raise NoTutorToAsk()
    reason = checked_reason(reason)
    seat = sign_offs_on(activity).tutor
    if seat.attestation is not None and not seat.stale and seat.attestation.state != SignOffState.NOT_KNOWN:
        raise TutorAnswered()
    assert by.person is not None
    waiver = unasked(by.person, activity, SignOffSeat.TUTOR, None, at)
    values = {"state": SignOffState.WAIVED, "comment": reason, "placement": activity.placement, "answered_at": at}
    data = {"activity": str(activity.id), "reason": digest(reason)}
    event = event_by(by, at, portfolio_chain(activity), EventName.TUTOR_WAIVED, waiver, data)
    commit([Hold(activity, {"withdrawn_at": None, "school": activity.school}), signed_as(waiver, values)], event)
    return waiver
