"""Proposes a candidate to another school, withdraws or declines that: nothing moves before both offices agreed
(`arrivals.accept`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NotRequired, TypedDict

from bson import ObjectId

from portfolio import identifiers
from portfolio.documents import Candidacy, Commission, OfficeOutcome, Portfolio, School, Sheet, Transfer
from portfolio.documents.candidacies import TransferState
from portfolio.documents.commissions import CommissionState
from portfolio.documents.fields import place_of
from portfolio.enrolment.elimination_status import still_kept
from portfolio.enrolment.moves.abandonment import Abandoned
from portfolio.enrolment.proposed_placements import who_answers
from portfolio.enrolment.schools.offered_exams import chosen_exam
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.unlikely_dates import asked_unless_confirmed, far_from_session
from portfolio.store.chains import Event, event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AlreadyExists, AnyChange, Change, Errand, Hold, HoldNone, Insert, commit
from portfolio.validation import check_fields, checked_reason, day

TELLS = "transfer"


class TransferValues(TypedDict):
    """uai: of the school that the candidate would join. on: the ISO day from which they are of it. confirmed: an
    unlikely one was asked about.
    """

    uai: str
    on: str
    reason: str
    confirmed: NotRequired[bool]


class TransferBarred(NotNow):
    code = "transfer_barred"
    source = RuleSource.INTEGRITY
    detail = (
        "Une commission est convoquée, une fiche établie ou une situation enregistrée pour ce candidat : que son "
        "établissement l'annule d'abord ; le transfert se fait ensuite."
    )


class TransferStands(NotNow):
    code = "transfer_stands"
    source = RuleSource.INTEGRITY
    detail = "Un transfert est déjà proposé pour ce candidat : attendez la réponse, ou retirez-le d'abord."


class TransferSettled(NotNow):
    code = "transfer_settled"
    source = RuleSource.INTEGRITY
    detail = "Ce transfert a déjà eu sa réponse, ou a été retiré : il n'y a plus rien à en décider."


class OnSlip(NotNow):
    code = "transfer_of_listed_portfolio"
    source = RuleSource.INTEGRITY
    detail = (
        "Le portfolio de ce candidat est sur un bordereau d'élimination : que son établissement abandonne d'abord ce "
        "bordereau."
    )


def propose(by: Actor, candidacy: Candidacy, values: TransferValues, at: datetime) -> Transfer:
    """Proposes the candidate to another school, and returns the transfer; its office and the candidate are told by
    mail. Raises Abandoned, TransferBarred, TransferStands, OnSlip, Eliminated, DateToConfirm; Invalid by field (a
    school that is not here, or does not prepare this exam).
    """
    require(by, Action.PROPOSE_TRANSFER, candidacy)
    checked = check_fields({"uai": values["uai"], "on": values["on"]}, {"uai": identifiers.uai, "on": day})
    school = _joined(candidacy, checked["uai"])
    held = unhindered(candidacy)
    unusual = asked_unless_confirmed(values, far_from_session([checked["on"]], candidacy.session))
    transfer = Transfer(
        id=new_id(),
        created_at=at,
        **place_of(candidacy),
        to_school=school.id,
        candidate_name=candidacy.display_name,
        candidate_number=candidacy.candidate_number,
        division=candidacy.division,
        on=checked["on"],
        reason=checked_reason(values["reason"]),
    )
    data = {"to": school.uai, "on": transfer.on} | unusual
    event = event_by(by, at, _chain(transfer), EventName.TRANSFER_PROPOSED, transfer, data)
    concerned = [candidacy.person, *who_answers(school.id, (), at)]
    try:
        commit([*held, Insert(transfer)], event, letters(transfer, TransferState.PROPOSED, concerned))
    except AlreadyExists:
        raise TransferStands() from None
    return transfer


def _joined(candidacy: Candidacy, uai: str) -> School:
    """Returns the school of this UAI. Raises Invalid on `uai` where the candidate is there already, where it is not on
    this service, or does not prepare the exam.
    """
    school: School | None = School.objects(uai=uai).first()
    if school is None:
        sentence = "Cet établissement n'utilise pas ce service : enregistrez plutôt un abandon, avec ce motif."
        raise Invalid({"uai": [sentence]})
    if school.id == candidacy.school:
        raise Invalid({"uai": ["Le candidat est déjà dans cet établissement."]})
    try:
        chosen_exam(school, candidacy.exam)
    except Invalid:
        raise Invalid({"uai": ["Cet établissement ne prépare pas cette épreuve ici."]}) from None
    return school


def unhindered(candidacy: Candidacy) -> list[AnyChange]:
    """Returns the guards of a transfer: the candidate is where they are and did not give up, nothing of their judgment
    stands, their portfolio is on no slip. Raises Abandoned, TransferBarred, OnSlip, Eliminated. Six queries.
    """
    if candidacy.abandoned is not None:
        raise Abandoned()
    judged = [
        HoldNone(Commission, {"candidacy": candidacy.id, "state": CommissionState.CONVENED}),
        HoldNone(Sheet, {"candidacy": candidacy.id, "live": True}),
        HoldNone(OfficeOutcome, {"candidacy": candidacy.id, "live": True}),
    ]
    if any(held.read(None) for held in judged):
        raise TransferBarred()
    there = Hold(candidacy, {"school": candidacy.school, "abandoned": None})
    # Convening, recording an outcome and placing a reserve hold the school too.
    return [Hold(School.objects.get(pk=candidacy.school), {}), there, *judged, *_kept(candidacy)]


def _kept(candidacy: Candidacy) -> Iterator[Hold]:
    """Yields the guard of the portfolio, where there is one. Raises OnSlip, Eliminated."""
    portfolio = Portfolio.objects(pk=candidacy.id).only("slip").first()
    if portfolio is not None:
        kept = still_kept(candidacy)
        if portfolio.slip is not None:
            raise OnSlip()
        kept.expected["slip"] = None
        yield kept


def withdraw(by: Actor, transfer: Transfer, reason: str, at: datetime) -> Transfer:
    """Withdraws a transfer that waits, by the office that proposed it, and returns it. Raises TransferSettled, Invalid
    on `reason`.
    """
    require(by, Action.WITHDRAW_TRANSFER, transfer)
    values = settled(transfer, TransferState.WITHDRAWN, at) | {"answer": checked_reason(reason)}
    event = event_by(by, at, _chain(transfer), EventName.TRANSFER_WITHDRAWN, transfer)
    concerned = [_person(transfer), *who_answers(transfer.to_school, (), at)]
    commit([waiting(transfer, values)], event, letters(transfer, TransferState.WITHDRAWN, concerned))
    return transfer


def decline(by: Actor, transfer: Transfer, reason: str, at: datetime) -> Transfer:
    """Declines a transfer that waits, by the office of the other school, and returns it: the candidate stays where they
    are. Raises TransferSettled, Invalid on `reason`.
    """
    require(by, Action.ANSWER_TRANSFER, transfer)
    values = settled(transfer, TransferState.DECLINED, at) | {"answer": checked_reason(reason)}
    event = event_by(by, at, _chain(transfer), EventName.TRANSFER_DECLINED, transfer)
    concerned = [_person(transfer), *who_answers(transfer.school, (), at)]
    commit([waiting(transfer, values)], event, letters(transfer, TransferState.DECLINED, concerned))
    return transfer


def settled(transfer: Transfer, state: TransferState, at: datetime) -> dict[str, object]:
    """Returns the fields of a transfer that gets its answer. Raises TransferSettled if it has one."""
    if transfer.state != TransferState.PROPOSED:
        raise TransferSettled()
    return {"state": state, "settled_at": at}


def waiting(transfer: Transfer, values: dict[str, object]) -> Change:
    """Returns the change, not yet written, of a transfer that still waits when it is written."""
    return Change(transfer, values, expected={"state": TransferState.PROPOSED})


def letters(transfer: Transfer, becomes: TransferState, people: Iterable[ObjectId]) -> list[Errand]:
    """Returns one mail to each of these people (ids) about what the transfer becomes."""
    about = {"transfer": transfer.id, "what": becomes.value}
    return [Errand(TELLS, about | {"person": person}) for person in dict.fromkeys(people)]


def accepted(by: Actor, transfer: Transfer, at: datetime) -> Event:
    """Returns the event of an acceptance, in the chain of the school that the candidate leaves."""
    return event_by(by, at, _chain(transfer), EventName.TRANSFER_ACCEPTED, transfer, {"on": transfer.on})


def _chain(transfer: Transfer) -> str:
    return f"school:{transfer.school}"


def _person(transfer: Transfer) -> ObjectId:
    return ObjectId(Candidacy.objects.only("person").get(pk=transfer.candidacy).person)
