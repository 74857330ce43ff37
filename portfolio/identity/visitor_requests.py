"""Answers the requests of visitors, in the worker: nothing is sent if the address is unknown."""

from __future__ import annotations

from datetime import datetime, timedelta

from portfolio.documents import AskedWay, Invitation, OutboxRow, SignOffLink
from portfolio.documents.links import WayAsked
from portfolio.documents.people import InvitationPurpose
from portfolio.identity import password_reset
from portfolio.store.journal import Errand
from portfolio.store.outbox import ErrandOutcome, ErrandRow

APART = timedelta(minutes=10)  # between two mails to one person: a stranger must not fill the mailbox


def answer(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Handles the outbox row of a visitor's request (payload: asked) and returns its outcome: `nobody` (the row goes),
    `answered_already` (a link sent lately still works), or `answered`, with the errand that mails the link or code.
    """
    asked = AskedWay.objects(pk=row["payload"]["asked"]).first()
    if asked is None or asked.person is None:
        return ErrandOutcome("nobody", kept=False)
    if _a_mail_still_serves(asked, at):
        return ErrandOutcome("answered_already")
    if asked.way == WayAsked.PASSWORD:
        return password_reset.prepare(asked, at)
    if asked.way == WayAsked.LINK:
        once = f"sign_off_link:{asked.person}"
        return ErrandOutcome("answered", then=Errand("sign_off_link", {"person": asked.person}, key=once))
    return ErrandOutcome("answered", then=Errand("sign_in_code", {"code_row": asked.id}))


def _a_mail_still_serves(asked: AskedWay, at: datetime) -> bool:
    """Returns True if a link sent for the same person within APART before `at` still works. A code never does: it
    belongs to the page that asked.
    """
    lately = {"person": asked.person, "created_at__gt": at - APART}
    if asked.way == WayAsked.PASSWORD:
        return Invitation.objects(purpose=InvitationPurpose.RESET, used_at=None, **lately).first() is not None
    if asked.way != WayAsked.LINK:
        return False
    mails = SignOffLink.objects(revoked_at=None, **lately).scalar("row")
    return OutboxRow.objects(pk__in=list(mails), kind="sign_off_link").first() is not None
