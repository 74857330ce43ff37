"""Accounts, as offices and administrators keep them: invited, invited again, address corrected, right revoked."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from bson import ObjectId
from flask import Response, flash, redirect, request, url_for

from api.http.paging import page as page_of_list
from api.http.routing import find
from api.http.schemas import Reason
from api.identity.accounts import CorrectedAddress, GrantToRevoke, NewColleague, NewStaffName
from portfolio.documents import Person, School
from portfolio.documents.rows import Row
from portfolio.enrolment import email_corrections
from portfolio.enrolment.corrections import staff_names
from portfolio.enrolment.entry_codes.making import has_not_come
from portfolio.enrolment.entry_codes.signatories import AwaitedSignatory, awaited_signatory
from portfolio.enrolment.moves import departures, suspensions
from portfolio.enrolment.schools.offered_exams import offered
from portfolio.identity import accounts, rights
from portfolio.identity.dual_control import change_waits
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require, scope
from portfolio.policy.relations import Actor
from web.forms import read_form
from web.layout import page
from web.mail_words import ON_THE_ACCOUNT, if_it_leaves, invitation_words
from web.office import labels
from web.office.first_page import framed, selection_of
from web.pages import Pages, find_unchanged, made_once

pages = Pages("people", __name__, "office", "administrator")

PER_PAGE = 100
WAITS = (
    "C'est noté, et cela attend : cette personne peut lire des notes ou donner des droits. Elle est prévenue. Une "
    "autre personne peut le confirmer aussitôt, sur « Droits et comptes » ; sinon cela se fera dans un jour."
)
CORRECTED = (
    "L'adresse est corrigée. L'invitation en cours et les demandes de confirmation faites à un tuteur partent à la "
    "nouvelle ; ce qui est signé reste."
)
KINDS = {"staff": ("office", "teacher"), "candidates": ("candidate",), "tutors": ("tutor",)}


@pages.shows("/etablissement/<oid:school_id>/comptes", Action.INVITE_TO_SCHOOL)
def of_school(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    selection = selection_of(by, school_id, at, Action.INVITE_TO_SCHOOL)
    kind = request.args.get("qui", "")
    kind = kind if kind in KINDS else "staff"
    roles = {"grants": {"$elemMatch": {"role": {"$in": KINDS[kind]}}}}
    query = {"$and": [scope(by, Action.READ_PERSON, Person), {"schools": selection.school.id}, roles]}
    asked = {"limit": PER_PAGE, "after": request.args.get("suite")}
    listed = page_of_list(Person, query, asked, ("family_name", "_id"))
    return framed(
        "people.html",
        selection,
        "people",
        listed=listed,
        kind=kind,
        grants_of=partial(_live, by),
        by_id=by.id,
        may_replace=may(by, Action.REPLACE_TEACHER, selection.school),
        sections=" ou ".join(exam.section for exam in offered(selection.school)),
    )


def _live(by: Actor, person: Person | Row) -> list[Any]:
    return [grant for grant in rights.grants_shown(by, person) if grant["revoked_at"] is None]


@pages.acts("/etablissement/<oid:school_id>/comptes", Action.INVITE_TO_SCHOOL, back=of_school)
def invite(by: Actor, at: datetime, school_id: ObjectId) -> str:
    school = find(School, school_id)
    require(by, Action.INVITE_TO_SCHOOL, school)
    values = read_form(NewColleague)
    colleague = made_once(by, lambda: accounts.invite_to_school(by, school, values, at))
    waits = labels.waiting_note(colleague)
    flash(f"{colleague.name} est invité(e). {invitation_words(colleague, at)}{waits}", "ok")
    return url_for("people.of_school", school_id=school_id)


# --- one account ----------------------------------------------------------------------------------


@pages.shows("/comptes/<oid:person_id>", Action.READ_PERSON)
def person(by: Actor, at: datetime, person_id: ObjectId) -> Response:
    person = find(Person, person_id)
    require(by, Action.READ_PERSON, person)
    if not may(by, Action.REVOKE_GRANT, person):
        return redirect(url_for("account.account"))  # type: ignore[return-value]
    grants = rights.grants_shown(by, person)
    schools = School.objects(pk__in=[grant.school for grant in grants if grant.school])
    return page(
        "office/person.html",
        person=person,
        grants=grants,
        schools={school.id: f"{school.name}, {school.city}" for school in schools},
        offices=set(by.values("office", "school")),
        administers=by.has("administrator"),
        may_suspend=may(by, Action.SUSPEND, person) and person.id != by.id,
        own=person.id == by.id,
        may_correct=may(by, Action.CORRECT_ADDRESS, person),
        may_rename=may(by, Action.CORRECT_NAME, person) and not staff_names.named_elsewhere(person),
        words=labels,
        last={grant.id for grant in grants if departures.leaves_nobody(person, grant, at)},
        awaited=_awaited(by, person, at),
        zone=None,
        left={grant.id: departures.left_by(person, grant, at) for grant in grants if grant.revoked_at is None},
        at=at,
    )


def _awaited(by: Actor, person: Person, at: datetime) -> tuple[School, AwaitedSignatory] | None:
    """Returns in which school of the office this teacher or tutor waits for a coupon, and how; None where in none."""
    if not has_not_come(person):
        return None
    for school in School.objects(pk__in=list({*by.values("office", "school")} & {*person.schools})).order_by("id"):
        if waiting := awaited_signatory(by, school, person, at):
            return school, waiting
    return None


def _open(person_id: ObjectId) -> str:
    return url_for("people.person", person_id=person_id)


@pages.acts("/comptes/<oid:person_id>/invitation", Action.REVOKE_GRANT, back=person)
def invite_again(by: Actor, at: datetime, person_id: ObjectId) -> str:
    require(by, Action.REVOKE_GRANT, find(Person, person_id))
    person = accounts.invite_again(by, find_unchanged(Person, person_id), at)
    if change_waits(person_id, "invitation"):
        flash(WAITS, "ok")
    else:
        sent = if_it_leaves(person, f"Une nouvelle invitation part à {person.email}.", ON_THE_ACCOUNT)
        flash(f"{sent} Les précédentes ne servent plus.", "ok")
    return _open(person_id)


@pages.acts("/comptes/<oid:person_id>/droit", Action.REVOKE_GRANT, back=person)
def revoke(by: Actor, at: datetime, person_id: ObjectId) -> str:
    require(by, Action.REVOKE_GRANT, find(Person, person_id))
    values = read_form(GrantToRevoke)
    person = departures.revoke_grant(
        by, find_unchanged(Person, person_id), values["grant"], at, values.get("successor")
    )
    flash("Le droit est retiré.", "ok")
    return _open(person_id) if may(by, Action.READ_PERSON, person) else "/"


@pages.acts("/comptes/<oid:person_id>/adresse", Action.CORRECT_ADDRESS, back=person)
def correct_address(by: Actor, at: datetime, person_id: ObjectId) -> str:
    require(by, Action.CORRECT_ADDRESS, find(Person, person_id))
    values = read_form(CorrectedAddress)
    email_corrections.correct(by, find_unchanged(Person, person_id), values["email"], at, values["password"])
    if change_waits(person_id, "address"):
        flash(WAITS, "ok")
        return _open(person_id)
    flash(CORRECTED, "ok")
    return _open(person_id)


@pages.acts("/comptes/<oid:person_id>/nom", Action.CORRECT_NAME, back=person)
def correct_name(by: Actor, at: datetime, person_id: ObjectId) -> str:
    require(by, Action.CORRECT_NAME, find(Person, person_id))
    values = staff_names.StaffNames(**read_form(NewStaffName))  # type: ignore[typeddict-item]
    person = staff_names.correct_name(by, find_unchanged(Person, person_id), values, at)
    flash(f"Le nom est corrigé : {person.name}. Ce qui est signé ou établi garde celui d'avant.", "ok")
    return _open(person_id)


@pages.acts("/comptes/<oid:person_id>/adresse/essai", Action.CORRECT_ADDRESS, back=person)
def try_address_again(by: Actor, at: datetime, person_id: ObjectId) -> str:
    require(by, Action.CORRECT_ADDRESS, find(Person, person_id))
    person = email_corrections.try_again(by, find_unchanged(Person, person_id), at)
    flash(if_it_leaves(person, f"Ce qui attendait repart à {person.email}.", ON_THE_ACCOUNT), "ok")
    return _open(person_id)


@pages.acts("/comptes/<oid:person_id>/suspension", Action.SUSPEND, back=person)
def suspend(by: Actor, at: datetime, person_id: ObjectId) -> str:
    require(by, Action.SUSPEND, find(Person, person_id))
    suspensions.suspend(by, find_unchanged(Person, person_id), read_form(Reason)["reason"], at)
    flash("Le compte est suspendu, sur tous ses appareils.", "ok")
    return _open(person_id)


@pages.acts("/comptes/<oid:person_id>/retablissement", Action.SUSPEND, back=person)
def reinstate(by: Actor, at: datetime, person_id: ObjectId) -> str:
    require(by, Action.SUSPEND, find(Person, person_id))
    suspensions.reinstate(by, find_unchanged(Person, person_id), at)
    flash("Le compte est rétabli, avec le mot de passe qu'il avait.", "ok")
    return _open(person_id)
