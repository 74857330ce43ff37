"""Adds, amends and cancels placements in companies, and names and replaces tutors (arrêté, annexe II: stage,
apprenticeship, employment).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, TypedDict

from bson import ObjectId

from portfolio.documents import Candidacy, Company, Grant, Person, Placement
from portfolio.documents.candidacies import ExamForm, PlacementKind, there_in_ccf
from portfolio.documents.fields import CandidacyThing, place_of
from portfolio.documents.people import PersonState, Role
from portfolio.enrolment.corrections.kept import told_of_submissions
from portfolio.enrolment.elimination_status import still_kept
from portfolio.enrolment.moves.abandonment import Abandoned
from portfolio.enrolment.moves.addressees import (
    HandedOn,
    declined_by_tutor,
    evaluation_asked,
    hand_on,
    nobody,
    seated_tutor,
)
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.identifiers import email
from portfolio.identity.accounts import grant_changes, is_named, known_or_new
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.rules.unlikely_dates import (
    WORKING_LIFE,
    YEARS_BEFORE,
    Doubt,
    asked_unless_confirmed,
    far_from_session,
)
from portfolio.store.chains import Event, event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, ChangeAll, Hold, Insert, commit, portfolio_chain
from portfolio.validation import check_fields, day, period

DATES = {"starts_on": day, "ends_on": day}
# Clears a tutor's objection, once another tutor took over or the teacher resumes the requests.
SETTLED = dict.fromkeys(("contested_at", "contested_because", "contested_by", "contest_comment"))


class TutorValues(TypedDict, total=False):
    """Who they are. email, function: None, or absent, where nobody knows."""

    family_name: str
    given_names: str
    email: str | None
    function: str | None


class PlacementValues(TypedDict, total=False):
    """company: its id. starts_on, ends_on: ISO days. days: worked. A tutor without email confirms on paper. tutor:
    None, or absent, while nobody is named. confirmed: unlikely dates were asked about, and are right.
    """

    company: ObjectId
    kind: str
    starts_on: str
    ends_on: str
    days: int
    missions: str | None
    tutor: TutorValues | None
    confirmed: bool


class PlacementCancelled(NotNow):
    code = "placement_cancelled"
    source = RuleSource.INTEGRITY
    detail = "Cette période a été annulée : elle ne peut plus être modifiée."


class NoTutorYet(NotNow):
    code = "no_tutor_yet"
    source = RuleSource.INTEGRITY
    detail = "Cette période n'a pas encore de tuteur : désignez d'abord le tuteur, à la page de la période."


class NoPortfolio(NotNow):
    code = "no_portfolio"
    source = RuleSource.FORM_OF_EXAM
    detail = "Ce candidat passe l'épreuve sous forme ponctuelle : il n'a pas de portfolio."


def add_placement(by: Actor, candidacy: Candidacy, values: PlacementValues, at: datetime) -> Placement:
    """Adds a placement and its tutor, if one is named, who gets a grant; returns the placement. Raises NoPortfolio,
    Abandoned, DateToConfirm, Invalid by field, Eliminated, OwnGrant.
    """
    require(by, Action.PLACE, candidacy)
    company = Company.objects(pk=values["company"], school=candidacy.school).first()
    if company is None:
        raise Invalid({"company": ["Cette entreprise n'est pas connue de l'établissement : ajoutez-la d'abord."]})
    placement, changes, event = placement_to_add(by, candidacy, company, values, at)
    commit(changes, event)
    return placement


def placement_to_add(
    by: Actor, candidacy: Candidacy, company: Company, values: PlacementValues, at: datetime
) -> tuple[Placement, list[AnyChange], Event]:
    """Returns a placement in this company, not yet written, with all that is written with it. values: as for
    `add_placement`, but for the company. Raises NoPortfolio, Abandoned, DateToConfirm, Invalid by field, Eliminated,
    OwnGrant.
    """
    require(by, Action.PLACE, candidacy)
    refuse_without_portfolio(candidacy)
    kept = still_kept(candidacy)
    checked = check_fields(dict(values), DATES)
    within(checked["starts_on"], checked["ends_on"], values["days"])
    unusual = asked_unless_confirmed(values, unlikely_period(candidacy, values["kind"], checked.values()))
    placement = Placement(
        id=new_id(),
        created_at=at,
        **place_of(candidacy),
        company=company.id,
        company_name=company.name,
        company_city=company.city,
        kind=values["kind"],
        days=values["days"],
        missions=values.get("missions"),
        **checked,
    )
    changes: list[AnyChange] = [
        *_first_tutor(by, placement, values.get("tutor"), at),
        kept,
        Insert(placement),
        Hold(candidacy, there_in_ccf(candidacy)),  # an import, of candidates or of companies, may be undone meanwhile
        Hold(company, {}),
    ]
    data = {"placement": str(placement.id), "kind": placement.kind, "starts_on": placement.starts_on}
    event = event_by(by, at, portfolio_chain(candidacy), EventName.PLACEMENT_ADDED, placement, data | unusual)
    return placement, changes, event


def _first_tutor(by: Actor, placement: Placement, tutor: TutorValues | None, at: datetime) -> list[AnyChange]:
    """Returns what `_seat_tutor` does of the tutor of a new placement, [] where nobody is named. Raises Invalid on
    `tutor.…`, OwnGrant.
    """
    if not tutor:
        return []
    try:
        return _seat_tutor(by, placement, tutor, at)
    except Invalid as invalid:
        raise Invalid({f"tutor.{field}": sentences for field, sentences in invalid.errors.items()}) from invalid


def unlikely_period(of: CandidacyThing | Candidacy, kind: str, days: Iterable[str]) -> Iterator[Doubt]:
    """Yields what is to be confirmed of days (ISO) of a period of this kind: an employment may be old, no other is."""
    years = WORKING_LIFE if kind == PlacementKind.EMPLOI else YEARS_BEFORE
    return far_from_session(days, of.session, years)


def refuse_without_portfolio(candidacy: Candidacy) -> None:
    """Raises NoPortfolio where the candidate sits one exam, Abandoned where they gave up."""
    if candidacy.ccf.form != ExamForm.CCF:
        raise NoPortfolio()
    if candidacy.abandoned is not None:
        raise Abandoned()


def _seat_tutor(by: Actor, placement: Placement, tutor: TutorValues, at: datetime) -> list[AnyChange]:
    """Sets the tutor on the placement, in memory; returns the changes of their account, not yet written. tutor:
    family_name, given_names; email and function may be absent. Raises Invalid if the address or a name is
    malformed, the tutor is the candidate or a follower (neither may confirm for the company), their account is
    suspended, or the names are not those of the address; OwnGrant.
    """
    candidacy = Candidacy.objects.get(pk=placement.candidacy)
    address = tutor.get("email") or None
    known = Person.objects(**check_fields({"email": address}, {"email": email})).first() if address else None
    if known is not None:
        _refuse_as_tutor(candidacy, known)
    if address is None:
        _refuse_their_names(candidacy, tutor["given_names"], tutor["family_name"])
    same = _same_without_address(placement, tutor) if address is None else None
    person, is_new = (same, False) if same else known_or_new(address, tutor["family_name"], tutor["given_names"], at)
    return _given_seat(by, placement, person, is_new, tutor.get("function"), at)


def _refuse_as_tutor(candidacy: Candidacy, known: Person) -> None:
    """Raises Invalid on `email` where this person may not confirm for the company, or cannot come in."""
    sentence = None
    if known.id == candidacy.person:
        sentence = "Cette adresse est celle du candidat : indiquez celle du tuteur."
    elif known.id in candidacy.followers:
        sentence = "Cette adresse est celle d'un professeur chargé du suivi : indiquez celle du tuteur."
    elif known.state == PersonState.SUSPENDED:
        sentence = "Le compte de cette personne est suspendu : indiquez un autre tuteur, ou faites-le rétablir d'abord."
    if sentence is not None:
        raise Invalid({"email": [sentence]})


def _given_seat(
    by: Actor, placement: Placement, person: Person, is_new: bool, function: str | None, at: datetime
) -> list[AnyChange]:
    """Sets a tutor on the placement, in memory; returns the changes of their account, not yet written. Raises
    OwnGrant.
    """
    placement.tutor, placement.tutor_name, placement.tutor_function = person.id, person.name, function
    grant = Grant(
        role=Role.TUTOR,
        candidacy=placement.candidacy,
        placement=placement.id,
        granted_by=by.journal_name,
        granted_at=at,
    )
    return [*grant_changes(person, is_new, grant, at, school=placement.school)]


def _same_without_address(placement: Placement, tutor: TutorValues) -> Person | None:
    """Returns the tutor without address who bears these names in the same company, for the same candidate: an address
    that is noted later serves all their periods. None where there is none; elsewhere, names alone tell nothing.
    """
    there = Placement.objects(candidacy=placement.candidacy, company=placement.company).scalar("tutor")
    for person in Person.objects(pk__in=list(there), email=None).order_by("id"):
        if is_named(person, tutor["given_names"], tutor["family_name"]):
            return person
    return None


def _refuse_their_names(candidacy: Candidacy, given_names: str, family_name: str) -> None:
    """Raises Invalid on `family_name` where a tutor without address has the names of the candidate or of a follower:
    only an address would tell them apart.
    """
    for person in Person.objects(pk__in=[candidacy.person, *candidacy.followers]):
        if is_named(person, given_names, family_name):
            whose = "du candidat" if person.id == candidacy.person else "d'un professeur chargé du suivi"
            sentence = f"Ce nom est celui {whose} : si c'est un homonyme, indiquez son adresse e-mail."
            raise Invalid({"family_name": [sentence]})


def _amendable(by: Actor, placement: Placement) -> None:
    """Raises NotFound or Forbidden if `by` may not amend the placement, PlacementCancelled, Eliminated."""
    require(by, Action.AMEND_PLACEMENT, placement)
    if placement.cancelled_at is not None:
        raise PlacementCancelled()
    still_kept(placement)


def within(starts_on: str, ends_on: str, days: int) -> None:
    """Raises Invalid where the period (ISO days) ends before it starts, or holds fewer days than are worked."""
    period(starts_on, ends_on)
    if days > (date.fromisoformat(ends_on) - date.fromisoformat(starts_on)).days + 1:
        raise Invalid({"days": ["Ce nombre de jours dépasse la durée de la période : vérifiez-le."]})


def amend_placement(by: Actor, placement: Placement, values: dict[str, Any], at: datetime) -> Placement:
    """Changes a placement and returns it. values: starts_on, ends_on (ISO), days, missions, confirmed; absent fields
    stay. Raises PlacementCancelled, DateToConfirm, Invalid by field, Eliminated.
    """
    _amendable(by, placement)
    changed: dict[str, Any] = check_fields(values, DATES)
    changed |= {name: values[name] for name in ("days", "missions") if name in values}
    after = {name: changed.get(name, getattr(placement, name)) for name in ("starts_on", "ends_on", "days")}
    within(**after)
    moved = [changed[name] for name in DATES if changed.get(name, getattr(placement, name)) != getattr(placement, name)]
    unusual = asked_unless_confirmed(values, unlikely_period(placement, placement.kind, moved))
    data = {"placement": str(placement.id), "starts_on": after["starts_on"], "started_on": placement.starts_on}
    event = event_by(by, at, portfolio_chain(placement), EventName.PLACEMENT_AMENDED, placement, data | unusual)
    commit([Change(placement, changed)], event, told_of_submissions(by, [placement.candidacy]))
    return placement


def replace_tutor(by: Actor, placement: Placement, tutor: TutorValues, at: datetime) -> Placement:
    """Replaces the tutor, or names the first one, and returns the placement: a former tutor's sign-offs stay, their
    access ends, and what waited in the seat is asked of the new one by mail. tutor: as for `add_placement`. Raises
    PlacementCancelled, Invalid by field, Eliminated, OwnGrant.
    """
    _amendable(by, placement)
    leaving = placement.tutor
    changes = _seat_tutor(by, placement, tutor, at)
    return _replaced(by, placement, leaving, changes, at)


def seat_again(by: Actor, placement: Placement, former: Person, function: str | None, at: datetime) -> Placement:
    """Seats somebody who tutored the period before, with or without an address, and returns the placement; the rest as
    `replace_tutor` does. Raises PlacementCancelled, Invalid on `email`, Eliminated, OwnGrant.
    """
    _amendable(by, placement)
    leaving = placement.tutor
    _refuse_as_tutor(Candidacy.objects.get(pk=placement.candidacy), former)
    changes = _given_seat(by, placement, former, False, function, at)
    return _replaced(by, placement, leaving, changes, at)


def _replaced(
    by: Actor, placement: Placement, leaving: ObjectId | None, changes: list[AnyChange], at: datetime
) -> Placement:
    """Writes the tutor whom the placement has in memory in the place of the one who leaves. changes: of their account.
    Raises Invalid on `email` where both are the same.
    """
    if leaving == placement.tutor:
        raise Invalid({"email": ["Cette personne est déjà le tuteur de cette période."]})
    name = EventName.TUTOR_NAMED if leaving is None else EventName.TUTOR_REPLACED
    handed = _seated(by, placement, leaving, name, at)
    # Their account comes first: it is held as whom something is asked of.
    letters = told_of_submissions(by, [placement.candidacy])
    commit(
        [*without_grant(leaving, placement, at), *changes, *handed.changes], handed.events, [*handed.errands, *letters]
    )
    return placement


def end_tutoring(by: Actor, placement: Placement, at: datetime) -> Placement:
    """Records that nobody tutors this period for now, and returns the placement: the tutor's sign-offs stay, their
    access ends, and what waited for them waits for whoever is named. Raises PlacementCancelled, NoTutorYet (already),
    Eliminated.
    """
    _amendable(by, placement)
    leaving = placement.tutor
    if leaving is None:
        raise NoTutorYet()
    emptied = unseated(by, placement, at)
    letters = [*emptied.errands, *told_of_submissions(by, [placement.candidacy])]
    commit([*without_grant(leaving, placement, at), *emptied.changes], emptied.events, letters)
    return placement


def unseated(by: Actor, placement: Placement, at: datetime) -> HandedOn:
    """Returns, not yet written, a period whose tutor is to be named; their grant is the caller's to end."""
    leaving = placement.tutor
    placement.tutor = placement.tutor_name = placement.tutor_function = None
    return _seated(by, placement, leaving, EventName.TUTOR_LEFT, at)


