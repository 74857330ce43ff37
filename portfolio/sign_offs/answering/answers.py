"""Records the answers of a tutor or a teacher on the reality of activities, bound to the digests of what was shown.

An answer may be requested or spontaneous, while the portfolio is open or submitted: a late one counts if it is about
the frozen content.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portfolio.documents import Activity, Attestation
from portfolio.errors import Invalid
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.answering.record import Answer, ShownHasChanged, Signer, channel_and_proof, sign

ATTEST_AS = {SignOffSeat.TUTOR: Action.ATTEST_AS_TUTOR, SignOffSeat.TEACHER: Action.ATTEST_AS_TEACHER}


def answer(
    by: Actor,
    activity: Activity,
    seat: SignOffSeat,
    answer: str,
    shown_digest: str,
    comment: str | None,
    signer_name: str | None,
    signer_function: str | None,
    at: datetime,
) -> Attestation:
    """Signs one activity alone, and returns the attestation: see `answer_many`, whose errors it raises; Invalid and
    ShownHasChanged have bare field names. shown_digest: of what the caller was shown.
    """
    try:
        only = [Answer(activity, seat, answer, shown_digest, comment)]
        return answer_many(by, only, signer_name, signer_function, at)[0]
    except (Invalid, ShownHasChanged) as refusal:
        bare = {path.rpartition(".")[2]: sentences for path, sentences in refusal.errors.items()}
        raise type(refusal)(bare) from None


def answer_many(
    by: Actor, answers: Sequence[Answer], signer_name: str | None, signer_function: str | None, at: datetime
) -> list[Attestation]:
    """Signs everything that the caller answers at once, and returns the attestations in the order of `answers`: see
    `sign`. The channel is read from the caller's sign-in. signer_name, signer_function: as typed; None or blank: as
    proposed. Raises NotFound or Forbidden if the caller does not hold a seat; otherwise as `sign` does.
    """
    for given in answers:
        require(by, ATTEST_AS[given.seat], given.activity)
    assert by.person is not None
    return sign(by, Signer(by.person, signer_name, signer_function, channel_and_proof(by)), answers, at)


def answer_unchanged(
    by: Actor, answers: Sequence[Answer], signer_name: str | None, signer_function: str | None, at: datetime
) -> list[Attestation]:
    """Signs, as `answer_many` does, the answers about what is still as it was read, leaves the others, and returns the
    attestations signed. Raises as `answer_many` does, ShownHasChanged only if nothing is left to sign.
    """
    while True:
        try:
            return answer_many(by, answers, signer_name, signer_function, at)
        except ShownHasChanged as refusal:
            kept = [given for rank, given in enumerate(answers) if f"answers.{rank}.shown_digest" not in refusal.errors]
            if not kept:
                raise
            answers = kept
