"""A tutor says that a placement is not as it was written."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, url_for

from api.http.routing import find
from api.sign_offs.receipts import NewObjection
from portfolio.documents import Candidacy, Placement
from portfolio.documents.fields import read
from portfolio.identifiers import is_rehearsal
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.sign_offs.asking import objections
from web.forms import read_form
from web.layout import page
from web.pages import Pages, find_unchanged

pages = Pages("tutor_objections", __name__)


@pages.shows("/s/signaler/<oid:placement_id>", Action.CONTEST_PLACEMENT)
def object_to(by: Actor, at: datetime, placement_id: ObjectId) -> Response:
    placement = find(Placement, placement_id)
    require(by, Action.CONTEST_PLACEMENT, placement)
    candidacy = read(Candidacy, placement.candidacy)
    fictional = is_rehearsal(candidacy.session)
    return page("tutor/objection.html", placement=placement, candidacy=candidacy, fictional=fictional)


@pages.acts("/s/signaler/<oid:placement_id>", Action.CONTEST_PLACEMENT, back=object_to)
def put_objection(by: Actor, at: datetime, placement_id: ObjectId) -> str:
    values = read_form(NewObjection, "because", "comment")
    objections.contest(
        by, find_unchanged(Placement, placement_id), values.get("because", ""), values.get("comment"), at
    )
    flash("C'est noté : le professeur le lit sur sa page, et vous ne recevrez plus de rappel pour cette période.", "ok")
    return url_for("tutor.inbox", garde=1)