def _seated(by: Actor, placement: Placement, leaving: ObjectId | None, name: EventName, at: datetime) -> HandedOn:
    """Returns, not yet written, the tutor whom the placement has in memory, and asks of them what waited in the
    seat.
    """
    declined = declined_by_tutor(placement)
    changed = {name: getattr(placement, name) for name in ("tutor", "tutor_name", "tutor_function")} | SETTLED
    waited = {"placement": placement.id, "person": leaving, "seat": SignOffSeat.TUTOR}
    now = seated_tutor(placement)
    handed = hand_on(by, waited, lambda request: now, at, declined)
    event = event_by(by, at, portfolio_chain(placement), name, placement, {"placement": str(placement.id)})
    letters = [*handed.errands, *evaluation_asked(placement, at)]
    return HandedOn([Change(placement, changed), *handed.changes], [event, *handed.events], letters)


def without_grant(tutor: ObjectId | None, placement: Placement, at: datetime) -> list[AnyChange]:
    """Returns the change that ends the tutor's live grant, without conflict with concurrent acts on this person; []
    where nobody is named.
    """
    if tutor is None:
        return []
    live = {"role": Role.TUTOR, "placement": placement.id, "revoked_at": None}
    return [ChangeAll(Person, {"_id": tutor, "grants": {"$elemMatch": live}}, {"grants.$.revoked_at": at})]


def cancel_placement(by: Actor, placement: Placement, reason: str, at: datetime) -> Placement:
    """Cancels a period that did not take place, and returns it: its tutor's access ends, nothing more is requested
    about it, and what waited for the tutor is to be asked again. Raises PlacementCancelled (already), Eliminated.
    """
    _amendable(by, placement)
    changes: list[AnyChange] = [
        Change(placement, {"cancelled_at": at, "cancel_reason": reason}),
        *without_grant(placement.tutor, placement, at),
    ]
    event = event_by(by, at, portfolio_chain(placement), EventName.PLACEMENT_CANCELLED, placement)
    handed = hand_on(by, {"placement": placement.id, "seat": SignOffSeat.TUTOR}, nobody, at)
    letters = told_of_submissions(by, [placement.candidacy])
    commit([*changes, *handed.changes], [event, *handed.events], letters)
    return placement
