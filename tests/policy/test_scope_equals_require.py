"""Lists and single things obey the same table: what MongoDB finds with `scope` is what `may` opens, in any world.

The worlds are made of raw documents, incoherent on purpose: a school of one candidate under the academy of another,
grants without a scope, optional fields left out.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pymongo import WriteConcern
from pymongo.errors import BulkWriteError

from portfolio.documents import KINDS, Commission, Grant, Grid, Invitation, OfficeOutcome, Person, Result, Sheet, SignIn
from portfolio.documents.commissions import QUALITIES, SheetState
from portfolio.documents.people import ROLES, Role
from portfolio.policy.actions import Action
from portfolio.policy.permissions import allowed, may, scope
from portfolio.policy.reading import READ
from portfolio.policy.relations import SIGN_OFFS_ALONE, SYSTEM, Actor
from portfolio.policy.table import POLICY
from portfolio.store.connections import Connections, current

AT = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)


def _ids(start: int, count: int) -> tuple[ObjectId, ...]:
    return tuple(ObjectId(f"{number:024x}") for number in range(start, start + count))


# The same few values everywhere, so that things meet.
PEOPLE, SCHOOLS, CANDIDACIES = _ids(0x100, 3), _ids(0x200, 2), _ids(0x300, 3)
PLACEMENTS, COMMISSIONS = _ids(0x400, 2), _ids(0x500, 3)
POOLS: dict[str, tuple[Any, ...]] = {
    "school": SCHOOLS,
    "to_school": SCHOOLS,
    "academy": ("01", "10"),
    "code": ("01", "10"),
    "exam": ("e5", "e5", "e5", "z9"),  # more often the same: a right is of one exam, and so is what it opens
    "session": ("2027", "2027R"),
    "candidacy": CANDIDACIES,
    "placement": PLACEMENTS,
    "commission": COMMISSIONS,
    "member": PEOPLE,
    "person": PEOPLE,
    "author": PEOPLE,
}
IDS = {"Candidacy": CANDIDACIES, "Placement": PLACEMENTS, "Commission": COMMISSIONS, "School": SCHOOLS}
IDS |= {"Portfolio": CANDIDACIES, "Assessment": COMMISSIONS, "Person": PEOPLE}
LISTS: dict[str, tuple[Any, ...]] = {"followers": PEOPLE, "members": PEOPLE, "schools": SCHOOLS}
LISTS |= {"academies": ("01", "10"), "juries": ("01 2027 e5", "10 2027 e5", "10 2027 z9", "10 2027R e5")}
FLAGS = {Grid: ("opened", "live"), Sheet: ("released", "unmasked", "live"), Result: ("published",)}
FLAGS[OfficeOutcome] = ("live", "decided", "published")
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
NOTHING: dict[str, Any] = {"_id": {"$in": []}}
PLACES = ("school", "academy", "exam", "session", "candidacy", "placement")


def one_or_none(values: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    return st.sampled_from((*values, *values, None))


def some(values: tuple[Any, ...]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=3)


grants = st.builds(
    lambda where, **said: Grant(granted_by="system", granted_at=AT, **where, **said),
    role=st.sampled_from((*ROLES, Role.JURY, Role.TEACHER)),  # who does most of what waits for something
    revoked_at=st.sampled_from((None, None, None, AT)),
    teaches_profession=st.booleans(),
    where=st.fixed_dictionaries({name: one_or_none(POOLS[name]) for name in PLACES}),
)
seats = st.fixed_dictionaries(
    {
        "person": st.sampled_from(PEOPLE),
        "quality": st.sampled_from(QUALITIES),
        "left_at": st.sampled_from((None, None, AT)),
    }
)


def documents_of(kind: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Raw documents of a kind: only the fields that POLICY may look at."""
    drawn: dict[str, Any] = {}
    for name in sorted(POOLS.keys() & kind._fields.keys()):
        drawn[name] = st.sampled_from(POOLS[name]) if kind._fields[name].required else one_or_none(POOLS[name])
    drawn |= {name: some(values) for name, values in LISTS.items() if name in kind._fields}
    drawn |= {name: st.booleans() for name in FLAGS.get(kind, ())}
    if "state" in kind._fields and kind._fields["state"].choices:
        drawn["state"] = st.sampled_from(kind._fields["state"].choices)
    if kind is Sheet:
        drawn["state"] = st.sampled_from((*SheetState, SheetState.TRANSMITTED))
    if kind is Commission:
        drawn["seats"] = st.lists(seats, min_size=2, max_size=4)
        drawn["members"] = st.sampled_from((PEOPLE, PEOPLE[:2]))
        drawn["state"] = st.sampled_from(("convened", "convened", "cancelled"))
    return st.fixed_dictionaries(drawn)


