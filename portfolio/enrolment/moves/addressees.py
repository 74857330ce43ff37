"""Ends the requests to sign off whose addressee holds the seat no more, and asks whoever holds it now, in the commit of
the act that moved them. Where nobody does, the sign-off is to be asked again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

from bson import ObjectId

from portfolio.documents import Activity, Attestation, Person, Placement, RealityEvaluation
from portfolio.documents.attestations import RealityState, SignOffState
from portfolio.documents.fields import place_of
from portfolio.documents.people import PersonState
from portfolio.identity.invitations import not_suspended
from portfolio.identity.waiting_mails.asking_mail import request_mail
from portfolio.ids import new_id
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.store.chains import Event, event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, ChangeAll, Errand, Hold, HoldAll, Insert, portfolio_chain


@dataclass(frozen=True)
class Holder:
    """Who holds a seat now. person, name: None of a tutor who is not named yet: what is asked waits for them. function:
    of a tutor, None if unknown. placement: None for an activity of none.
    """

    person: ObjectId | None
    name: str | None
    function: str | None
    placement: ObjectId | None


@dataclass
class HandedOn:
    """What an act commits besides its own: the ends of requests and the new ones, their links, their mails."""

    changes: list[AnyChange] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    errands: list[Errand] = field(default_factory=list)


HolderOf = Callable[[Attestation], Holder | None]


def nobody(request: Attestation) -> None:
    """Returns None: the seat of this request is empty."""


def waiting(**about: object) -> list[Attestation]:
    """Returns the requests without an answer that match, oldest first. about: fields of Attestation, in terms of
    MongoDB.
    """
    return list(Attestation.objects(__raw__={"state": SignOffState.REQUESTED, **about}).order_by("id"))


def hand_on(
    by: Actor, about: dict[str, object], holder_of: HolderOf, at: datetime, declined: Iterable[Attestation] = ()
) -> HandedOn:
    """Returns, not yet written, the end of the requests that match, and the same of those who hold the seats now: one
    mail to each, none while a tutor is to be named. about: fields of Attestation, in terms of MongoDB. holder_of: of a
    request, None where the seat is empty; so it is of somebody whose account is suspended. declined: those that an
    objection ended before, to ask again. What is asked or answered since makes the commit raise MovedMeanwhile. Five
    queries.
    """
    query = {"state": SignOffState.REQUESTED, **about}
    unmoved = HoldAll(Attestation, query)
    ended = waiting(**about)
    handed = HandedOn([unmoved, ChangeAll(Attestation, query, {"state": SignOffState.LAPSED})])
    handed.events += _ends(by, ended, at)
    _ask_again(by, [*ended, *declined], handed, holder_of, at)
    return handed


def asked_again(
    by: Actor, lapsed: Sequence[Attestation], holder_of: HolderOf, at: datetime, back: ObjectId
) -> HandedOn:
    """Returns, not yet written, the same requests as these, which ended, of those who hold the seats now: see
    `hand_on`. back: the person whose account the caller opens again. Three queries.
    """
    handed = HandedOn()
    _ask_again(by, lapsed, handed, holder_of, at, {back})
    return handed


def _ask_again(
    by: Actor,
    requests: Sequence[Attestation],
    handed: HandedOn,
    holder_of: HolderOf,
    at: datetime,
    back: Set[ObjectId] = frozenset(),
) -> None:
    """Adds to `handed` the same requests of those who hold the seats now, and can come in, or come back."""
    activities = {"$in": list({request.activity for request in requests})}
    live = set(Activity.objects(__raw__={"_id": activities, "withdrawn_at": None}).scalar("id"))
    holders = {request.id: holder_of(request) for request in requests if request.activity in live}
    people = {holder.person for holder in holders.values() if holder is not None and holder.person is not None}
    known = list(Person.objects(pk__in=people).order_by("id"))  # but who is named in this very commit
    barred = {person.id for person in known if person.state == PersonState.SUSPENDED} - back
    over = {request.id for request in requests}
    asked = {(request.activity, request.person) for request in waiting(activity=activities) if request.id not in over}
    handed.changes += [Hold(person, not_suspended()) for person in known if person.id not in barred]
    for request in requests:
        holder = holders.get(request.id)
        if holder is None or holder.person in barred or (request.activity, holder.person) in asked:
            continue
        asked.add((request.activity, holder.person))
        _ask(by, request, holder, handed, at)


def _ends(by: Actor, ended: Iterable[Attestation], at: datetime) -> Iterator[Event]:
    """Yields one event for each candidacy."""
    of_each: dict[ObjectId, list[Attestation]] = defaultdict(list)
    for request in ended:
        of_each[request.candidacy].append(request)
    for of_one in of_each.values():
        data = {"requests": [str(request.id) for request in of_one]}
        yield event_by(by, at, portfolio_chain(of_one[0]), EventName.SIGN_OFF_LAPSED, of_one[0], data)


def _ask(by: Actor, request: Attestation, holder: Holder, handed: HandedOn, at: datetime) -> None:
    """Adds to `handed` the same request of whoever holds the seat now, and its mail."""
    new = Attestation(
        id=new_id(),
        created_at=at,
        **place_of(request),
        activity=request.activity,
        placement=holder.placement,
        seat=request.seat,
        person=holder.person,
        state=SignOffState.REQUESTED,
        requested_by=by.id if by.person is not None else request.requested_by,
        signer_name=holder.name,
        signer_function=holder.function,
    )
    handed.changes.append(Insert(new))
    handed.events.append(asked_event(by, new, at))
    if holder.person is None:
        return
    mail = request_mail(holder.person, SignOffSeat(request.seat), at)
    if mail not in handed.errands:
        handed.errands.append(mail)


def asked_event(by: Actor, request: Attestation, at: datetime) -> Event:
    """Returns the event of a new request. It names nobody while the tutor is to be named."""
    data = {"activity": str(request.activity), "seat": request.seat}
    data |= {"person": str(request.person)} if request.person else {}
    return event_by(by, at, portfolio_chain(request), EventName.SIGN_OFF_REQUESTED, request, data)


def tutor_of(placement_id: ObjectId | None) -> Holder | None:
    """Returns the tutor of a placement, who may be still to be named; None without a placement, or where it was
    cancelled, or its tutor objected to it.
    """
    placement = Placement.objects(pk=placement_id, cancelled_at=None, contested_at=None).first()
    if placement is None:
        return None
    return seated_tutor(placement)


def seated_tutor(placement: Placement) -> Holder:
    return Holder(placement.tutor, placement.tutor_name, placement.tutor_function, placement.id)


def evaluation_asked(placement: Placement, at: datetime) -> list[Errand]:
    """Returns the mail to the tutor of a placement about its evaluation of reality, [] where none waits or
    nobody is named.
    """
    if placement.tutor is None:
        return []
    if RealityEvaluation.objects(placement=placement.id, state=RealityState.PROPOSED).first() is None:
        return []
    return [request_mail(placement.tutor, SignOffSeat.TUTOR, at)]


def declined_by_tutor(placement: Placement) -> list[Attestation]:
    """Returns what waited for the tutor of a placement when they objected to it, of each activity the last, without
    what was answered since; [] without an objection. Two queries.
    """
    if placement.contested_at is None:
        return []
    about = {"placement": placement.id, "person": placement.contested_by, "seat": SignOffSeat.TUTOR}
    declined = Attestation.objects(state=SignOffState.DECLINED, **about).order_by("id")
    last = {request.activity: request for request in declined}
    later = Attestation.objects(
        activity__in=list(last), seat=SignOffSeat.TUTOR, answered_at__gte=placement.contested_at
    )
    answered = set(later.scalar("activity"))
    return [request for activity, request in last.items() if activity not in answered]


def teacher_named(person: Person, request: Attestation) -> Holder:
    """Returns this teacher as who answers a request from now on."""
    return Holder(person.id, person.name, None, request.placement)
