"""The administrator's pages: academies, their schools and juries, staff and their accounts. No evidence and no mark."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.enrolment.institutions import (
    NewAcademy,
    NewHabilitation,
    NewHabilitationEnd,
    NewJury,
    NewSchool,
    NewSchoolFacts,
)
from api.http.paging import page as page_of_list
from api.http.routing import find
from api.identity.accounts import NewStaff
from portfolio.boards import look_ups as support_look_ups
from portfolio.documents import Academy, Jury, Person, School
from portfolio.documents.people import ROLES
from portfolio.documents.places import by_city
from portfolio.enrolment import institutions
from portfolio.enrolment.corrections import school_facts
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.schools import habilitations, offered_exams
from portfolio.identifiers import ACADEMIES, name_key
from portfolio.identity import accounts
from portfolio.jury import deputies
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.texts.exam import exams
from web.forms import read_form
from web.layout import page
from web.mail_words import invitation_words
from web.office import labels
from web.pages import Pages, find_unchanged, made_once

pages = Pages("administrator", __name__, "administrator")

PER_PAGE = 100
OF_AN_ACADEMY = ("jury", "inspector", "exam_service", "support")
FORMS_STAY = "La forme de l'épreuve de ceux qui sont inscrits ne change pas : leur secrétariat lit qui est à revoir."
BESIDE = "Un droit donné auparavant sur une seule de ces académies n'ouvre aucune page de ce jury et n'y décide rien."
STAFF = tuple((role, labels.ROLES[role]) for role in ("office", *OF_AN_ACADEMY, "administrator"))


def framed(template: str, tab: str, **values: Any) -> Response:
    return page(f"administrator/{template}", tab=tab, words=labels, **values)


@pages.shows("/administration", Action.READ_ACADEMY)
def home(by: Actor, at: datetime) -> Response:
    academies = sorted(Academy.objects(__raw__=scope(by, Action.CREATE_PLACES, Academy)), key=_called)
    group = [{"$group": {"_id": "$academy", "count": {"$sum": 1}}}]
    of_schools = School._get_collection()
    counts = {row["_id"]: row["count"] for row in of_schools.aggregate(group, hint={"academy": 1})}
    known = {academy.code for academy in academies}
    offered = [
        (code, name) for code, name in sorted(ACADEMIES.items(), key=lambda one: name_key(one[1])) if code not in known
    ]
    return framed("home.html", "places", academies=academies, counts=counts, offered=offered)


@pages.acts("/administration", Action.CREATE_PLACES, back=home)
def create_academy(by: Actor, at: datetime) -> str:
    require(by, Action.CREATE_PLACES, Academy())
    values = read_form(NewAcademy(), "code", "name", "timezone")
    academy = made_once(by, lambda: institutions.create_academy(by, values, at))
    flash(f"L'académie {academy.name} est ouverte.", "ok")
    return url_for("administrator.academy", academy_id=academy.id)


def _called(academy: Academy) -> str:
    return name_key(academy.name)


# --- one academy ----------------------------------------------------------------------------------


@pages.shows("/administration/academies/<oid:academy_id>", Action.CREATE_PLACES)
def academy(by: Actor, at: datetime, academy_id: ObjectId) -> Response:
    academy = find(Academy, academy_id)
    require(by, Action.CREATE_PLACES, academy)
    live = {"role": {"$in": list(OF_AN_ACADEMY)}, "revoked_at": None}
    here = [{"grants": {"$elemMatch": {field: academy.code} | live}} for field in ("academy", "academies")]
    staff = Person.objects(__raw__={"$and": [scope(by, Action.READ_PERSON, Person), {"$or": here}]})
    schools = sorted(School.objects(academy=academy.code), key=by_city)
    return framed(
        "academy.html",
        "places",
        academy=academy,
        schools=schools,
        offered=[(school.id, f"{school.name}, {school.city} ({school.uai})") for school in schools],
        juries=list(Jury.objects(academies=academy.code).order_by("-session")),
        others=[(other.code, other.name) for other in sorted(Academy.objects(code__ne=academy.code), key=_called)],
        staff=[(person, [grant for grant in person.grants if academy.code in grant.region]) for person in staff],
        roles=STAFF,
        exams=[(exam.code, exam.with_diploma) for exam in exams().values()],
        at=at,
    )


def _open(academy_id: ObjectId, anchor: str) -> str:
    return url_for("administrator.academy", academy_id=academy_id, _anchor=anchor)


@pages.acts("/administration/academies/<oid:academy_id>/etablissements", Action.CREATE_PLACES, back=academy)
def create_school(by: Actor, at: datetime, academy_id: ObjectId) -> str:
    academy, values = find(Academy, academy_id), read_form(NewSchool)
    school = made_once(by, lambda: institutions.create_school(by, academy, values, at))
    flash(f"L'établissement {school.name} est ouvert. Invitez maintenant son secrétariat.", "ok")
    return _open(academy_id, "etablissements")


def _around_school(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    return academy(by, at, academy_of(find(School, school_id).academy).id)


@pages.acts("/administration/etablissements/<oid:school_id>/epreuves", Action.OFFER_EXAMS, back=_around_school)
def offer_exams(by: Actor, at: datetime, school_id: ObjectId) -> str:
    require(by, Action.OFFER_EXAMS, find(School, school_id))
    school = offered_exams.offer(by, find_unchanged(School, school_id), request.form.getlist("exams"), at)
    named = ", ".join(exam.name for exam in offered_exams.offered(school))
    flash(f"{school.name} propose maintenant : {named}. Les candidats déjà inscrits restent à leur épreuve.", "ok")
    return _open(academy_of(school.academy).id, "etablissements")


@pages.acts("/administration/etablissements/<oid:school_id>/nom", Action.CORRECT_SCHOOL, back=_around_school)
def correct_school(by: Actor, at: datetime, school_id: ObjectId) -> str:
    require(by, Action.CORRECT_SCHOOL, find(School, school_id))
    values = school_facts.SchoolFacts(**read_form(NewSchoolFacts))  # type: ignore[typeddict-item]
    school = school_facts.correct_school(by, find_unchanged(School, school_id), values, at)
    flash(f"C'est corrigé : {school.name}, {school.city}.", "ok")
    return _open(academy_of(school.academy).id, "etablissements")


@pages.acts(
    "/administration/etablissements/<oid:school_id>/habilitations", Action.RECORD_HABILITATION, back=_around_school
)
def record_habilitation(by: Actor, at: datetime, school_id: ObjectId) -> str:
    require(by, Action.RECORD_HABILITATION, find(School, school_id))
    unchanged = find_unchanged(School, school_id)  # who was overtaken is told so first, whatever they typed
    school = habilitations.record(by, unchanged, {**read_form(NewHabilitation())}, at)  # type: ignore[typeddict-item]
    flash(f"L'habilitation de {school.name} est enregistrée. {FORMS_STAY}", "ok")
    return _open(academy_of(school.academy).id, "etablissements")


@pages.acts(
    "/administration/etablissements/<oid:school_id>/habilitations/terme",
    Action.RECORD_HABILITATION,
    back=_around_school,
)
def end_habilitation(by: Actor, at: datetime, school_id: ObjectId) -> str:
    require(by, Action.RECORD_HABILITATION, find(School, school_id))
    unchanged = find_unchanged(School, school_id)
    values: Any = read_form(NewHabilitationEnd)
    school = habilitations.end(by, unchanged, values, at)
    flash(f"Le terme de l'habilitation de {school.name} est enregistré, l'ancien est gardé. {FORMS_STAY}", "ok")
    return _open(academy_of(school.academy).id, "etablissements")


@pages.acts("/administration/academies/<oid:academy_id>/jurys", Action.CREATE_PLACES, back=academy)
def create_jury(by: Actor, at: datetime, academy_id: ObjectId) -> str:
    academy, values = find(Academy, academy_id), read_form(NewJury)
    jury = made_once(by, lambda: institutions.create_jury(by, academy, values, at))
    flash(f"{jury.name} est ouvert pour la session {jury.session}.", "ok")
    if beside := deputies.rights_beside(by, jury):
        flash(f"{BESIDE} Invitez de nouveau : {', '.join(beside)}.", "warn")
    return _open(academy_id, "jurys")


@pages.acts("/administration/academies/<oid:academy_id>/comptes", Action.INVITE_STAFF, back=academy)
def invite(by: Actor, at: datetime, academy_id: ObjectId) -> str:
    academy, values = find(Academy, academy_id), read_form(NewStaff)
    colleague = made_once(by, lambda: accounts.invite_staff(by, academy, values, at))
    waits = labels.waiting_note(colleague)
    flash(f"{colleague.name} est invité(e). {invitation_words(colleague, at)}{waits}", "ok")
    return _open(academy_id, "comptes")


@pages.shows("/administration/academies/<oid:academy_id>/consultations", Action.READ_LOOK_UPS)
def look_ups(by: Actor, at: datetime, academy_id: ObjectId) -> Response:
    academy, after = find(Academy, academy_id), request.args.get("suite", "")
    following = ObjectId(after) if ObjectId.is_valid(after) else None
    items, following = support_look_ups.look_ups(by, academy, following, PER_PAGE)
    return framed("look_ups.html", "places", academy=academy, items=items, following=following)


# --- accounts -------------------------------------------------------------------------------------


@pages.shows("/administration/comptes", Action.SUSPEND)
def people(by: Actor, at: datetime) -> Response:
    return _people(by, "")


@pages.acts("/administration/comptes", Action.SUSPEND, back=people)
def seek(by: Actor, at: datetime) -> Response:
    """Shows the people whose name or address holds the text of the form (`nom`, 100 characters at most), and changes
    nothing: a POST, so that no URL holds a name or an e-mail address.
    """
    return _people(by, request.form.get("nom", "").strip()[:100])


def _people(by: Actor, sought: str) -> Response:
    role = request.args.get("role") if request.args.get("role") in ROLES else ""
    query: dict[str, Any] = {"grants": {"$elemMatch": {"role": role, "revoked_at": None}}} if role else {}
    begins = {"$regex": f"^{re.escape(sought)}", "$options": "i"}
    query |= {"$or": [{"family_name": begins}, {"email": begins}]} if sought else {}
    asked = {"limit": PER_PAGE, "after": request.args.get("suite")}
    mine = scope(by, Action.SUSPEND, Person)
    accounts_page = page_of_list(Person, {"$and": [mine, query]}, asked, ("family_name", "_id"))
    return framed(
        "people.html",
        "people",
        accounts_page=accounts_page,
        role=role,
        sought=sought,
        roles=[(r, labels.ROLES[r]) for r in ROLES],
    )
