"""Follows to its end a candidate whose form of exam is one sitting: nothing of CCF is asked, the result is recorded.

The exam service holds that exam and publishes its result (D643-19): here the school writes down what it received, so
that nobody of a class is left without an end.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TypedDict

from portfolio.documents import Candidacy
from portfolio.documents.candidacies import ExamForm, SittingResult
from portfolio.enrolment.institutions import today_in
from portfolio.enrolment.pinned import circular_of
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.marks import to_wire
from portfolio.rules.unlikely_dates import asked_unless_confirmed, far_from_session, to_come
from portfolio.store.chains import event_by
from portfolio.store.digests import digest
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, commit
from portfolio.validation import check_fields, day


class SittingValues(TypedDict, total=False):
    """What an office types: a mark or the words in its place (« Absent »). received_on: ISO day. confirmed: an unlikely
    one was asked about, and is right.
    """

    mark: str | None
    words: str | None
    received_on: str
    reference: str
    confirmed: bool


class OneSitting(NotNow):
    code = "one_sitting"
    source = RuleSource.FORM_OF_EXAM
    detail = (
        "Ce candidat passe l'épreuve sous forme ponctuelle : rien de son portfolio n'est plus demandé, confirmé ni "
        "remis."
    )


class NotOneSitting(NotNow):
    code = "not_one_sitting"
    source = RuleSource.FORM_OF_EXAM
    detail = "Ce candidat est en contrôle en cours de formation : son résultat est celui que le jury publie ici."


def record_result(by: Actor, candidacy: Candidacy, values: SittingValues, at: datetime) -> Candidacy:
    """Records the result received from the exam service, and returns the candidacy; an earlier one is kept, and no
    longer stands. Raises NotOneSitting, DateToConfirm; Invalid by field (a mark off the scale, neither mark nor words
    or both, no reference).
    """
    require(by, Action.AMEND_CANDIDACY, candidacy)
    if candidacy.ccf.form != ExamForm.PONCTUELLE:
        raise NotOneSitting()
    result = SittingResult(**_checked(candidacy, values), recorded_at=at)
    received, today = [result.received_on], today_in(candidacy.academy, at)
    doubts = [*far_from_session(received, candidacy.session, 1), *to_come(received, today)]
    unusual = asked_unless_confirmed(values, doubts)
    mark = None if result.mark is None else to_wire(result.mark)
    content = {"mark": mark, "words": result.words, "received_on": result.received_on, "reference": result.reference}
    data = {"digest": digest(content)} | unusual
    event = event_by(by, at, f"school:{candidacy.school}", EventName.SITTING_RECORDED, candidacy, data)
    commit([Change(candidacy, push={"sittings": result})], event)
    return candidacy


def _checked(candidacy: Candidacy, values: SittingValues) -> dict[str, str | Decimal | None]:
    typed = {name: values.get(name) for name in ("mark", "received_on")}
    checks = {"mark": circular_of(candidacy).mark.read, "received_on": day}
    checked: dict[str, str | Decimal | None] = check_fields(typed, checks)
    words, reference = _words(values.get("words")), _words(values.get("reference"))
    errors = {}
    if (checked.get("mark") is None) == (words is None):
        errors["mark"] = ["Indiquez la note, ou ce qui en tient lieu, et l'un des deux seulement."]
    received = checked.get("received_on")
    if received is None:
        errors["received_on"] = ["Indiquez le jour où l'établissement l'a reçu."]
    if reference is None:
        errors["reference"] = ["Indiquez le document ou la liste qui le porte."]
    if errors:
        raise Invalid(errors)
    return {"mark": checked.get("mark"), "words": words, "received_on": received, "reference": reference}


def _words(typed: str | None) -> str | None:
    return (typed or "").strip() or None
