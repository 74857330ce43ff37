"""The mail that asks a tutor or a teacher for all that waits for them.

It leaves when a sign-off is asked for, and again when the address of whoever was asked is corrected.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio import working_days
from portfolio.documents.fields import instant
from portfolio.store.connections import current
from portfolio.store.journal import Errand

MORNING = time(8, 30)
PARIS = ZoneInfo("Europe/Paris")


def mail_that_asks(person_id: ObjectId, seat: str, at: datetime) -> Errand:
    """One mail for all that waits.

    A tutor's leaves once whoever asks has had time to ask for the rest, a teacher's the next working morning.
    """
    if seat == "tutor":
        due_at = at + timedelta(seconds=current().settings.gathered_s)
        return Errand("sign_offs", {"person": person_id}, f"sign_offs:{person_id}", due_at)
    return Errand("teacher_sign_offs", {"person": person_id}, f"teacher_sign_offs:{person_id}", _next_morning(at))


def _next_morning(at: datetime) -> datetime:
    """Metropolitan time suffices: this mail is read when its reader likes."""
    day = working_days.after(at.astimezone(PARIS).date(), 1, "")
    return instant(datetime.combine(day, MORNING, PARIS))
