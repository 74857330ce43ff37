"""People who read the answers to a mail about somebody's case: those who follow the candidate, else the office."""

from __future__ import annotations

from collections.abc import Iterable

from bson import ObjectId

from portfolio.documents import Person
from portfolio.documents.people import PersonState, Role

MOST = 5  # addresses in one Reply-To


def who_answers(followers: Iterable[ObjectId], school: ObjectId) -> tuple[str, ...]:
    """Returns the addresses of the teachers who follow (person ids), or else of the school's office; () where all of
    them fail.
    """
    return addresses_of(followers) or office(school)


def addresses_of(people: Iterable[ObjectId]) -> tuple[str, ...]:
    """Returns the addresses of those of these people (ids) who can be written to; () if none."""
    return _addresses({"_id": {"$in": list(people)}})


def office(school: ObjectId) -> tuple[str, ...]:
    """Returns the addresses of the people of a school's office (school id) who can be written to; () if none."""
    grant = {"role": Role.OFFICE, "school": school, "revoked_at": None}
    return _addresses({"grants": {"$elemMatch": grant}})


def offices(schools: Iterable[ObjectId]) -> dict[ObjectId, tuple[str, ...]]:
    """Returns {school id: addresses of its office}, as many of each as one Reply-To holds together. {} where one of
    them has none or there are too many: an answer would miss those whom it is about.
    """
    wanted = list(dict.fromkeys(schools))
    each = MOST // len(wanted) if wanted else 0
    addresses = {school: office(school)[:each] for school in wanted}
    return addresses if all(addresses.values()) else {}


def _addresses(query: dict[str, object]) -> tuple[str, ...]:
    reachable = {"state": PersonState.ACTIVE, "address_failed_at": None, "email": {"$ne": None}}
    people = Person.objects(__raw__={**query, **reachable}).only("email").order_by("id")
    return tuple(str(person.email) for person in people[:MOST])
