"""One candidate's reserve: placed by the jury, the commission or the office; lifted by the jury, naming a decision."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, url_for

from api.http.routing import find
from api.jury.reserves import Lifting, NewReserve
from portfolio.documents import Candidacy, Reserve
from portfolio.documents.commissions import ReserveState
from portfolio.enrolment.institutions import academy_of
from portfolio.jury import reserves
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from web.forms import read_form
from web.layout import page
from web.pages import Pages, find_unchanged, made_once

pages = Pages("jury_reserves", __name__, "jury", "office", "teacher", "tutor", of_a_commission=True)


@pages.shows("/candidatures/<oid:candidacy_id>/reserve", Action.READ_RESERVE)
def show(by: Actor, at: datetime, candidacy_id: ObjectId) -> Response:
    candidacy = find(Candidacy, candidacy_id)
    written = reserves.reserves_of(by, candidacy)
    if not written:
        require(by, Action.PLACE_RESERVE, candidacy)
    standing = next((reserve for reserve in written if reserve.state == ReserveState.STANDING), None)
    return page(
        "jury/reserve.html",
        candidacy=candidacy,
        standing=standing,
        lifted=[reserve for reserve in written if reserve is not standing],
        may_place=may(by, Action.PLACE_RESERVE, candidacy),
        may_lift=standing is not None and may(by, Action.LIFT_RESERVE, standing),
        zone=academy_of(candidacy.academy).timezone,
    )


@pages.acts("/candidatures/<oid:candidacy_id>/reserve", Action.PLACE_RESERVE, back=show)
def place(by: Actor, at: datetime, candidacy_id: ObjectId) -> str:
    candidacy = find(Candidacy, candidacy_id)
    require(by, Action.PLACE_RESERVE, candidacy)
    values = read_form(NewReserve, "reason", "reference")
    made_once(by, lambda: reserves.place(by, candidacy, values, at))
    flash("Le résultat est réservé : il ne sera pas publié avant qu'une décision ne lève la réserve.", "ok")
    return url_for("jury_reserves.show", candidacy_id=candidacy_id)


def _of_reserve(by: Actor, at: datetime, reserve_id: ObjectId) -> Response:
    return show(by, at, find(Reserve, reserve_id).candidacy)


@pages.acts("/reserves/<oid:reserve_id>/levee", Action.LIFT_RESERVE, back=_of_reserve)
def lift(by: Actor, at: datetime, reserve_id: ObjectId) -> str:
    require(by, Action.LIFT_RESERVE, find(Reserve, reserve_id))
    values = read_form(Lifting, "reference")
    reserve = reserves.lift(by, find_unchanged(Reserve, reserve_id), values["reference"], at)
    flash("La réserve est levée : la prochaine publication comprend ce résultat, s'il est décidé.", "ok")
    return url_for("jury_reserves.show", candidacy_id=reserve.candidacy)
