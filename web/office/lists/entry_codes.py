"""Candidates without an e-mail address who have not come yet, and the coupons that bring them in."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, request

from api.http.downloads import attached
from api.http.routing import find
from portfolio.documents import Candidacy, School
from portfolio.enrolment.entry_codes import coupons, making
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor
from web.office.candidates import candidate
from web.office.first_page import framed, selection_of
from web.pages import Pages

pages = Pages("office_entry_codes", __name__, "office")


@pages.shows("/etablissement/<oid:school_id>/codes", Action.ENROL)
def show(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    selection = selection_of(by, school_id, at)
    session, division = selection.session, selection.division
    waiting = making.awaited(by, selection.school, session, at, division) if session else []
    return framed("entry_codes.html", selection, "candidates", waiting=waiting)


@pages.acts("/etablissement/<oid:school_id>/codes", Action.ENROL, back=show)
def print_codes(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    """Makes the codes and answers with their coupons, this once: nothing that can be opened again holds a code."""
    school, form = find(School, school_id), request.form
    data = coupons.coupons_pdf(by, school, form.get("session", ""), at, form.get("classe") or None)
    return attached(data, "application/pdf", "coupons.pdf")


@pages.acts("/etablissement/candidats/<oid:candidacy_id>/code", Action.AMEND_CANDIDACY, back=candidate)
def print_code(by: Actor, at: datetime, candidacy_id: ObjectId) -> Response:
    """Makes one candidate's code anew and answers with their coupon, this once."""
    return attached(coupons.coupon_pdf(by, find(Candidacy, candidacy_id), at), "application/pdf", "coupon.pdf")
