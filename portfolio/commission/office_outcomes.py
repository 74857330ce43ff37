"""Records outcomes without appraisal on a candidacy, by its office: no commission meets, the jury decides.

A mark kept from an earlier session, a dispensation, an absence, no portfolio. A suspicion of fraud is not one: it holds
the result of whoever was appraised.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TypedDict

from portfolio.commission.amend import SheetIsOut
from portfolio.documents import Candidacy, Commission, OfficeOutcome, School, Sheet
from portfolio.documents.candidacies import ExamForm
from portfolio.documents.commissions import CommissionState
from portfolio.documents.fields import place_of
from portfolio.enrolment.moves.numbers import number_given_away, still_their_number
from portfolio.enrolment.pinned import circular_of
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.identifiers import Malformed, exam_year, session_code
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.marks import to_wire
from portfolio.rules.texts.circular_terms import Circular, Outcome
from portfolio.rules.unlikely_dates import asked_unless_confirmed, far_from_session
from portfolio.store.chains import event_by
from portfolio.store.digests import digest
from portfolio.store.event_names import EventName
from portfolio.store.journal import (
    AlreadyExists,
    AnyChange,
    Change,
    Hold,
    HoldNone,
    Insert,
    assessment_chain,
    commit,
)
from portfolio.validation import check_fields, checked_reason, day

MARK_KEPT, DISPENSED, FRAUD = "mark_kept", "dispensed", "fraud_hold"
BY_A_TEXT = (MARK_KEPT, DISPENSED)  # a text stands for the exam: no convocation is to be proved
LEAST_KEPT = Decimal(10)
YEARS_KEPT = 5
PROOFS = ("reference", "convoked_on", "proof")


class OutcomeValues(TypedDict, total=False):
    """What an office types. outcome: a code of `recordable`. mark: as typed. convoked_on: ISO day. confirmed: an
    unlikely one was asked about, and is right.
    """

    outcome: str
    kept_mark: str | None
    kept_session: str | None
    reference: str | None
    convoked_on: str | None
    proof: str | None
    confirmed: bool


class OutcomeNeedsCcf(NotNow):
    code = "outcome_needs_ccf"
    source = RuleSource.FORM_OF_EXAM
    detail = "Ce candidat passe l'épreuve sous forme ponctuelle : sa situation ne s'enregistre pas sur ce service."


class CommissionStands(NotNow):
    code = "commission_stands"
    source = RuleSource.INTEGRITY
    detail = "Une commission est convoquée : elle le dit sur sa fiche, ou annulez d'abord sa convocation."


class NumberGivenAway(NotNow):
    code = "number_given_away"
    source = RuleSource.INTEGRITY
    detail = (
        "Ce candidat a abandonné, et son numéro a été donné à un autre depuis : le bordereau porterait deux fois ce "
        "numéro. Corrigez d'abord le numéro de l'un des deux."
    )


class OutcomeStands(NotNow):
    code = "outcome_stands"
    source = RuleSource.INTEGRITY
    detail = "Une situation sans appréciation est déjà enregistrée pour ce candidat : retirez-la d'abord."


class OutcomeBeforeJury(NotNow):
    code = "outcome_before_jury"
    source = RuleSource.INTEGRITY
    detail = (
        "Le jury s'est déjà saisi de cette situation : elle ne se retire plus. Signalez-lui ce qui est à corriger : "
        "tant qu'elle n'est pas publiée, il peut vous la renvoyer."
    )


class OutcomeWithdrawn(NotNow):
    code = "outcome_withdrawn"
    source = RuleSource.INTEGRITY
    detail = "Cette situation est retirée : elle ne compte plus."


class MarkNotKept(Invalid):
    code = "mark_not_kept"
    source = RuleSource.KEPT_MARKS
    detail = "Seule une note d'au moins 10 sur 20 est conservée (code de l'éducation, D643-23)."


def recordable(rules: Circular) -> list[Outcome]:
    """Returns the outcomes of the circular that an office records, in its order."""
    return [outcome for outcome in rules.outcomes.values() if outcome.code != FRAUD]


def standing_outcome(candidacy: Candidacy) -> OfficeOutcome | None:
    """Returns the outcome recorded on the candidacy and not withdrawn; None without any."""
    return OfficeOutcome.objects(candidacy=candidacy.id, live=True).first()


def outcome_sent_back(candidacy: Candidacy) -> OfficeOutcome | None:
    """Returns the last outcome that the jury sent back to the office; None without any, and once another one stands."""
    return outcomes_of(candidacy)[1]


def outcomes_of(candidacy: Candidacy) -> tuple[OfficeOutcome | None, OfficeOutcome | None]:
    """Returns `standing_outcome` and `outcome_sent_back`, in one query."""
    recorded = list(OfficeOutcome.objects(candidacy=candidacy.id).order_by("-id"))
    standing = next((outcome for outcome in recorded if outcome.live), None)
    return standing, next((outcome for outcome in recorded if outcome.sent_back and standing is None), None)


def record_outcome(by: Actor, candidacy: Candidacy, values: OutcomeValues, at: datetime) -> OfficeOutcome:
    """Records an outcome without appraisal, and returns it. Raises OutcomeNeedsCcf, NumberGivenAway, OutcomeStands,
    CommissionStands, SheetIsOut, MarkNotKept, DateToConfirm; Invalid by field: a kept mark has its session, a
    dispensation its text.
    """
    require(by, Action.RECORD_OUTCOME, candidacy)
    if candidacy.ccf.form != ExamForm.CCF:
        raise OutcomeNeedsCcf()
    if number_given_away(candidacy):
        raise NumberGivenAway()
    if Sheet.objects(candidacy=candidacy.id, live=True).first():
        raise SheetIsOut()
    if Commission.objects(candidacy=candidacy.id, state=CommissionState.CONVENED).first():
        raise CommissionStands()
    rules = circular_of(candidacy)
    outcome = OfficeOutcome(
        id=new_id(),
        created_at=at,
        **place_of(candidacy),
        **_checked(rules, candidacy, values),
        recorded_by=by.id,
    )
    unusual = asked_unless_confirmed(values, far_from_session([outcome.convoked_on], candidacy.session))
    data = {"outcome": outcome.outcome, "digest": _recorded_digest(outcome)} | unusual
    event = event_by(by, at, assessment_chain(candidacy), EventName.OUTCOME_RECORDED, outcome, data)
    held: list[AnyChange] = [
        Hold(School.objects.get(pk=candidacy.school), {}),  # as convening and a change of form do
        *still_their_number(candidacy),
        HoldNone(Commission, {"candidacy": candidacy.id, "state": CommissionState.CONVENED}),
        HoldNone(Candidacy, {"_id": candidacy.id, "ccf.form": {"$ne": ExamForm.CCF}}),
    ]
    try:
        commit([*held, Insert(outcome)], event)
    except AlreadyExists:
        raise OutcomeStands() from None
    return outcome


def _checked(rules: Circular, candidacy: Candidacy, values: OutcomeValues) -> dict[str, str | Decimal | None]:
    known = {outcome.code: outcome for outcome in recordable(rules)}
    outcome = known.get(values.get("outcome", ""))
    if outcome is None:
        raise Invalid({"outcome": [f"Situation inconnue. Situations possibles : {', '.join(known)}."]})
    texts = {"reference": _words(values.get("reference")), "proof": _words(values.get("proof"))}
    dated = check_fields({"convoked_on": values.get("convoked_on")}, {"convoked_on": day})
    if not texts["reference"] and (outcome.code in BY_A_TEXT or outcome.demands_reference):
        raise Invalid({"reference": [outcome.explanation]})
    kept = _kept(rules, candidacy, values) if outcome.code == MARK_KEPT else {}
    return {"outcome": outcome.code, "label": outcome.label, **texts, **dated, **kept}


def _words(typed: str | None) -> str | None:
    return (typed or "").strip() or None


def _kept(rules: Circular, candidacy: Candidacy, values: OutcomeValues) -> dict[str, str | Decimal]:
    """Returns the mark kept and its session. Raises MarkNotKept, Invalid by field."""
    typed = {name: values.get(name) or "" for name in ("kept_mark", "kept_session")}
    earlier = partial(_earlier, session=candidacy.session)
    kept = check_fields(typed, {"kept_mark": rules.mark.read, "kept_session": earlier})
    refuse_too_low("kept_mark", MARK_KEPT, kept["kept_mark"])
    return kept


def refuse_too_low(field: str, outcome: str, mark: Decimal | None) -> None:
    """Raises MarkNotKept on `field` if the outcome (a code) is a kept mark that no text keeps."""
    if outcome == MARK_KEPT and mark is not None and mark < LEAST_KEPT:
        raise MarkNotKept({field: ["Au moins 10 sur 20."]})


def _earlier(typed: str, session: str) -> str:
    code = session_code(typed)
    if exam_year(code) >= exam_year(session):
        raise Malformed("Indiquez une session antérieure à celle du candidat, par exemple 2025.")
    return code


def kept_too_long(outcome: OfficeOutcome) -> bool:
    """Returns whether a kept mark is more than five years old (code de l'éducation, D643-15): shown as a warning, never
    refused.
    """
    kept = outcome.kept_session
    return bool(kept) and exam_year(outcome.session) - exam_year(kept) > YEARS_KEPT


def withdraw_outcome(by: Actor, outcome: OfficeOutcome, reason: str, at: datetime) -> OfficeOutcome:
    """Withdraws an outcome recorded by mistake, before the jury decides, and returns it; it is kept with the reason.
    Raises OutcomeWithdrawn, OutcomeBeforeJury, Invalid without a reason.
    """
    require(by, Action.WITHDRAW_OUTCOME, outcome)
    refuse_once_withdrawn(outcome)
    if outcome.decided:
        raise OutcomeBeforeJury()
    values = withdrawal(reason, at)
    event = event_by(by, at, assessment_chain(outcome), EventName.OUTCOME_WITHDRAWN, outcome)
    commit([Change(outcome, values)], event)
    return outcome


def withdrawal(reason: str, at: datetime) -> dict[str, str | bool | datetime]:
    """Returns the values that withdraw an outcome and keep why. Raises Invalid without a reason."""
    return {"live": False, "withdrawn_because": checked_reason(reason), "withdrawn_at": at}


def refuse_once_withdrawn(outcome: OfficeOutcome) -> None:
    """Raises OutcomeWithdrawn unless the outcome stands."""
    if not outcome.live:
        raise OutcomeWithdrawn()


def _recorded_digest(outcome: OfficeOutcome) -> str:
    """Returns the digest of what the office recorded: the journal names no mark."""
    content = {name: getattr(outcome, name) for name in ("outcome", "kept_session", *PROOFS)}
    return digest(content | {"kept_mark": None if outcome.kept_mark is None else to_wire(outcome.kept_mark)})
