"""What a visitor asked for is answered here, by the worker: nothing where nobody has the address."""

from __future__ import annotations

from datetime import datetime

from portfolio import forgotten
from portfolio.documents import AskedWay
from portfolio.journal import Errand
from portfolio.outbox import Outcome, Row


def answer(row: Row, at: datetime) -> Outcome:
    asked = AskedWay.objects(pk=row["payload"]["asked"]).first()
    if asked is None or asked.person is None:
        return Outcome("nobody", kept=False)
    if asked.way == "password":
        return forgotten.prepare(asked, at)
    if asked.way == "link":
        return Outcome("answered", then=Errand("sign_off_link", {"person": asked.person}))
    return Outcome("answered", then=Errand("sign_in_code", {"code_row": asked.id}))
