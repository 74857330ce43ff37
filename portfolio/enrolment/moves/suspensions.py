"""Suspends and reinstates accounts. Whoever cannot come in is asked for nothing: what waited for them is to be asked
again, and waits for them again once they come back.
"""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId

from portfolio.documents import Activity, Attestation, Candidacy, Person, Placement, RealityEvaluation
from portfolio.documents.attestations import ENDED, RealityState, SignOffState
from portfolio.documents.candidacies import IN_CCF
from portfolio.documents.fields import by_id
from portfolio.documents.people import Role
from portfolio.enrolment.moves.addressees import Holder, asked_again, hand_on, nobody, seated_tutor, teacher_named
from portfolio.enrolment.proposed_placements import asked_about_proposals, asked_of_others
from portfolio.identity.accounts import reinstatement, suspension
from portfolio.identity.waiting_mails.asking_mail import request_mail
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.store.journal import Errand, commit


def suspend(by: Actor, person: Person, reason: str, at: datetime) -> Person:
    """Closes an account at once, on all its devices, and returns the person. What waited for their answer is to be
    asked again; of the proposed periods that they were to answer, those who answer now are told by mail. Raises
    OwnAccount; MovedMeanwhile if it is suspended already, or they were asked for something at that moment.
    """
    require(by, Action.SUSPEND, person)
    closed = suspension(by, person, reason, at)
    handed = hand_on(by, {"person": person.id}, nobody, at)
    others = [
        (followed, [follower for follower in followed.followers if follower != person.id])
        for followed in _followed(person)
    ]
    mails = asked_of_others(others, at)
    commit([*closed.changes, *handed.changes], [closed.event, *handed.events], [*closed.letters, *mails])
    return person


def reinstate(by: Actor, person: Person, at: datetime) -> Person:
    """Opens a suspended account again, with its previous password, and returns the person: what they were asked for is
    asked of them again by mail, where they still hold the seat and nobody else was asked or answered meanwhile. Raises
    MovedMeanwhile if it is not suspended.
    """
    require(by, Action.SUSPEND, person)
    opened = reinstatement(by, person, at)
    open_seats = _left_open(person)
    activities = by_id(Activity, [request.activity for request in open_seats])
    placements = by_id(Placement, [activity.placement for activity in activities.values()])

    def holder_of(request: Attestation) -> Holder | None:
        if request.seat == SignOffSeat.TEACHER:
            return teacher_named(person, request) if person.teaches_in(request.school) else None
        placement = placements.get(activities[request.activity].placement)
        return seated_tutor(placement) if placement is not None and _tutors(person, placement) else None

    handed = asked_again(by, open_seats, holder_of, at, person.id)
    mails = asked_about_proposals((candidacy.id for candidacy in _followed(person)), [person.id])
    letters = [*opened.letters, *handed.errands, *_evaluations_asked(person, at), *mails]
    commit([*opened.changes, *handed.changes], [opened.event, *handed.events], letters)
    return person


def _left_open(person: Person) -> list[Attestation]:
    """Returns what they were the last to be asked for in a seat, which ended, and nobody answered since; oldest first.
    Two queries.
    """
    theirs = Attestation.objects(person=person.id, state=SignOffState.LAPSED).distinct("activity")
    last: dict[tuple[ObjectId, str], Attestation] = {}
    standing = set()
    for request in Attestation.objects(activity__in=theirs).order_by("id"):
        last[request.activity, request.seat] = request
        if request.state not in ENDED:
            standing.add((request.activity, request.seat))
    return [
        request
        for seat, request in last.items()
        if seat not in standing and request.person == person.id and request.state == SignOffState.LAPSED
    ]


def _tutors(person: Person, placement: Placement) -> bool:
    stands = placement.cancelled_at is None and placement.contested_at is None
    return bool(stands and placement.tutor == person.id)


def _evaluations_asked(person: Person, at: datetime) -> list[Errand]:
    """Returns the mail about the evaluations of reality that wait for this tutor; [] where none does."""
    periods = Placement.objects(tutor=person.id, cancelled_at=None).scalar("id")
    waits = RealityEvaluation.objects(placement__in=list(periods), state=RealityState.PROPOSED).only("id").first()
    return [] if waits is None else [request_mail(person.id, SignOffSeat.TUTOR, at)]


def _followed(person: Person) -> list[Candidacy]:
    """Returns the candidacies in CCF that they follow in schools where they teach."""
    schools = [grant.school for grant in person.live_grants if grant.role == Role.TEACHER]
    query = {"followers": person.id, "school": {"$in": schools}, **IN_CCF}
    return list(Candidacy.objects(__raw__=query).order_by("id")) if schools else []
