"""The office's candidates: the list, the page of each, enrolling singly, late submission and reopening."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.enrolment.candidacies import CandidacyIdentity, Followers, NewAdaptation, NewCandidacy
from api.http.paging import page as page_of_list
from api.http.routing import find
from api.http.schemas import Reason
from api.submission.portfolios import LateRemise
from portfolio.commission import office_outcomes
from portfolio.documents import (
    Candidacy,
    Commission,
    EvidenceFile,
    Person,
    Placement,
    Portfolio,
    School,
    Sheet,
    Transfer,
)
from portfolio.documents.candidacies import IN_CCF
from portfolio.documents.fields import keep
from portfolio.documents.people import by_name
from portfolio.documents.portfolios import PortfolioState
from portfolio.enrolment import enrol
from portfolio.enrolment.deadline import deadline_binds, deadline_in
from portfolio.enrolment.entry_codes.making import awaited_of
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.pinned import circular_of
from portfolio.enrolment.schools.habilitations import form_in_doubt
from portfolio.enrolment.training import training_of
from portfolio.errors import Invalid
from portfolio.evidence.quarantine.held import HELD
from portfolio.identifiers import candidate_number_doubt, ine, name_key
from portfolio.jury.decisions import decisions_on_outcome
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require, scope
from portfolio.policy.relations import Actor
from portfolio.sheet.remarks import to_void
from portfolio.store.together import documents, together, wanted
from portfolio.submission import submit
from portfolio.submission.kept_words import kept_since
from portfolio.submission.lateness import late_pieces
from web.forms import read_form
from web.mail_words import invitation_words
from web.office import labels
from web.office.first_page import exam_choices, framed, selection_of
from web.office.lists.candidates_file import who_follows
from web.pages import Pages, find_unchanged, made_once
from web.proposed import proposed_of

pages = Pages("office_candidates", __name__, "office")

PER_PAGE = 100


@pages.shows("/etablissement/<oid:school_id>/candidats", Action.ENROL)
def candidates(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    return _listed(by, at, school_id, "")


@pages.acts("/etablissement/<oid:school_id>/candidats", Action.ENROL, back=candidates)
def seek(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    """Shows the candidates whose name holds the text of the form (`nom`, 100 characters at most), and changes nothing:
    a POST, so that no URL holds a name. Raises NotFound, Forbidden.
    """
    return _listed(by, at, school_id, request.form.get("nom", "").strip()[:100])


def _listed(by: Actor, at: datetime, school_id: ObjectId, sought: str) -> Response:
    selection = selection_of(by, school_id, at)
    query: dict[str, Any] = {"school": selection.school.id, "session": selection.session}
    query |= {"division": selection.division} if selection.division else {}
    query |= {"name_key": {"$regex": f"^{re.escape(name_key(sought))}"}} if sought else {}
    asked = {"limit": PER_PAGE, "after": request.args.get("suite")}
    listed = page_of_list(
        Candidacy, {"$and": [scope(by, Action.READ_IDENTITY, Candidacy), query]}, asked, ("name_key", "_id")
    )
    ids = [candidacy.id for candidacy in listed["items"]]
    states = dict(Portfolio.objects(pk__in=ids).scalar("id", "state"))
    alone = {"school": selection.school.id, "session": selection.session, "followers": {"$size": 0}, **IN_CCF}
    alone |= {"division": selection.division} if selection.division else {}
    return framed(
        "candidates.html",
        selection,
        "candidates",
        listed=listed,
        states=states,
        follow=who_follows(selection.school, listed["items"]),
        sought=sought,
        alone=Candidacy.objects(__raw__=alone).count(),
        teachers=teachers_of(selection.school.id),
    )


def teachers_of(school_id: ObjectId) -> list[tuple[ObjectId, str]]:
    """Returns (id, name) of those who teach in the school, to choose among, in the order of names."""
    live = {"role": "teacher", "school": school_id, "revoked_at": None}
    teachers = sorted(Person.objects(__raw__={"grants": {"$elemMatch": live}}), key=by_name)
    return [(person.id, f"{person.name}{' (compte suspendu)' * (person.state == 'suspended')}") for person in teachers]


@pages.acts("/etablissement/<oid:school_id>/candidats/suivi", Action.ENROL, back=candidates)
def follow_all(by: Actor, at: datetime, school_id: ObjectId) -> str:
    school, form = find(School, school_id), request.form
    if not ObjectId.is_valid(form.get("teacher", "")):
        raise Invalid({"teacher": ["Choisissez un professeur."]})
    division = form.get("classe") or None
    done = enrol.follow_those_without(by, school, form.get("session", ""), division, ObjectId(form["teacher"]), at)
    flash(f"Candidats maintenant suivis : {len(done)}.", "ok")
    return url_for("office_candidates.candidates", school_id=school_id, session=form.get("session"), classe=division)


# --- one by one -----------------------------------------------------------------------------------


@pages.shows("/etablissement/<oid:school_id>/candidats/nouveau", Action.ENROL)
def new(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    selection = selection_of(by, school_id, at)
    return framed("candidate_new.html", selection, "candidates", exams=exam_choices(selection.school))


@pages.acts("/etablissement/<oid:school_id>/candidats/nouveau", Action.ENROL, back=new)
def add(by: Actor, at: datetime, school_id: ObjectId) -> str:
    school = find(School, school_id)
    require(by, Action.ENROL, school)
    values = _values_of_form()
    candidacy = made_once(by, lambda: enrol.enrol(by, school, values, at))
    flash(f"{candidacy.display_name} est inscrit(e). {invitation_words(find(Person, candidacy.person), at)}", "ok")
    return url_for("office_candidates.candidate", candidacy_id=candidacy.id)


def _values_of_form() -> dict[str, Any]:
    """Returns the values of the form, for `enrol`; a form of examination decided by the authority comes with its
    reference, or not at all. Raises Invalid by field.
    """
    names = [name for name in NewCandidacy().fields if name != "ccf_override"]
    values = read_form(NewCandidacy(only=names), *names)
    form, reference = (request.form.get(f"ccf_override.{name}", "").strip() for name in ("form", "decision_reference"))
    if form or reference:
        values |= read_form(NewCandidacy(only=("ccf_override",)), "ccf_override")
    return values


# --- one candidate --------------------------------------------------------------------------------


@pages.shows("/etablissement/candidats/<oid:candidacy_id>", Action.AMEND_CANDIDACY)
def candidate(by: Actor, at: datetime, candidacy_id: ObjectId) -> Response:
    candidacy = find(Candidacy, candidacy_id)
    require(by, Action.AMEND_CANDIDACY, candidacy)
    zone = academy_of(candidacy.academy).timezone
    portfolio, placements, commissions, sheets, transfers, held = _below(by, candidacy)
    deadline = deadline_in(candidacy, zone) if portfolio else None
    still_open = portfolio is not None and portfolio.state == PortfolioState.OPEN
    may_late = still_open and candidacy.abandoned is None and may(by, Action.SUBMIT_LATE, portfolio)
    selection = selection_of(by, candidacy.school, at)
    return framed(
        "candidate.html",
        selection,
        "candidates",
        session=candidacy.session,
        candidacy=candidacy,
        number_doubt=candidate_number_doubt(candidacy.candidate_number) if candidacy.candidate_number else None,
        ine_doubt=ine(candidacy.ine)[1] if candidacy.ine else None,
        person=find(Person, candidacy.person),
        awaited=awaited_of(by, candidacy, at),
        teachers=teachers_of(candidacy.school),
        placements=placements,
        proposed=proposed_of(by, candidacy.id, waiting=True),
        form_doubt=form_in_doubt(candidacy, selection.school, at.date()),
        portfolio=portfolio,
        kept=kept_since(candidacy, portfolio, may_reopen=may(by, Action.REOPEN, portfolio)) if portfolio else None,
        deadline=deadline,
        provisional=not deadline_binds(candidacy),
        commission=next(iter(commissions), None),
        sheets=sheets,
        zone=zone,
        **_situation(by, candidacy),
        training=training_of(candidacy, placements, at.date()),
        may_late=may_late,
        transfers=transfers,
        transfer_states=labels.TRANSFERS,
        held=held,
        late=late_pieces(by, portfolio, deadline) if portfolio and deadline and may_late else [],
        at=at,
    )


def _below(
    by: Actor, candidacy: Candidacy
) -> tuple[Portfolio | None, list[Placement], list[Commission], list[Sheet], list[Transfer], list[EvidenceFile]]:
    """Returns, in one query, the portfolio of a candidate (None without one), the periods by date, the commission that
    is convened, the sheets that `by` may read and the transfers, the last one first, and the files that the antivirus
    holds. Keeps the school and the person.
    """
    theirs = {"candidacy": candidacy.id}
    portfolios, placements, commissions, sheets, transfers, held, schools, people = together(
        wanted(Portfolio, {"_id": candidacy.id}),
        wanted(Placement, theirs, "starts_on", "_id"),
        wanted(Commission, {**theirs, "state": "convened"}),
        wanted(Sheet, {"$and": [scope(by, Action.READ_SHEET, Sheet), theirs]}),
        wanted(Transfer, theirs),
        wanted(EvidenceFile, {"school": candidacy.school, **theirs, **HELD}),
        wanted(School, {"_id": candidacy.school}),
        wanted(Person, {"_id": candidacy.person}),
    )
    for thing in (*documents(School, schools), *documents(Person, people)):
        keep(thing)
    return (
        next((keep(portfolio) for portfolio in documents(Portfolio, portfolios)), None),
        documents(Placement, placements),
        documents(Commission, commissions),
        documents(Sheet, sheets)[::-1],
        documents(Transfer, transfers)[::-1],
        documents(EvidenceFile, held),
    )


def _situation(by: Actor, candidacy: Candidacy) -> dict[str, object]:
    """Returns what the page reads of an outcome without appraisal: the one that stands, or those to choose from."""
    outcome, sent_back = office_outcomes.outcomes_of(candidacy)
    choices = office_outcomes.recordable(circular_of(candidacy))
    return {
        "outcome": outcome,
        "sent_back": sent_back,
        "too_long": outcome is not None and office_outcomes.kept_too_long(outcome),
        "decisions": decisions_on_outcome(by, outcome) if outcome is not None else [],
        "recordable": [(choice.code, choice.label) for choice in choices],
    }


def _open(candidacy_id: ObjectId, anchor: str | None = None) -> str:
    return url_for("office_candidates.candidate", candidacy_id=candidacy_id, _anchor=anchor)


@pages.acts("/etablissement/candidats/<oid:candidacy_id>", Action.AMEND_CANDIDACY, back=candidate)
def amend(by: Actor, at: datetime, candidacy_id: ObjectId) -> str:
    require(by, Action.AMEND_CANDIDACY, find(Candidacy, candidacy_id))
    candidacy = find_unchanged(Candidacy, candidacy_id)
    enrol.amend_candidacy(by, candidacy, read_form(CandidacyIdentity), at)
    flash("L'identité est corrigée.", "ok")
    for sentence in to_void(by, candidacy):
        flash(sentence, "warn")
    return _open(candidacy_id)


@pages.acts("/etablissement/candidats/<oid:candidacy_id>/suivi", Action.AMEND_CANDIDACY, back=candidate)
def follow(by: Actor, at: datetime, candidacy_id: ObjectId) -> str:
    require(by, Action.AMEND_CANDIDACY, find(Candidacy, candidacy_id))
    chosen = read_form(Followers)["followers"] if request.form.getlist("followers") else []
    enrol.set_followers(by, find_unchanged(Candidacy, candidacy_id), chosen, at)
    flash("Les professeurs chargés du suivi sont enregistrés.", "ok")
    return _open(candidacy_id)


@pages.acts("/etablissement/candidats/<oid:candidacy_id>/amenagement", Action.ADAPT, back=candidate)
def adapt(by: Actor, at: datetime, candidacy_id: ObjectId) -> str:
    require(by, Action.ADAPT, find(Candidacy, candidacy_id))
    candidacy = find_unchanged(Candidacy, candidacy_id)
    names = ("decision_reference", "effect", "confirmed")
    values = read_form(NewAdaptation(only=names), *names)
    deadline = _instant("deadline", academy_of(candidacy.academy).timezone)
    enrol.adapt(by, candidacy, values | ({"deadline": deadline} if deadline else {}), at)
    flash("L'aménagement est enregistré.", "ok")
    return _open(candidacy_id)


def _instant(field: str, zone: str) -> datetime | None:
    """Returns the day and hour of a field of the form, in this time zone (IANA name); None if empty. Raises Invalid on
    `field` if it is malformed.
    """
    typed = request.form.get(field, "").strip()
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=ZoneInfo(zone)) if typed else None
    except ValueError:
        raise Invalid({field: ["Indiquez un jour et une heure, par exemple le 12/05/2027 à 18:00."]}) from None


@pages.acts("/etablissement/candidats/<oid:candidacy_id>/remise-tardive", Action.SUBMIT_LATE, back=candidate)
def submit_late(by: Actor, at: datetime, candidacy_id: ObjectId) -> str:
    require(by, Action.SUBMIT_LATE, find(Portfolio, candidacy_id))
    values = read_form(LateRemise)
    portfolio = submit.submit_late(
        by, find_unchanged(Portfolio, candidacy_id), values["reason"], at, frozenset(values["left_aside"])
    )
    flash(f"Le portfolio est remis en l'état (remise n° {portfolio.submissions}).", "ok")
    return _open(candidacy_id)


@pages.acts("/etablissement/candidats/<oid:candidacy_id>/reouverture", Action.REOPEN, back=candidate)
def reopen(by: Actor, at: datetime, candidacy_id: ObjectId) -> str:
    require(by, Action.REOPEN, find(Portfolio, candidacy_id))
    submit.reopen(by, find_unchanged(Portfolio, candidacy_id), read_form(Reason)["reason"], at)
    flash("Le portfolio est rouvert : le candidat peut de nouveau le modifier.", "ok")
    return _open(candidacy_id)
