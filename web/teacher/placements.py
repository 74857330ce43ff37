"""Periods in companies, as the teacher who follows keeps them: dates, tutor, company."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.enrolment.institutions import NewCompany
from api.enrolment.placements import BreakOff, CertificateSeen, NewPlacement, NewTutor, PlacementDates
from api.http.routing import find
from api.http.schemas import Reason
from portfolio.documents import Candidacy, Company, Person, Placement, RealityEvaluation, School
from portfolio.documents.people import Role
from portfolio.documents.places import by_place
from portfolio.enrolment import email_corrections, institutions, placements, training
from portfolio.enrolment.certificates import deposits
from portfolio.enrolment.moves import company_facts, tutor_names
from portfolio.errors import NotFound
from portfolio.identity.dual_control import change_waits
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from portfolio.sign_offs.asking import objections
from web.forms import read_form
from web.mail_words import ON_THE_PERIOD, if_it_leaves
from web.pages import Pages, find_unchanged, made_once
from web.proposed import tutor_to_be_named
from web.teacher.first_pages import candidate_page, framed

pages = Pages("teacher_placements", __name__, "teacher", "office")

COMPANY = ("siret", "local_number", "country", "name", "city", "address")
DATES = ("starts_on", "ends_on", "days", "missions", "confirmed")
NO_TUTOR = " Tuteur à désigner : ce qui lui sera demandé attend qu'il soit enregistré."
ADDRESS_CORRECTED = "L'adresse est corrigée : ce qui attend le tuteur lui est envoyé de nouveau."
TAKES_OVER = (
    "Un courriel lui est envoyé dès qu'une confirmation lui est demandée. Il en va de même de "
    "ce qui attendait l'ancien tuteur."
)
FIRST = "Un courriel lui est envoyé dès qu'une confirmation lui est demandée. Ce qui l'attendait part de même."
ADDRESS_WAITS = (
    "C'est noté, et cela attend : ce tuteur siège à une commission. Il est prévenu à l'adresse d'avant. Le secrétariat "
    "peut le confirmer aussitôt, sur « Droits et comptes » ; sinon cela se fera dans un jour."
)


def _address(placement_id: ObjectId, anchor: str | None = None) -> str:
    return url_for("teacher_placements.show", placement_id=placement_id, _anchor=anchor)


@pages.shows("/classe/periodes/<oid:placement_id>", Action.READ_PLACEMENT)
def show(by: Actor, at: datetime, placement_id: ObjectId) -> Response:
    placement = find(Placement, placement_id)
    require(by, Action.READ_PLACEMENT, placement)
    evaluation = RealityEvaluation.objects(placement=placement.id).first()
    return framed(
        "placement.html",
        placement,
        placement=placement,
        candidacy=find(Candidacy, placement.candidacy),
        tutor=find(Person, placement.tutor) if placement.tutor else None,
        company=find(Company, placement.company),
        evaluation=evaluation if evaluation and may(by, Action.READ_REALITY, evaluation) else None,
        certificate_file=deposits.last_of(placement),
        may_evaluate=may(by, Action.WRITE_REALITY, placement),
        may_relay=may(by, Action.RELAY_PAPER, placement),
        may_amend=may(by, Action.AMEND_PLACEMENT, placement),
        may_print=placement.school in by.values(Role.OFFICE, "school"),
    )


@pages.acts("/classe/periodes/<oid:placement_id>", Action.AMEND_PLACEMENT, back=show)
def amend(by: Actor, at: datetime, placement_id: ObjectId) -> str:
    require(by, Action.AMEND_PLACEMENT, find(Placement, placement_id))
    values = read_form(PlacementDates, *DATES)
    placements.amend_placement(by, find_unchanged(Placement, placement_id), values, at)
    flash("La période est modifiée.", "ok")
    return _address(placement_id)


@pages.acts("/classe/periodes/<oid:placement_id>/certificat", Action.AMEND_PLACEMENT, back=show)
def see_certificate(by: Actor, at: datetime, placement_id: ObjectId) -> str:
    require(by, Action.AMEND_PLACEMENT, find(Placement, placement_id))
    values: Any = read_form(CertificateSeen)
    training.see_certificate(by, find_unchanged(Placement, placement_id), values, at)
    flash("Le certificat est noté comme vu.", "ok")
    return _address(placement_id, "certificat")


@pages.acts("/classe/periodes/<oid:placement_id>/rupture", Action.AMEND_PLACEMENT, back=show)
def break_off(by: Actor, at: datetime, placement_id: ObjectId) -> str:
    require(by, Action.AMEND_PLACEMENT, find(Placement, placement_id))
    values, placement = read_form(BreakOff), find_unchanged(Placement, placement_id)
    confirmed = values["confirmed"]
    training.break_off(by, placement, values["broken_on"], values["reason"], at, confirmed=confirmed)
    flash("La rupture est enregistrée. Corrigez aussi les jours travaillés.", "ok")
    return _address(placement_id, "dates")


@pages.acts("/classe/periodes/<oid:placement_id>/tuteur", Action.AMEND_PLACEMENT, back=show)
def replace_tutor(by: Actor, at: datetime, placement_id: ObjectId) -> str:
    require(by, Action.AMEND_PLACEMENT, find(Placement, placement_id))
    values: Any = read_form(NewTutor())
    before = find_unchanged(Placement, placement_id)
    replaces = before.tutor is not None
    placement = placements.replace_tutor(by, before, values, at)
    then = if_it_leaves(find(Person, placement.tutor), TAKES_OVER if replaces else FIRST, ON_THE_PERIOD)
    flash(f"Le {'nouveau ' if replaces else ''}tuteur est enregistré. {then}", "ok")
    return _address(placement_id)


@pages.acts("/classe/periodes/<oid:placement_id>/tuteur/depart", Action.AMEND_PLACEMENT, back=show)
def end_tutoring(by: Actor, at: datetime, placement_id: ObjectId) -> str:
    require(by, Action.AMEND_PLACEMENT, find(Placement, placement_id))
    placements.end_tutoring(by, find_unchanged(Placement, placement_id), at)
    flash("C'est noté : tuteur à désigner. Ce qui attendait l'ancien attend qu'un autre soit enregistré.", "ok")
    return _address(placement_id, "tuteur")


@pages.acts("/classe/periodes/<oid:placement_id>/entreprise", Action.AMEND_PLACEMENT, back=show)
def correct_company(by: Actor, at: datetime, placement_id: ObjectId) -> str:
    require(by, Action.AMEND_PLACEMENT, find(Placement, placement_id))
    values = read_form(NewCompany, *COMPANY)
    company_facts.correct_company(by, find_unchanged(Placement, placement_id), values, at)
    flash("L'entreprise est corrigée, dans toutes ses périodes de la session et des suivantes.", "ok")
    return _address(placement_id)


@pages.acts("/classe/periodes/<oid:placement_id>/tuteur/nom", Action.AMEND_PLACEMENT, back=show)
def correct_names(by: Actor, at: datetime, placement_id: ObjectId) -> str:
    require(by, Action.AMEND_PLACEMENT, find(Placement, placement_id))
    values: Any = read_form(NewTutor, "family_name", "given_names", "function")
    tutor_names.correct_tutor_names(by, find_unchanged(Placement, placement_id), values, at)
    flash("Le tuteur est nommé ainsi. Ce qui est déjà signé garde le nom d'avant.", "ok")
    return _address(placement_id)


@pages.acts("/classe/periodes/<oid:placement_id>/adresse", Action.AMEND_PLACEMENT, back=show)
def correct_address(by: Actor, at: datetime, placement_id: ObjectId) -> str:
    require(by, Action.AMEND_PLACEMENT, find(Placement, placement_id))
    placement = email_corrections.correct_tutor(
        by, find_unchanged(Placement, placement_id), request.form.get("email", "").strip(), at
    )
    flash(ADDRESS_WAITS if change_waits(placement.tutor, "address") else ADDRESS_CORRECTED, "ok")
    return _address(placement_id)


@pages.acts("/classe/periodes/<oid:placement_id>/adresse/essai", Action.AMEND_PLACEMENT, back=show)
def try_address_again(by: Actor, at: datetime, placement_id: ObjectId) -> str:
    require(by, Action.AMEND_PLACEMENT, find(Placement, placement_id))
    placement = email_corrections.try_tutor_again(by, find_unchanged(Placement, placement_id), at)
    tutor = find(Person, placement.tutor)
    flash(if_it_leaves(tutor, f"Ce qui attendait le tuteur repart à {tutor.email}.", ON_THE_PERIOD), "ok")
    return _address(placement_id)


@pages.acts("/classe/periodes/<oid:placement_id>/reprise", Action.AMEND_PLACEMENT, back=show)
def resume(by: Actor, at: datetime, placement_id: ObjectId) -> str:
    require(by, Action.AMEND_PLACEMENT, find(Placement, placement_id))
    objections.resume(by, find_unchanged(Placement, placement_id), at)
    flash("Le tuteur peut de nouveau être sollicité.", "ok")
    return _address(placement_id)


@pages.acts("/classe/periodes/<oid:placement_id>/annulation", Action.AMEND_PLACEMENT, back=show)
def cancel(by: Actor, at: datetime, placement_id: ObjectId) -> str:
    require(by, Action.AMEND_PLACEMENT, find(Placement, placement_id))
    placement = find_unchanged(Placement, placement_id)
    placements.cancel_placement(by, placement, read_form(Reason).get("reason", ""), at)
    flash("La période est annulée.", "ok")
    return candidate_page(by, placement.candidacy)


# --- a new period ---------------------------------------------------------------------------------


@pages.shows("/classe/candidats/<oid:candidacy_id>/periodes/nouvelle", Action.PLACE)
def new(by: Actor, at: datetime, candidacy_id: ObjectId) -> Response:
    candidacy = find(Candidacy, candidacy_id)
    require(by, Action.PLACE, candidacy)
    of_school = sorted(Company.objects(school=candidacy.school), key=by_place)
    companies = [(company.id, f"{company.name}, {company.city}") for company in of_school]
    return framed("placement_new.html", candidacy, candidacy=candidacy, companies=companies)


@pages.acts("/classe/candidats/<oid:candidacy_id>/periodes/nouvelle", Action.PLACE, back=new)
def add(by: Actor, at: datetime, candidacy_id: ObjectId) -> str:
    candidacy = find(Candidacy, candidacy_id)
    require(by, Action.PLACE, candidacy)
    values: Any = read_form(NewPlacement(), **tutor_to_be_named())
    placement = made_once(by, lambda: placements.add_placement(by, candidacy, values, at))
    flash(f"La période est enregistrée.{'' if placement.tutor else NO_TUTOR}", "ok")
    return _address(placement.id)


def _new_for(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    candidacy = Candidacy.objects(pk=_named_candidacy(), school=school_id).first()
    if candidacy is None:
        raise NotFound()
    return new(by, at, candidacy.id)


def _named_candidacy() -> str | None:
    named = request.form.get("candidacy", "")
    return named if len(named) == 24 and all(letter in "0123456789abcdef" for letter in named) else None


@pages.acts("/classe/etablissements/<oid:school_id>/entreprises", Action.ADD_COMPANY, back=_new_for)
def add_company(by: Actor, at: datetime, school_id: ObjectId) -> str:
    """Adds a company from the form of a new period, which waits for it, and returns where to go. Raises NotFound,
    Forbidden, Invalid, AlreadyExists.
    """
    school = find(School, school_id)
    require(by, Action.ADD_COMPANY, school)
    values = read_form(NewCompany, *COMPANY)
    made_once(by, lambda: institutions.add_company(by, school, values, at))
    flash("L'entreprise est ajoutée : choisissez-la dans la liste.", "ok")
    named = _named_candidacy()
    return url_for("teacher_placements.new", candidacy_id=named) if named else url_for("teacher.home")
