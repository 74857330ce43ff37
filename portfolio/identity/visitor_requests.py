"""What a visitor asked for is answered here, by the worker: nothing where nobody has the address."""

from __future__ import annotations

from datetime import datetime, timedelta

from portfolio.documents import AskedWay, Invitation, OutboxRow, SignOffLink
from portfolio.identity import password_reset
from portfolio.store.journal import Errand
from portfolio.store.outbox import Outcome, Row

APART = timedelta(minutes=10)  # of two mails to one person, or whoever knows an address could fill its mailbox


def answer(row: Row, at: datetime) -> Outcome:
    asked = AskedWay.objects(pk=row["payload"]["asked"]).first()
    if asked is None or asked.person is None:
        return Outcome("nobody", kept=False)
    if _a_mail_still_serves(asked, at):
        return Outcome("answered_already")
    if asked.way == "password":
        return password_reset.prepare(asked, at)
    if asked.way == "link":
        once = f"sign_off_link:{asked.person}"
        return Outcome("answered", then=Errand("sign_off_link", {"person": asked.person}, key=once))
    return Outcome("answered", then=Errand("sign_in_code", {"code_row": asked.id}))


def _a_mail_still_serves(asked: AskedWay, at: datetime) -> bool:
    """A link that was asked for a moment ago, and opens. A code is of the page that asked for it, and of no other."""
    lately = {"person": asked.person, "created_at__gt": at - APART}
    if asked.way == "password":
        return Invitation.objects(purpose="reset", used_at=None, **lately).first() is not None
    if asked.way != "link":
        return False
    mails = SignOffLink.objects(revoked_at=None, **lately).scalar("row")
    return OutboxRow.objects(pk__in=list(mails), kind="sign_off_link").first() is not None
