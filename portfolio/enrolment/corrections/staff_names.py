"""Corrects how a member of staff is called. What they signed, and the sheets drawn up, keep the name of the day."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from portfolio import identifiers
from portfolio.documents import Person
from portfolio.documents.people import Role
from portfolio.enrolment.corrections.amended import amended_by
from portfolio.enrolment.moves.addressees import waiting
from portfolio.enrolment.moves.borne_names import checked_names, on_requests, on_seats
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, commit, portfolio_chain

NAMED_ELSEWHERE = {Role.CANDIDATE, Role.TUTOR}


class StaffNames(TypedDict):
    family_name: str
    given_names: str


class NameKeptElsewhere(NotNow):
    code = "name_kept_elsewhere"
    source = RuleSource.INTEGRITY
    detail = (
        "Le nom d'un candidat se corrige à sa page, avec son identité ; celui d'un tuteur, à la page de la période en "
        "entreprise."
    )


class NameOfOthers(NotNow):
    """The person is known by this name where the office has no say: on a jury, in another school."""

    code = "name_of_others"
    source = RuleSource.INTEGRITY
    detail = (
        "Cette personne est connue aussi d'un autre établissement, ou pour un rôle de l'académie : seul "
        "l'administrateur peut corriger son nom."
    )


def correct_name(by: Actor, person: Person, values: StaffNames, at: datetime) -> Person:
    """Corrects the names of a person who works for a school, a jury or the academy, and returns them.
    Commissions convened that have no sheet, and requests that wait, bear the name from then on. An office corrects
    those who are of its schools alone. Raises NameKeptElsewhere (candidates, tutors), NameOfOthers, Invalid by field.
    """
    require(by, Action.CORRECT_NAME, person)
    if named_elsewhere(person):
        raise NameKeptElsewhere()
    offices = set(by.values(Role.OFFICE, "school"))
    held = [grant for grant in person.live_grants if grant.role not in NAMED_ELSEWHERE]
    others = any(grant.school not in offices for grant in held)
    if not by.has(Role.ADMINISTRATOR) and (others or not set(person.schools) <= offices):
        raise NameOfOthers()
    names = checked_names(values)
    right = amended_by(by, person, names, at)
    if not right:
        raise Invalid({"family_name": ["C'est déjà le nom enregistré : indiquez le bon."]})
    called = identifiers.full_name(names["given_names"], names["family_name"])
    about: dict[str, object] = {"person": person.id, "seat": SignOffSeat.TEACHER}
    # Under which they will sign, with a link in the chain of each candidate.
    asked = {request.candidacy: request for request in reversed(waiting(**about))}.values()
    changes: list[AnyChange] = [
        Change(person, right),
        *on_seats(person.id, called),
        *on_requests(about, {"signer_name": called}),
    ]
    data = {"fields": sorted(right.keys() - {"amended"})}
    name = EventName.PERSON_NAME_CORRECTED
    events = [event_by(by, at, f"person:{person.id}", name, person, data)]
    commit(changes, [*events, *(event_by(by, at, portfolio_chain(request), name, request) for request in asked)])
    return person


def named_elsewhere(person: Person) -> bool:
    """Returns True of candidates and tutors who are nothing else: their names are put right where they come from."""
    roles = {grant.role for grant in person.live_grants}
    return bool(roles) and roles <= NAMED_ELSEWHERE
