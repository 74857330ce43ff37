"""What an office records of a training: an entry after its beginning, a reduced stage, another status or form; and the
result of an exam at one sitting.
"""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import flash, request, url_for

from api.enrolment.candidacies import NewForm, NewSitting, TrainingFactsIn
from api.http.routing import find
from portfolio.documents import Candidacy
from portfolio.enrolment import exam_form, one_sitting, training
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from web.forms import read_form
from web.office.candidates import candidate
from web.pages import Pages, find_unchanged

pages = Pages("office_training", __name__, "office")


@pages.acts("/etablissement/candidats/<oid:candidacy_id>/formation", Action.AMEND_CANDIDACY, back=candidate)
def record(by: Actor, at: datetime, candidacy_id: ObjectId) -> str:
    """Records the form, where a reduction without length nor reference is none. Raises Invalid by field, Stale."""
    require(by, Action.AMEND_CANDIDACY, find(Candidacy, candidacy_id))
    candidacy = find_unchanged(Candidacy, candidacy_id)
    reduced = any(request.form.get(f"stage_reduction.{name}", "").strip() for name in ("days", "reference"))
    names = ("entered_on", "confirmed", *(("stage_reduction",) if reduced else ()))
    values = read_form(TrainingFactsIn(only=names), *names)
    training.record_training(by, candidacy, {"stage_reduction": None, **values}, at)  # type: ignore[typeddict-item]
    flash("L'entrée en formation et la durée du stage sont enregistrées.", "ok")
    return url_for("office_candidates.candidate", candidacy_id=candidacy_id, _anchor="formation")


@pages.acts("/etablissement/candidats/<oid:candidacy_id>/forme", Action.AMEND_CANDIDACY, back=candidate)
def change_form(by: Actor, at: datetime, candidacy_id: ObjectId) -> str:
    """Decides the form again from this form; the rectorat's decision comes with its reference, or not at all. Raises
    Invalid by field, Stale, FormSettled.
    """
    require(by, Action.AMEND_CANDIDACY, find(Candidacy, candidacy_id))
    candidacy = find_unchanged(Candidacy, candidacy_id)
    decided = any(request.form.get(f"ccf_override.{name}", "").strip() for name in ("form", "decision_reference"))
    names = ("status", "distance", "reason", *(("ccf_override",) if decided else ()))
    values = read_form(NewForm(only=names), *names)
    exam_form.change_form(by, candidacy, {**values}, at)  # type: ignore[typeddict-item]
    flash("Le statut et la forme de l'épreuve sont enregistrés.", "ok")
    return url_for("office_candidates.candidate", candidacy_id=candidacy_id, _anchor="epreuve")


@pages.acts("/etablissement/candidats/<oid:candidacy_id>/ponctuelle", Action.AMEND_CANDIDACY, back=candidate)
def record_sitting(by: Actor, at: datetime, candidacy_id: ObjectId) -> str:
    require(by, Action.AMEND_CANDIDACY, find(Candidacy, candidacy_id))
    candidacy = find_unchanged(Candidacy, candidacy_id)
    values = one_sitting.SittingValues(**read_form(NewSitting))  # type: ignore[typeddict-item]
    one_sitting.record_result(by, candidacy, values, at)
    flash("Le résultat reçu du service des examens est enregistré.", "ok")
    return url_for("office_candidates.candidate", candidacy_id=candidacy_id, _anchor="ponctuelle")
