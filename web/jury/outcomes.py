"""Outcomes without appraisal, as a jury reads what offices recorded, and decides."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, url_for

from api.http.routing import find
from api.http.schemas import Reason
from api.jury.outcomes import CorrectedOutcome, OutcomeDecision
from portfolio.commission.office_outcomes import recordable
from portfolio.documents import Candidacy, Jury, OfficeOutcome
from portfolio.enrolment.pinned import circular_of
from portfolio.enrolment.training import told_to_jury
from portfolio.jury import beside_outcomes, outcome_corrections, outcomes
from portfolio.jury import jury as deciding
from portfolio.jury.decisions import decisions_on_outcome
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from web.forms import read_form
from web.jury.first_pages import framed, require_confirmation
from web.pages import Pages, find_unchanged

pages = Pages("jury_outcomes", __name__, "jury")


@pages.shows("/jury/<oid:jury_id>/situations", Action.LIST_SHEETS)
def listed(by: Actor, at: datetime, jury_id: ObjectId) -> Response:
    jury = find(Jury, jury_id)
    return framed(by, "outcomes.html", jury, "outcomes", lines=outcomes.outcomes_of(by, jury))


@pages.shows("/jury/situations/<oid:outcome_id>", Action.READ_OUTCOME)
def show(by: Actor, at: datetime, outcome_id: ObjectId) -> Response:
    outcome = find(OfficeOutcome, outcome_id)
    require(by, Action.READ_OUTCOME, outcome)
    outcomes.require_reading(by, Action.DECIDE_OUTCOME, outcome)
    (line,) = outcomes.lines([outcome])
    candidacy = find(Candidacy, outcome.candidacy)
    rules = circular_of(candidacy)
    return framed(
        by,
        "outcome.html",
        deciding.jury_of(outcome),
        "outcomes",
        outcome=outcome,
        line=line,
        rule=rules.mark,
        stage=told_to_jury(candidacy),
        beside=beside_outcomes.beside(by, outcome),
        decisions=decisions_on_outcome(by, outcome),
        situations=[(choice.code, choice.label) for choice in recordable(rules)],
    )


@pages.acts("/jury/situations/<oid:outcome_id>", Action.DECIDE_OUTCOME, back=show)
def decide(by: Actor, at: datetime, outcome_id: ObjectId) -> str:
    require(by, Action.DECIDE_OUTCOME, find(OfficeOutcome, outcome_id))
    outcome = find_unchanged(OfficeOutcome, outcome_id)
    values = read_form(OutcomeDecision(), "mark", "reason")
    outcomes.decide_outcome(by, deciding.jury_of(outcome), outcome, values["mark"], values["reason"], at)
    flash("La décision est enregistrée.", "ok")
    return url_for("jury_outcomes.show", outcome_id=outcome_id)


@pages.acts("/jury/situations/<oid:outcome_id>/renvoi", Action.SEND_BACK_OUTCOME, back=show)
def send_back(by: Actor, at: datetime, outcome_id: ObjectId) -> str:
    require(by, Action.SEND_BACK_OUTCOME, find(OfficeOutcome, outcome_id))
    outcome = find_unchanged(OfficeOutcome, outcome_id)
    jury = deciding.jury_of(outcome)
    outcomes.send_back(by, jury, outcome, read_form(Reason)["reason"], at)
    flash("La situation est renvoyée à l'établissement, qui en lit le motif.", "ok")
    return url_for("jury_outcomes.listed", jury_id=jury.id)


@pages.acts("/jury/situations/<oid:outcome_id>/rectification", Action.CORRECT_OUTCOME, back=show)
def correct(by: Actor, at: datetime, outcome_id: ObjectId) -> str:
    require(by, Action.CORRECT_OUTCOME, find(OfficeOutcome, outcome_id))
    outcome = find_unchanged(OfficeOutcome, outcome_id)
    require_confirmation("Cochez la case : le résultat publié change pour le candidat.")
    typed = read_form(CorrectedOutcome(), "outcome", "mark", "reason")
    values = outcome_corrections.OutcomeCorrection(**typed)  # type: ignore[typeddict-item]
    outcome_corrections.correct_outcome(by, outcome, values, at)
    flash("Le résultat publié est rectifié ; l'ancien est conservé avec le motif, et le candidat est averti.", "ok")
    return url_for("jury_outcomes.show", outcome_id=outcome_id)


@pages.acts("/jury/situations/<oid:outcome_id>/retrait", Action.CORRECT_OUTCOME, back=show)
def take_back(by: Actor, at: datetime, outcome_id: ObjectId) -> str:
    require(by, Action.CORRECT_OUTCOME, find(OfficeOutcome, outcome_id))
    outcome = find_unchanged(OfficeOutcome, outcome_id)
    require_confirmation("Cochez la case : le résultat publié n'en est plus un pour le candidat.")
    outcome_corrections.take_back(by, outcome, read_form(Reason, "reason")["reason"], at)
    flash("Le résultat publié est retiré : le candidat et l'établissement le lisent.", "ok")
    return url_for("jury_outcomes.listed", jury_id=deciding.jury_of(outcome).id)
