"""Lists the teachers that a candidate may ask."""

from __future__ import annotations

from bson import ObjectId

from portfolio.documents import Candidacy, Person
from portfolio.documents.people import PersonState
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor


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
