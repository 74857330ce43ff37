"""What the school keeps, and since when it could be proposed for elimination (`slips.py`)."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response

from api.http.downloads import attached
from portfolio.archive import retention
from portfolio.documents import EliminationSlip
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor
from web.office.first_page import framed, here_of
from web.pages import Pages

pages = Pages("office_archives", __name__, "office")

TONES = {
    "reached": "warn",
    "on_slip": "warn",
    "held": "wrong",
    "waits": "plain",
    "reserved": "wrong",
    "not_published": "plain",
    "eliminated": "ok",
}


@pages.shows("/etablissement/<oid:school_id>/conservation", Action.ENROL)
def register(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    here = here_of(by, school_id, at)
    kept_portfolios = retention.register(by, here.school, here.session, at) if here.session else None
    mine = {"$and": [scope(by, Action.READ_SLIP, EliminationSlip), {"school": here.school.id, "session": here.session}]}
    slips = list(EliminationSlip.objects(__raw__=mine).order_by("-id"))
    return framed(
        "archives.html",
        here,
        "archives",
        register=kept_portfolios,
        slips=slips,
        state_labels=retention.WORDS,
        tones=TONES,
    )


@pages.shows("/etablissement/<oid:school_id>/conservation.csv", Action.ENROL)
def register_csv(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    here = here_of(by, school_id, at)
    lines = retention.register(by, here.school, here.session, at).lines if here.session else ()
    name = f"registre-conservation-{here.session or ''}-{here.school.uai}.csv"
    return attached(retention.register_csv(lines, here.zone), "text/csv; charset=utf-8", name)
