"""An outcome without appraisal, as the office records it on the page of a candidate, or withdraws it."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, url_for

from api.http.routing import find
from api.http.schemas import Reason
from api.jury.outcomes import NewOutcome
from portfolio.commission import office_outcomes
from portfolio.documents import Candidacy, OfficeOutcome
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from web.forms import read_form
from web.office.candidates import candidate
from web.pages import Pages, made_once

pages = Pages("office_outcomes", __name__, "office")


def _open(candidacy_id: ObjectId) -> str:
    return url_for("office_candidates.candidate", candidacy_id=candidacy_id, _anchor="situation")


@pages.acts("/etablissement/candidats/<oid:candidacy_id>/situation", Action.RECORD_OUTCOME, back=candidate)
def record(by: Actor, at: datetime, candidacy_id: ObjectId) -> str:
    candidacy = find(Candidacy, candidacy_id)
    require(by, Action.RECORD_OUTCOME, candidacy)
    values = office_outcomes.OutcomeValues(**read_form(NewOutcome))  # type: ignore[typeddict-item]
    made_once(by, lambda: office_outcomes.record_outcome(by, candidacy, values, at))
    flash("La situation est enregistrée : le jury la lit et décide.", "ok")
    return _open(candidacy_id)


def _of_outcome(by: Actor, at: datetime, outcome_id: ObjectId) -> Response:
    return candidate(by, at, find(OfficeOutcome, outcome_id).candidacy)


@pages.acts("/etablissement/situations/<oid:outcome_id>/retrait", Action.WITHDRAW_OUTCOME, back=_of_outcome)
def withdraw(by: Actor, at: datetime, outcome_id: ObjectId) -> str:
    outcome = find(OfficeOutcome, outcome_id)  # whatever its revision: it would tell that the jury decided
    require(by, Action.WITHDRAW_OUTCOME, outcome)
    office_outcomes.withdraw_outcome(by, outcome, read_form(Reason)["reason"], at)
    flash("La situation est retirée ; le motif est conservé.", "ok")
    return _open(outcome.candidacy)
