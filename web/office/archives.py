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
from web.office.first_page import framed, selection_of
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
    selection = selection_of(by, school_id, at)
    kept_portfolios = retention.register(by, selection.school, selection.session, at) if selection.session else None
    chosen = {"school": selection.school.id, "session": selection.session}
    mine = {"$and": [scope(by, Action.READ_SLIP, EliminationSlip), chosen]}
    slips = list(EliminationSlip.objects(__raw__=mine).order_by("-id"))
    return framed(
        "archives.html",
        selection,
        "archives",
        register=kept_portfolios,
        slips=slips,
        state_labels=retention.WORDS,
        tones=TONES,
    )


@pages.shows("/etablissement/<oid:school_id>/conservation.csv", Action.ENROL)
def register_csv(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    selection = selection_of(by, school_id, at)
    lines = retention.register(by, selection.school, selection.session, at).lines if selection.session else ()
    name = f"registre-conservation-{selection.session or ''}-{selection.school.uai}.csv"
    return attached(retention.register_csv(lines, selection.zone), "text/csv; charset=utf-8", name)
