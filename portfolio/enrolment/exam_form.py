"""Changes the status of a candidate, and with it the form of the exam, after enrolment (D643-19): with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from portfolio.documents import Candidacy, Commission, OfficeOutcome, Portfolio, School, Sheet
from portfolio.documents.candidacies import ExamForm
from portfolio.documents.commissions import CommissionState
from portfolio.enrolment.enrol import form_decision, new_portfolio
from portfolio.enrolment.pinned import circular_of
from portfolio.errors import NotNow, RuleSource
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Hold, HoldNone, Insert, commit
from portfolio.validation import checked_reason


class OverrideValues(TypedDict):
    """form: `ccf` or `ponctuelle`. decision_reference: of the rectorat's written decision."""

    form: str
    decision_reference: str


class FormValues(TypedDict, total=False):
    """status: a CandidateStatus. ccf_override: the rectorat's decision; without one the rule decides."""

    status: str
    distance: bool
    ccf_override: OverrideValues
    reason: str


class FormSettled(NotNow):
    code = "form_settled"
    source = RuleSource.INTEGRITY
    detail = (
        "Une commission est convoquée, une fiche établie ou une situation enregistrée pour ce candidat en CCF : "
        "annulez-la d'abord, puis changez la forme de l'épreuve."
    )


def change_form(by: Actor, candidacy: Candidacy, values: FormValues, at: datetime) -> Candidacy:
    """Decides the form of the exam again, by the school's facts as they stand or by the rectorat's decision, and
    returns the candidacy. Turned to CCF it has a portfolio; turned to one sitting it keeps what was deposited. Raises
    FormSettled, Invalid by field.
    """
    require(by, Action.AMEND_CANDIDACY, candidacy)
    reason = checked_reason(values.get("reason", ""))
    decided = dict(values) | {"status": values.get("status", candidacy.status)}
    school = School.objects.get(pk=candidacy.school)
    decision = form_decision(school, candidacy.exam, circular_of(candidacy), decided, at)
    decision.changed_because = reason
    changes: list[AnyChange] = [Change(candidacy, {"status": decided["status"], "ccf": decision})]
    if decision.form == ExamForm.PONCTUELLE and candidacy.ccf.form == ExamForm.CCF:
        _refuse_once_settled(candidacy)
        changes += [Hold(school, {}), *_still_unsettled(candidacy)]
    if decision.form == ExamForm.CCF and Portfolio.objects(pk=candidacy.id).only("id").first() is None:
        changes.append(Insert(new_portfolio(candidacy, at)))
    data = {"form": decision.form, "before": candidacy.ccf.form, "rule": decision.rule_version}
    data |= {"status": decided["status"], "decision": decision.reason_code}
    event = event_by(by, at, f"school:{candidacy.school}", EventName.FORM_CHANGED, candidacy, data)
    commit(changes, event)
    return candidacy


def _refuse_once_settled(candidacy: Candidacy) -> None:
    """Raises FormSettled where the CCF of the candidate has begun to be judged."""
    if any(held.read(None) for held in _still_unsettled(candidacy)):
        raise FormSettled()


def _still_unsettled(candidacy: Candidacy) -> list[HoldNone]:
    """Returns what a commit requires: no commission, sheet or outcome, not even one that appears meanwhile."""
    live = {"candidacy": candidacy.id, "live": True}
    convened = {"candidacy": candidacy.id, "state": CommissionState.CONVENED}
    return [HoldNone(Commission, convened), HoldNone(Sheet, live), HoldNone(OfficeOutcome, live)]
