"""Whom a candidate may ask among their teachers."""

from __future__ import annotations

from bson import ObjectId

from portfolio.documents import Candidacy, Person
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor


def followers_of(by: Actor, candidacy: Candidacy) -> list[tuple[ObjectId, str]]:
    """(id, name) of the teachers in charge of following, in the order in which they were named. One query."""
    require(by, Action.READ_CANDIDACY, candidacy)
    people = {one.id: one.name for one in Person.objects(pk__in=candidacy.followers).only("family_name", "given_names")}
    return [(one, people[one]) for one in candidacy.followers if one in people]
