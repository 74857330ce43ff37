"""Accepts a transfer: in one commit the candidacy, and all that its candidate and those who signed for them made, is of
the other school. What a commission, an office or a jury closed stays with the school that did it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from bson import ObjectId

from portfolio import identifiers
from portfolio.documents import (
    Activity,
    Attestation,
    Candidacy,
    CertificateFile,
    Company,
    Evidence,
    EvidenceFile,
    Feedback,
    PaperScan,
    Person,
    Placement,
    Portfolio,
    ProposedPlacement,
    RealityEvaluation,
    Reserve,
    School,
    Submission,
    Transfer,
    Unpacking,
)
from portfolio.documents.candidacies import CcfDecision, ExamForm, TransferState
from portfolio.documents.fields import CandidacyThing
from portfolio.enrolment.enrol import form_decision, held_followers, new_portfolio
from portfolio.enrolment.moves.addressees import HandedOn, Holder, hand_on
from portfolio.enrolment.moves.numbers import held_numbers
from portfolio.enrolment.moves.transfers import accepted, letters, settled, unhindered, waiting
from portfolio.enrolment.pinned import circular_of
from portfolio.enrolment.proposed_placements import asked_about_proposals, who_answers
from portfolio.enrolment.schools.offered_exams import chosen_exam
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, ChangeAll, HoldAll, Insert, commit, portfolio_chain
from portfolio.validation import check_fields

# What goes with the candidate.
HANDED: tuple[type[CandidacyThing], ...] = (
    *(Portfolio, Activity, Evidence, EvidenceFile, PaperScan, CertificateFile, Submission, Attestation),
    *(RealityEvaluation, Placement, ProposedPlacement, Feedback, Reserve, Unpacking),
)
_COMPANY = ("siret", "name", "city", "address", "country", "local_number")


class ArrivalValues(TypedDict, total=False):
    """What the office of the school that takes the candidate says of them there. followers: person ids. status: as it
    was, if absent. candidate_number: None until the exam service has given it for this school.
    """

    followers: list[ObjectId]
    division: str | None
    status: str
    candidate_number: str | None


def accept(by: Actor, transfer: Transfer, values: ArrivalValues, at: datetime) -> Transfer:
    """Takes the candidate into the school, and returns the transfer. Their number is free; the form of their exam is
    decided by the facts of this school; what waited for their teachers is asked of the only follower named, or is to be
    asked again. The candidate, both offices and the followers are told by mail. Raises TransferSettled, Abandoned,
    TransferBarred, OnSlip, Eliminated; Invalid by field (`followers`, `candidate_number`, `exam`), OwnGrant;
    AlreadyExists if the number is taken, or a company was added meanwhile; MovedMeanwhile if a follower left or a
    period was added at that moment.
    """
    require(by, Action.ANSWER_TRANSFER, transfer)
    answered = waiting(transfer, settled(transfer, TransferState.ACCEPTED, at))
    candidacy = Candidacy.objects.get(pk=transfer.candidacy)
    school = School.objects.get(pk=transfer.to_school)
    held, left = unhindered(candidacy), list(candidacy.followers)
    followers = list(dict.fromkeys(values.get("followers") or []))
    teaching = held_followers(by, candidacy, school.id, followers)
    periods = HoldAll(Placement, {"candidacy": candidacy.id})  # one added meanwhile would name a company of theirs
    arrived = _arrived(candidacy, school, followers, values, at)
    candidacy.academy = school.academy  # the number is one of this academy's
    handed = _handed_on(by, candidacy, school, followers, at)
    changes = [answered, *held, *teaching, *held_numbers([arrived]), arrived, periods]
    changes += _portfolio(candidacy, arrived, school, at)
    changes += [*_people(candidacy, school), *_periods(candidacy, school, at), *_moved(candidacy, school, handed)]
    from_to = {"from": _uai(transfer.school), "to": school.uai}
    events = [
        # The first takes the seal of the candidacy: it is of nobody's chain who reads the portfolio alone.
        event_by(by, at, f"school:{school.id}", EventName.CANDIDATE_RECEIVED, candidacy, from_to),
        accepted(by, transfer, at),
        event_by(by, at, portfolio_chain(candidacy), EventName.CANDIDACY_TRANSFERRED, candidacy, from_to),
        *handed.events,
    ]
    answering = who_answers(school.id, followers, at)
    concerned = [candidacy.person, *followers, *left, *who_answers(transfer.school, (), at)]
    mails = [
        *letters(transfer, TransferState.ACCEPTED, concerned),
        *handed.errands,
        *asked_about_proposals([candidacy.id], answering),
    ]
    commit(changes, events, mails)
    return transfer


def _uai(school: ObjectId) -> str:
    return str(School.objects.only("uai").get(pk=school).uai)


def _arrived(
    candidacy: Candidacy, school: School, followers: list[ObjectId], values: ArrivalValues, at: datetime
) -> Change:
    """Returns the change of the candidacy itself, not yet written. Raises Invalid by field."""
    chosen_exam(school, candidacy.exam)
    checks = {"candidate_number": identifiers.candidate_number}
    number = check_fields(dict(values), checks).get("candidate_number")
    status = values.get("status") or candidacy.status
    arrived: dict[str, Any] = {"school": school.id, "academy": school.academy, "division": values.get("division")}
    arrived |= {"followers": followers, "status": status, "candidate_number": number}
    return Change(candidacy, arrived | {"ccf": _form(candidacy, school, status, at)})


def _form(candidacy: Candidacy, school: School, status: str, at: datetime) -> CcfDecision:
    """Returns the form of the exam in this school. The written decision of a rectorat holds within its academy."""
    if candidacy.ccf.override_reference and candidacy.academy == school.academy:
        kept: CcfDecision = candidacy.ccf
        return kept
    return form_decision(school, candidacy.exam, circular_of(candidacy), {"status": status}, at)


def _portfolio(candidacy: Candidacy, arrived: Change, school: School, at: datetime) -> list[AnyChange]:
    """Returns the insertion of a portfolio for who enters CCF with this school; [] for the others."""
    if arrived.values["ccf"].form != ExamForm.CCF or Portfolio.objects(pk=candidacy.id).first() is not None:
        return []
    portfolio = new_portfolio(candidacy, at)
    portfolio.school, portfolio.academy = school.id, school.academy
    return [Insert(portfolio)]


def _handed_on(by: Actor, candidacy: Candidacy, school: School, followers: list[ObjectId], at: datetime) -> HandedOn:
    """Returns, not yet written, the end of what waits for the teachers of the school that is left, and what is asked of
    the follower here, where one is named.
    """
    names = {person.id: person.name for person in Person.objects(pk__in=followers)}

    def holder_of(request: Attestation) -> Holder | None:
        return Holder(followers[0], names[followers[0]], None, request.placement) if len(followers) == 1 else None

    handed = hand_on(by, {"candidacy": candidacy.id, "seat": SignOffSeat.TEACHER}, holder_of, at)
    for change in handed.changes:
        if isinstance(change, Insert) and isinstance(change.document, Attestation):
            change.document.school, change.document.academy = school.id, school.academy
    return handed


def _moved(candidacy: Candidacy, school: School, handed: HandedOn) -> list[AnyChange]:
    """Returns the changes of all that is below the candidacy. First what the school that is left signed or took in
    hand keeps its name, and its requests end; an insertion is of the other school already.
    """
    left = School.objects.get(pk=candidacy.school)
    place: dict[str, Any] = {"school": school.id, "academy": school.academy}
    named = place | {"given_in": f"{left.name}, {left.city}"}
    below: dict[str, Any] = {"candidacy": candidacy.id}
    signed = ChangeAll(Attestation, below | {"answered_at": {"$ne": None}, "given_in": None}, named)
    handed_in = ChangeAll(Submission, below | {"given_in": None}, named)
    elsewhere = below | {"school": {"$ne": school.id}}
    return [signed, handed_in, *handed.changes, *(ChangeAll(kind, elsewhere, place) for kind in HANDED)]


def _periods(candidacy: Candidacy, school: School, at: datetime) -> list[AnyChange]:
    """Returns the changes of the periods, cancelled ones too: each names the company as this school knows it, added
    where it does not. As many changes as companies.
    """
    known = {company.siret: company for company in Company.objects(school=school.id, siret__ne=None)}
    named = Company.objects(pk__in=Placement.objects(candidacy=candidacy.id).distinct("company"))
    changes: list[AnyChange] = []
    for company in named:
        here = known.get(company.siret)
        if here is None:
            facts = {name: company[name] for name in _COMPANY}
            here = Company(id=new_id(), created_at=at, school=school.id, **facts)
            changes.append(Insert(here))
        moved = {"school": school.id, "academy": school.academy, "company": here.id}
        changes.append(ChangeAll(Placement, {"candidacy": candidacy.id, "company": company.id}, moved))
    return changes


def _people(candidacy: Candidacy, school: School) -> list[Change]:
    """Returns the changes of whose account which office sees: the candidate and the tutors of their periods are known
    to this school, and no longer to the other one where nothing else binds them to it. Four queries.
    """
    tutors = Placement.objects(candidacy=candidacy.id, cancelled_at=None).distinct("tutor")
    ids = [candidacy.person, *tutors]
    bound = set(Candidacy.objects(person__in=ids, school=candidacy.school, id__ne=candidacy.id).scalar("person"))
    others = Placement.objects(tutor__in=ids, school=candidacy.school, candidacy__ne=candidacy.id)
    bound |= set(others.scalar("tutor"))
    return [
        _known_here(person, candidacy.school, school.id, person.id in bound) for person in Person.objects(pk__in=ids)
    ]


def _known_here(person: Person, leaving: ObjectId, joining: ObjectId, bound: bool) -> Change:
    stays = bound or any(grant.school == leaving for grant in person.live_grants)
    before = list(person.schools)
    after = [school for school in before if school != leaving or stays]
    after += [] if joining in after else [joining]
    as_read: dict[str, Any] = {"schools": before or {"$in": [None, []]}}
    return Change(person, {"schools": after}, expected=as_read, any_revision=True)
