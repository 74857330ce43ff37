"""Teachers and tutors without an e-mail address who have not come yet, and the coupons that bring them in."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, request

from api.http.downloads import attached
from api.http.routing import find
from portfolio.documents import Person, School
from portfolio.enrolment.entry_codes import signatories, signatory_coupons
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor
from web.office.first_page import framed, selection_of
from web.office.people import person
from web.pages import Pages

pages = Pages("office_signatory_codes", __name__, "office")


@pages.shows("/etablissement/<oid:school_id>/codes/equipe", Action.ENROL)
def show(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    selection = selection_of(by, school_id, at)
    session, division, school = selection.session, selection.division, selection.school
    return framed(
        "signatory_codes.html",
        selection,
        "candidates",
        teachers=signatories.awaited_teachers(by, school, at),
        tutors=signatories.awaited_tutors(by, school, session, at, division) if session else [],
    )


@pages.acts("/etablissement/<oid:school_id>/codes/professeurs", Action.ENROL, back=show)
def print_codes_of_teachers(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    """Makes the codes and answers with their coupons, this once."""
    return attached(signatory_coupons.teachers_pdf(by, find(School, school_id), at), "application/pdf", "coupons.pdf")


@pages.acts("/etablissement/<oid:school_id>/codes/tuteurs", Action.ENROL, back=show)
def print_codes_of_tutors(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    """Makes the codes and answers with their coupons, this once."""
    school, form = find(School, school_id), request.form
    data = signatory_coupons.tutors_pdf(by, school, form.get("session", ""), at, form.get("classe") or None)
    return attached(data, "application/pdf", "coupons.pdf")


@pages.acts("/etablissement/<oid:school_id>/comptes/<oid:person_id>/code", Action.ENROL, back=person)
def print_code(by: Actor, at: datetime, school_id: ObjectId, person_id: ObjectId) -> Response:
    """Makes the code of one teacher or tutor anew and answers with their coupon, this once."""
    school = find(School, school_id)
    data = signatory_coupons.signatory_pdf(by, school, find(Person, person_id), at)
    return attached(data, "application/pdf", "coupon.pdf")
