"""Notes that the deadline of a candidate moves, and asks for the mail that says so.

A notified adaptation or another version of the circular moves it; each act writes this in its own commit.
"""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Candidacy
from portfolio.documents.candidacies import Adaptation, DeadlineMove, ExamForm
from portfolio.enrolment.deadline import deadline_under
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.pinned import circular_of
from portfolio.rules.texts.circular_terms import Circular
from portfolio.store.connections import current
from portfolio.store.journal import Errand

MAIL = "deadline_moved"


def moved_by_adaptation(candidacy: Candidacy, adaptation: Adaptation, at: datetime) -> DeadlineMove | None:
    """Returns how an adaptation, not yet on the candidacy, moves its deadline; None if it does not, or there is no
    portfolio to hand in.
    """
    return _move(candidacy, circular_of(candidacy), [*candidacy.adaptations, adaptation], at)


def moved_by_circular(candidacy: Candidacy, after: Circular, at: datetime) -> DeadlineMove | None:
    """Returns how another version of the circular, to which the candidacy is not yet pinned, moves its deadline; None
    if it does not, or there is no portfolio to hand in.
    """
    return _move(candidacy, after, list(candidacy.adaptations), at)


def _move(candidacy: Candidacy, after: Circular, adaptations: list[Adaptation], at: datetime) -> DeadlineMove | None:
    if candidacy.ccf.form != ExamForm.CCF:
        return None
    zone = academy_of(candidacy.academy).timezone
    then = deadline_under(circular_of(candidacy), candidacy.adaptations, zone)
    now = deadline_under(after, adaptations, zone)
    return DeadlineMove(before=then, after=now, moved_at=at) if now != then else None


def move_mail(candidacy: Candidacy, move: DeadlineMove | None) -> list[Errand]:
    """Returns the errand of the mail that tells the candidate of a move; [] without one."""
    payload = {"person": candidacy.person, "candidacy": candidacy.id}
    return [Errand(MAIL, payload, f"{MAIL}:{candidacy.id}")] if move else []


def untold(candidacy: Candidacy) -> list[DeadlineMove]:
    """Returns the moves that no mail has told the candidate yet, the earliest first. One query."""
    return list(candidacy.deadline_moves)[_told(candidacy) :]


def _told(candidacy: Candidacy) -> int:
    """Returns how many moves mails that left have told. One that came back has told nothing."""
    whose = {"payload.person": candidacy.person, "payload.candidacy": candidacy.id}  # the index is by person
    left = {"kind": MAIL, **whose, "outcome": "sent", "bounced_at": None}
    last = current().database.outbox.find_one(left, {"moves": 1}, sort=[("moves", -1)])
    return int(last["moves"]) if last else 0
