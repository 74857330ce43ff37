"""Lists the teachers that a candidate may ask, and those who are replaced for a time."""

from __future__ import annotations

from dataclasses import dataclass

from bson import ObjectId

from portfolio.documents import Candidacy, Person, School
from portfolio.documents.fields import by_id
from portfolio.documents.people import PersonState
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor


@dataclass(frozen=True)
class Replaced:
    """A teacher whom another one replaces at the moment (names), between two ISO days, both included."""

    absent: str
    substitute: str
    starts_on: str
    ends_on: str


def followers_of(by: Actor, candidacy: Candidacy) -> list[tuple[ObjectId, str]]:
    """Returns (id, name) of the teachers who follow the candidate and can come in, in the order in which they were
    named. One query.
    """
    require(by, Action.READ_CANDIDACY, candidacy)
    people = Person.objects(pk__in=candidacy.followers, state__ne=PersonState.SUSPENDED).only(
        "family_name", "given_names"
    )
    names = {person.id: person.name for person in people}
    return [(teacher_id, names[teacher_id]) for teacher_id in candidacy.followers if teacher_id in names]


def replaced_for(by: Actor, candidacy: Candidacy) -> list[Replaced]:
    """Returns the replacements under way by which this candidate is followed, whose substitute follows them still and
    can come in. Two queries.
    """
    require(by, Action.READ_CANDIDACY, candidacy)
    recorded = School.objects.only("replacements").get(pk=candidacy.school).replacements
    taken = [replacement for replacement in recorded if replacement.under_way and candidacy.id in replacement.taken]
    about = [replacement for replacement in taken if replacement.substitute in candidacy.followers]
    people = by_id(Person, {person for replacement in about for person in (replacement.absent, replacement.substitute)})
    return [
        Replaced(
            people[replacement.absent].name,
            people[replacement.substitute].name,
            replacement.starts_on,
            replacement.ends_on,
        )
        for replacement in about
        if people[replacement.substitute].state != PersonState.SUSPENDED
    ]
