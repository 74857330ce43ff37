"""What a visitor asked for is answered here, by the worker: nothing where nobody has the address."""

from __future__ import annotations

from datetime import datetime, timedelta

from portfolio import forgotten
from portfolio.documents import AskedWay
from portfolio.journal import Errand
from portfolio.outbox import Outcome, Row

ONE_SERVES = ("password", "link")  # the mail that left minutes ago serves as well
APART = timedelta(minutes=10)


def answer(row: Row, at: datetime) -> Outcome:
    asked = AskedWay.objects(pk=row["payload"]["asked"]).first()
    if asked is None or asked.person is None:
        return Outcome("nobody", kept=False)
    if asked.way in ONE_SERVES and _was_answered(asked):
        return Outcome("answered_already")
    if asked.way == "password":
        return forgotten.prepare(asked, at)
    if asked.way == "link":
        AskedWay.objects(pk=asked.id).update(set__used_at=at)
        return Outcome("answered", then=Errand("sign_off_link", {"person": asked.person}))
    return Outcome("answered", then=Errand("sign_in_code", {"code_row": asked.id}))


def _was_answered(asked: AskedWay) -> bool:
    """Or whoever knows an address could fill its mailbox."""
    before = {"created_at__gt": asked.created_at - APART, "used_at__ne": None, "id__ne": asked.id}
    return AskedWay.objects(person=asked.person, way=asked.way, **before).first() is not None
