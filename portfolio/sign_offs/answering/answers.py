"""A tutor or a teacher answers for the reality of activities, on the digests of what they were shown.

Asked for or spontaneous, while the portfolio is open or submitted: a late one counts if it is about the frozen content.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portfolio.documents import Activity, Attestation
from portfolio.errors import Invalid
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.sign_offs.answering.record import Answer, Signer, how_they_came, sign

ATTEST_AS = {"tutor": Action.ATTEST_AS_TUTOR, "teacher": Action.ATTEST_AS_TEACHER}


def answer(
    by: Actor,
    activity: Activity,
    seat: str,
    answer: str,
    shown_digest: str,
    comment: str | None,
    signer_name: str | None,
    signer_function: str | None,
    at: datetime,
) -> Attestation:
    """One activity alone: see `answer_many`."""
    try:
        only = [Answer(activity, seat, answer, shown_digest, comment)]
        return answer_many(by, only, signer_name, signer_function, at)[0]
    except Invalid as invalid:
        raise Invalid({name.rpartition(".")[2]: said for name, said in invalid.errors.items()}) from None


def answer_many(
    by: Actor, answers: Sequence[Answer], signer_name: str | None, signer_function: str | None, at: datetime
) -> list[Attestation]:
    """All that one person signs at once: see `sign`. How they came is taken from `by`."""
    for one in answers:
        require(by, ATTEST_AS[one.seat], one.activity)
    assert by.person is not None
    return sign(by, Signer(by.person, signer_name, signer_function, how_they_came(by)), answers, at)
