"""What the two members decide together: the degrees they agree on, the pieces, the appreciation, the mark, the sheet."""

from __future__ import annotations

from typing import Any

from flask import Response

from portfolio.permissions import Action
from portfolio.read.commission_desk import desk
from portfolio.relations import Actor
from web.commission import frame
from web.look import page
from web.pages import Pages

pages = Pages("commission_accord", __name__)


@pages.shows("/commissions/<oid:commission_id>/accord", Action.READ_ASSESSMENT)
def accord(by: Actor, at: Any, commission_id: Any) -> Response:
    seen_now = desk(by, commission_id)
    return page("commission/accord.html", **frame(by, at, seen_now, "accord"), **_agreement(seen_now))
