"""Plans the mail that lists to a tutor or a teacher everything that waits for them.

It leaves when a sign-off is requested, and again when the address of the tutor or teacher is corrected.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio import working_days
from portfolio.documents.fields import instant
from portfolio.rules.terms import SignOffSeat
from portfolio.store.connections import current
from portfolio.store.journal import Errand

MORNING = time(8, 30)
PARIS = ZoneInfo("Europe/Paris")


def request_mail(person_id: ObjectId, seat: SignOffSeat, at: datetime) -> Errand:
    """Returns the errand of one mail for everything that waits for this person in this seat. A tutor's mail leaves
    after `gathered_s` seconds, so that it lists further requests too; a teacher's leaves the next working morning.
    """
    if seat == SignOffSeat.TUTOR:
        due_at = at + timedelta(seconds=current().settings.gathered_s)
        return Errand("sign_offs", {"person": person_id}, f"sign_offs:{person_id}", due_at)
    return Errand("teacher_sign_offs", {"person": person_id}, f"teacher_sign_offs:{person_id}", _next_morning(at))


def _next_morning(at: datetime) -> datetime:
    """Returns the instant of MORNING (Paris) on the next working day."""
    # Metropolitan time suffices: this mail is read when its reader likes.
    day = working_days.after(at.astimezone(PARIS).date(), 1, "")
    return instant(datetime.combine(day, MORNING, PARIS))
