"""A teacher who follows the candidate does without a tutor's sign-off, and says why."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Activity, Attestation
from portfolio.errors import Invalid, NotNow
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.sign_offs.answering.content import refuse_withdrawn
from portfolio.sign_offs.answering.record import refuse_own_work, signed_as, unasked
from portfolio.sign_offs.answering.status import sign_offs_on
from portfolio.store.chains import event_by
from portfolio.store.digests import digest
from portfolio.store.event_names import EventName
from portfolio.store.journal import Hold, commit, portfolio_chain

SHORTEST_REASON = 10


class NoTutorToAsk(NotNow):
    code = "no_tutor_to_ask"
    detail = (
        "Cette activité n'est rattachée à aucune période en entreprise : elle n'a pas de tuteur. "
        "Rattachez-la à une période, ou demandez à un professeur."
    )


class TutorAnswered(NotNow):
    code = "tutor_answered"
    detail = "Le tuteur a répondu sur cette activité, ou en a déjà été dispensé : il n'y a pas lieu de le dispenser."


def waive_tutor(by: Actor, activity: Activity, reason: str, at: datetime) -> Attestation:
    """The teacher who follows does without the tutor's sign-off, and says why: the tutor left, cannot tell, is ill…

    Raises NoTutorToAsk, TutorAnswered. A tutor who answers later is heard: that answer then counts.
    """
    require(by, Action.WAIVE_TUTOR, activity)
    refuse_own_work(by, activity)
    refuse_withdrawn(activity)
    if activity.placement is None:
        raise NoTutorToAsk()
    reason = checked_reason(reason)
    seat = sign_offs_on(activity).tutor
    if seat.attestation is not None and not seat.stale and seat.attestation.state != "not_known":
        raise TutorAnswered()
    assert by.person is not None
    waiver = unasked(by.person, activity, "tutor", None, at)
    said = {"state": "waived", "comment": reason, "placement": activity.placement, "answered_at": at}
    data = {"activity": str(activity.id), "reason": digest(reason)}
    event = event_by(by, at, portfolio_chain(activity), EventName.TUTOR_WAIVED, waiver, data)
    commit([Hold(activity, {"withdrawn_at": None}), signed_as(waiver, said)], event)
    return waiver


def checked_reason(reason: str) -> str:
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise Invalid(
            {"reason": [f"Dites pourquoi, en {SHORTEST_REASON} caractères au moins : le motif est conservé."]}
        )
    return reason