def things_of(kind: Any) -> st.SearchStrategy[list[dict[str, Any]]]:
    ids = IDS.get(kind.__name__, _ids(0x900, 6))
    return st.lists(documents_of(kind), min_size=len(ids) - 1, max_size=len(ids)).map(
        lambda drawn: [{"_id": made, **values} for made, values in zip(ids, drawn, strict=False)]
    )


worlds = st.fixed_dictionaries({kind: things_of(kind) for kind in KINDS.values() if kind is not Invitation})
people = st.tuples(*(st.lists(grants, min_size=4, max_size=6) for _ in PEOPLE))


UNIQUE = ("candidate_number", "token_hash", "email", "uai", "siret", "key")


def _store(world: dict[Any, list[dict[str, Any]]]) -> dict[Any, list[Any]]:
    """Writes the documents (None is a field left out) and reads them back; those a unique index refuses are not of this
    world."""
    for kind, things in world.items():
        # One majority write at the end makes all before it visible to majority reads, at the price of one.
        collection = kind._get_collection().with_options(write_concern=WriteConcern(w=1))
        collection.delete_many({})
        filled = [thing | {name: str(at) for name in UNIQUE if name in kind._fields} for at, thing in enumerate(things)]
        if "number" in kind._fields:
            filled = [thing | {"number": at} for at, thing in enumerate(filled)]
        with suppress(BulkWriteError):
            collection.insert_many([_without_none(thing) for thing in filled], ordered=False)
    current().database.request_keys.insert_one({})
    return {kind: list(kind.objects) for kind in world}


def _without_none(thing: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in thing.items() if value is not None}


class Answers:
    """What MongoDB finds in one world. Actions share queries: each is asked once."""

    def __init__(self, things: dict[Any, list[Any]]) -> None:
        self.things = things
        self._found: dict[tuple[Any, str], set[ObjectId]] = {}

    def found(self, kind: Any, query: dict[str, Any]) -> set[ObjectId]:
        asked = kind, repr(query)
        if asked not in self._found:
            self._found[asked] = {row["_id"] for row in kind._get_collection().find(query, {"_id": 1})}
        return self._found[asked]

    def agreed(self, by: Actor, action: Action) -> set[ObjectId]:
        """What the action opens, told alike by the query and thing by thing."""
        kind = POLICY[action].kind
        opened = {thing.id for thing in self.things[kind] if may(by, action, thing)}
        found = self.found(kind, scope(by, action, kind))
        assert found == opened, (action, [str(grant.to_mongo()) for grant in by.grants])
        return opened


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # a world is that large; the message says less
def test_what_mongodb_finds_with_scope_is_what_may_opens(store: Connections) -> None:
    ever_opened = set()

    # Shrinking a whole world takes minutes and teaches little: the message names the action and the grants.
    @settings(max_examples=70, deadline=None, phases=(Phase.generate,), suppress_health_check=SLOW)
    @given(world=worlds, granted=people)
    def holds_in(world: dict[Any, list[dict[str, Any]]], granted: tuple[list[Grant], ...]) -> None:
        answers = Answers(_store(world))
        for person_id, person_grants in zip(PEOPLE, granted, strict=True):
            person = Person(id=person_id, grants=person_grants)
            by, on_a_visit = Actor(person), Actor(person, SignIn(way="link"))
            for action, rule in POLICY.items():
                opened = answers.agreed(by, action)
                ever_opened.update([action] if opened else [])
                if action in SIGN_OFFS_ALONE:
                    assert answers.agreed(on_a_visit, action) <= opened
                else:
                    assert not any(may(on_a_visit, action, thing) for thing in answers.things[rule.kind])
                    assert scope(on_a_visit, action, rule.kind) == NOTHING
            for kind, things in answers.things.items():
                about = sorted(action for action, rule in POLICY.items() if rule.kind is kind)
                for thing in things:
                    for actor in (by, on_a_visit):
                        assert allowed(actor, thing) == [action for action in about if may(actor, action, thing)]

    holds_in()
    assert ever_opened == set(POLICY), "an action that no world opened was not tested"


def test_the_system_s_scope_is_everything() -> None:
    assert all(scope(SYSTEM, action, POLICY[action].kind) == {} for action in READ.values())
