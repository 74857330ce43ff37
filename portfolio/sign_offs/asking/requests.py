"""Asks a tutor or a teacher to sign off an activity, while the portfolio is open or submitted."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.documents import Activity, Attestation, Candidacy, Person, Placement
from portfolio.documents.attestations import SignOffState
from portfolio.documents.fields import place_of
from portfolio.documents.people import PersonState, Role
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.moves.abandonment import refuse_outside_ccf, still_in_ccf
from portfolio.enrolment.moves.addressees import Holder, asked_event, seated_tutor
from portfolio.enrolment.placements import PlacementCancelled
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.identifiers import TUTOR_TO_BE_NAMED
from portfolio.identity.invitations import not_suspended
from portfolio.identity.waiting_mails.asking_mail import request_mail
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.answering.content import refuse_withdrawn
from portfolio.sign_offs.answering.waivers import NoTutorToAsk
from portfolio.store.journal import AlreadyExists, Hold, Insert, commit

CANNOT_COME_IN = (
    "Cette personne ne peut pas répondre en ce moment : demandez à une autre, ou dites-le à l'établissement, "
    "qui en désigne une."
)


class AlreadyRequested(NotNow):
    code = "already_requested"
    source = RuleSource.INTEGRITY
    detail = "Cette confirmation a déjà été demandée à {name} le {since} : la réponse est attendue."


class Contested(NotNow):
    code = "placement_contested"
    source = RuleSource.INTEGRITY
    detail = (
        "Le tuteur a signalé un problème sur cette période : il n'est plus sollicité. "
        "Le professeur chargé du suivi corrige le tuteur ou la période, ou reprend les demandes."
    )


def request(by: Actor, activity: Activity, seat: SignOffSeat, person_id: ObjectId | None, at: datetime) -> Attestation:
    """Asks a person to sign off an activity, and returns the request: a tutor of the placement (by default its tutor),
    or a teacher who follows the candidate or teaches the profession (by default the only follower). A request to a
    tutor who is still to be named waits, and leaves once they are. Raises NoTutorToAsk, PlacementCancelled, Contested,
    AlreadyRequested, Withdrawn; Invalid if the person may not hold this seat, or cannot come in.
    """
    attestation = _request(by, activity, seat, person_id, at)
    waiting = _waiting_like(attestation)
    if waiting is not None:
        raise _already_requested(waiting)
    try:
        _ask(by, [(activity, attestation)], at)
    except AlreadyExists:
        raise _already_requested(attestation) from None
    return attestation


def request_many(
    by: Actor, activities: list[Activity], seat: SignOffSeat, person_id: ObjectId | None, at: datetime
) -> list[Attestation]:
    """Asks for several activities of one portfolio in one act, and returns the requests in their order; pending ones
    are returned unchanged. Raises Invalid if they are not of one portfolio; otherwise as `request` does, on the first
    activity that cannot be asked for: then nothing is written.
    """
    if len({activity.candidacy for activity in activities}) != 1:
        raise Invalid({"activities": ["Choisissez au moins une activité, toutes du même portfolio."]})
    wanted = [(activity, _request(by, activity, seat, person_id, at)) for activity in activities]
    while True:
        waiting = {attestation.activity: _waiting_like(attestation) for _, attestation in wanted}
        new = [(activity, attestation) for activity, attestation in wanted if waiting[activity.id] is None]
        try:
            if new:
                _ask(by, new, at)
        except AlreadyExists:  # one of them was asked for at the same moment: it is pending now
            continue
        return [waiting[activity.id] or attestation for activity, attestation in wanted]


def _waiting_like(attestation: Attestation) -> Attestation | None:
    return Attestation.objects(
        activity=attestation.activity, person=attestation.person, state=SignOffState.REQUESTED
    ).first()


def _ask(by: Actor, requests: list[tuple[Activity, Attestation]], at: datetime) -> None:
    """Writes the requests in one transaction, with one mail to each person who is named. Raises AlreadyExists if one of
    them waits already, OneSitting, Abandoned.
    """
    changes: list[Hold | Insert] = [*still_in_ccf(*(activity for activity, _ in requests))]
    events = []
    for activity, attestation in requests:
        still = {"withdrawn_at": None, "placement": attestation.placement}
        changes += [Hold(activity, still), *_still_in_the_seat(attestation), Insert(attestation)]
        events.append(asked_event(by, attestation, at))
    people = sorted({(request.person, request.seat) for _, request in requests if request.person is not None})
    commit(changes, events, [request_mail(person, seat, at) for person, seat in people])


def _still_in_the_seat(request: Attestation) -> list[Hold]:
    """Returns what keeps the person in the seat until it is written: the placement, or the right to teach there, and
    that they can come in.
    """
    comes_in = [Hold(person, not_suspended()) for person in Person.objects(pk=request.person)]
    if request.seat == SignOffSeat.TUTOR:
        placement = Placement.objects.get(pk=request.placement)
        return [Hold(placement, {"cancelled_at": None, "contested_at": None, "tutor": placement.tutor}), *comes_in]
    for held in comes_in:
        held.expected["grants"] = {"$elemMatch": {"role": Role.TEACHER, "school": request.school, "revoked_at": None}}
    return comes_in


def _request(by: Actor, activity: Activity, seat: SignOffSeat, person_id: ObjectId | None, at: datetime) -> Attestation:
    """Returns the request, not yet written. Raises as `request` does, except AlreadyRequested."""
    require(by, Action.REQUEST_SIGN_OFF, activity)
    refuse_withdrawn(activity)
    refuse_outside_ccf(activity.candidacy)
    asked = (_tutor if seat == SignOffSeat.TUTOR else _teacher)(activity, person_id)
    return Attestation(
        id=new_id(),
        created_at=at,
        **place_of(activity),
        activity=activity.id,
        placement=activity.placement,
        seat=seat,
        person=asked.person,
        state=SignOffState.REQUESTED,
        requested_by=by.id,
        signer_name=asked.name,
        signer_function=asked.function,
    )


def _already_requested(waiting: Attestation) -> AlreadyRequested:
    zone = ZoneInfo(academy_of(waiting.academy).timezone)
    return AlreadyRequested(
        name=waiting.signer_name or TUTOR_TO_BE_NAMED, since=f"{waiting.created_at.astimezone(zone):%d/%m/%Y}"
    )


def _tutor(activity: Activity, person_id: ObjectId | None) -> Holder:
    """Returns the tutor to ask, who may be still to be named. Raises NoTutorToAsk, PlacementCancelled, Contested,
    Invalid on `person`, also where their account is suspended.
    """
    if activity.placement is None:
        raise NoTutorToAsk()
    placement = Placement.objects.get(pk=activity.placement)
    if placement.cancelled_at is not None:
        raise PlacementCancelled()
    if placement.contested_at is not None:
        raise Contested()
    if person_id is None and placement.tutor is None:
        return seated_tutor(placement)
    person = _granted(person_id or placement.tutor, {"role": Role.TUTOR, "placement": placement.id})
    if person is None:
        raise Invalid({"person": ["Cette personne n'est pas tuteur pour cette période en entreprise."]})
    if person.state == PersonState.SUSPENDED:
        raise Invalid({"person": [CANNOT_COME_IN]})
    function = placement.tutor_function if person.id == placement.tutor else None
    return Holder(person.id, person.name, function, placement.id)


def _teacher(activity: Activity, person_id: ObjectId | None) -> Holder:
    """Returns the teacher to ask, without a function: teachers have none. Raises Invalid on `person`, also where their
    account is suspended.
    """
    candidacy = Candidacy.objects.get(pk=activity.candidacy)
    if person_id is None:
        if len(candidacy.followers) != 1:
            raise Invalid({"person": ["Indiquez le professeur à qui demander."]})
        person_id = candidacy.followers[0]
    person = _granted(person_id, {"role": Role.TEACHER, "school": candidacy.school})
    if person is None or person.id == candidacy.person:
        raise Invalid(
            {"person": ["Cette personne n'est pas enregistrée comme enseignant de l'établissement du candidat."]}
        )
    if person.state == PersonState.SUSPENDED:
        raise Invalid({"person": [CANNOT_COME_IN]})
    return Holder(person.id, person.name, None, activity.placement)


def _granted(person_id: ObjectId, grant: dict[str, Any]) -> Person | None:
    live = {"$elemMatch": {**grant, "revoked_at": None}}
    return Person.objects(__raw__={"_id": person_id, "grants": live}).first()
