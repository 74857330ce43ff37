"""Puts right a published outcome without appraisal: another mark or situation, or no result at all.

The jury decides it, as it corrects a published mark: what was published is kept with the author, the time and the
reason. A correction counts at once. A result that is taken back leaves none: the office records what is right, or
convenes, and nothing of that is told before the jury publishes again.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TypedDict

from portfolio.commission.office_outcomes import (
    MARK_KEPT,
    recordable,
    refuse_once_withdrawn,
    refuse_too_low,
    withdrawal,
)
from portfolio.documents import Candidacy, OfficeOutcome, Portfolio
from portfolio.documents.commissions import Correction
from portfolio.enrolment.pinned import circular_of
from portfolio.errors import Invalid
from portfolio.jury.jury import NotPublished, deciding_jury, result_changed
from portfolio.jury.outcomes import decision_digest
from portfolio.policy.actions import Action
from portfolio.policy.deciding import as_decided
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.texts.circular_terms import Circular, Outcome
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, assessment_chain, commit
from portfolio.validation import check_fields, checked_reason


class OutcomeCorrection(TypedDict):
    """What a jury types. outcome: a code of the circular, None for the situation that is published. mark: as typed,
    None for the mark that the circular gives to the situation.
    """

    outcome: str | None
    mark: str | None
    reason: str


def correct_outcome(by: Actor, outcome: OfficeOutcome, values: OutcomeCorrection, at: datetime) -> OfficeOutcome:
    """Corrects a material error in a published outcome, and returns it; what is replaced is kept, and its candidate is
    written to. Raises NotPublished, OutcomeWithdrawn, MarkNotKept; Invalid (unknown situation, off the scale, nothing
    that changes, no reason).
    """
    require(by, Action.CORRECT_OUTCOME, outcome)
    _refuse_unless_published(outcome)
    rules = circular_of(Candidacy.objects.get(pk=outcome.candidacy))
    label, mark = _put_right(rules, outcome, values)
    if (label, mark) == (outcome.result_label, outcome.final_mark):
        raise Invalid({"mark": ["C'est déjà ce qui est publié."]})
    reason = checked_reason(values["reason"])
    before = {"replaced_mark": outcome.final_mark, "replaced_label": outcome.result_label}
    replaced = Correction(**before, reason=reason, by=by.id, at=at)
    change = Change(outcome, {"final_mark": mark, "final_label": label}, push={"corrections": replaced})
    data = {"digest": decision_digest(mark, reason, label)}
    event = event_by(by, at, assessment_chain(outcome), EventName.OUTCOME_CORRECTED, outcome, data)
    commit([change], event, [result_changed(outcome.candidacy)])
    return outcome


def take_back(by: Actor, outcome: OfficeOutcome, reason: str, at: datetime) -> OfficeOutcome:
    """Takes back a published outcome that should not have been one, and returns it: it is kept with the reason, which
    the office reads, and its candidate is written to. The revision of the portfolio moves: an elimination under way
    sees it, and spares the portfolio. Raises NotPublished, OutcomeWithdrawn, NoJury, BesideItsJury;
    Invalid without a reason.
    """
    require(by, Action.CORRECT_OUTCOME, outcome)
    _refuse_unless_published(outcome)
    values = withdrawal(reason, at) | {"sent_back": True}
    event = event_by(by, at, assessment_chain(outcome), EventName.OUTCOME_TAKEN_BACK, outcome)
    jury, portfolio = deciding_jury(by, outcome), Portfolio.objects.get(pk=outcome.candidacy)
    counted = Change(jury, expected=as_decided(by, jury), any_revision=True)
    changes = [counted, Change(portfolio, any_revision=True), Change(outcome, values)]
    commit(changes, event, [result_changed(outcome.candidacy)])
    return outcome


def _refuse_unless_published(outcome: OfficeOutcome) -> None:
    """Raises OutcomeWithdrawn, NotPublished for an outcome whose result no candidate reads."""
    refuse_once_withdrawn(outcome)
    if not outcome.published:
        raise NotPublished()


def _put_right(rules: Circular, outcome: OfficeOutcome, values: OutcomeCorrection) -> tuple[str, Decimal | None]:
    """Returns the words and the mark that stand from now on. Raises MarkNotKept, Invalid by field."""
    situation = _situation(rules, values["outcome"])
    typed: Decimal | None = check_fields({"mark": values["mark"]}, {"mark": rules.mark.read}).get("mark")
    if situation is None:
        if typed is None:
            raise Invalid({"mark": ["Indiquez la note exacte, ou choisissez la situation exacte."]})
        refuse_too_low("mark", _published_code(rules, outcome), typed)
        return outcome.result_label, typed
    if situation.code != MARK_KEPT:
        return situation.label, situation.mark if typed is None else typed
    kept = outcome.kept_mark if typed is None else typed
    if kept is None:
        raise Invalid({"mark": ["Indiquez la note conservée."]})
    refuse_too_low("mark", situation.code, kept)
    return situation.label, kept


def _published_code(rules: Circular, outcome: OfficeOutcome) -> str:
    """Returns the code of the situation that is published: the last correction may have given another one."""
    corrected = {situation.label: situation.code for situation in recordable(rules)}
    code: str = corrected.get(outcome.final_label or "", outcome.outcome)
    return code


def _situation(rules: Circular, code: str | None) -> Outcome | None:
    """Returns the situation of this code; None if none was chosen. Raises Invalid for one that no office records."""
    if not code:
        return None
    known = {outcome.code: outcome for outcome in recordable(rules)}
    if code not in known:
        raise Invalid({"outcome": [f"Situation inconnue. Situations possibles : {', '.join(known)}."]})
    return known[code]
