"""Whoever gives a right, or a way in, past the service is named."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.documents import Person
from portfolio.enrolment import placements
from portfolio.enrolment.moves import departures
from portfolio.ids import new_id
from portfolio.store import seals
from portfolio.store.chains import Event
from portfolio.store.connections import Connections
from portfolio.store.journal import Insert, commit
from tests.audit.test_verify_seals import Values, faults
from tests.conftest import Clock
from tests.support.worlds.world import World


@pytest.fixture
def chief(world: World, clock: Clock) -> Person:
    """Somebody whom the journal made."""
    person = Person(
        id=new_id(),
        created_at=clock(),
        email="chef@exemple.fr",
        family_name="Chef",
        given_names="Alix",
        state="active",
        password="$argon2id$ancien",
        grants=[world.grant("office", school=world.school.id)],
    )
    commit([Insert(person)], Event(f"person:{person.id}", "person_invited", "system", clock(), person))
    return person


def of_people() -> list[tuple[str, str]]:
    found = [fault for fault in faults() if "la personne" in fault.words or "la connexion" in fault.words]
    return [(fault.what, fault.words.rpartition(" : ")[2]) for fault in found]


@pytest.mark.parametrize(
    ("update", "parts"),
    [
        ({"$push": {"grants": {"role": "jury", "academy": "10", "session": "2027"}}}, "droits"),
        ({"$set": {"grants.0.school": new_id()}}, "droits"),
        ({"$set": {"grants.0.exam": "diplome-fictif-z9"}}, "épreuve des droits"),
        ({"$set": {"password": "$argon2id$autre"}}, "mot de passe"),
        ({"$set": {"email": "autre@exemple.fr"}}, "adresse"),
        ({"$set": {"totp": "JBSWY3DPEHPK3PXP"}}, "second facteur"),
        ({"$set": {"state": "suspended"}}, "état du compte"),
    ],
    ids=["a grant added", "a grant widened", "another exam", "a password", "an address", "an authenticator", "a state"],
)
def test_a_way_in_made_past_the_service_is_named(chief: Person, store: Connections, update: Values, parts: str) -> None:
    before = of_people()
    store.database.persons.update_one({"_id": chief.id}, update)
    assert sorted(set(of_people()) - set(before)) == [("altered", parts)]


def live_grants(store: Connections, person: Any) -> list[dict[str, str]]:
    """As the links tell them, one after the other."""
    links = store.database.events.find({"seals.of": f"persons:{person}"}).sort("_id", 1)
    seals_of_person = [one for link in links for one in link["seals"] if one["of"] == f"persons:{person}"]
    return [one["grants"] for one in seals_of_person if "grants" in one]


def test_grants_and_their_ends_are_chained(world: World, chief: Person, store: Connections, clock: Clock) -> None:
    (held,) = chief.grants
    assert live_grants(store, chief.id) == [{str(held.id): "office"}]
    departures.revoke_grant(world.actor(world.administrator), Person.objects.get(pk=chief.id), held.id, clock())
    assert live_grants(store, chief.id)[-1] == {}


def test_the_end_of_a_tutor_s_grant_is_chained_where_no_candidate_reads_it(
    world: World, store: Connections, clock: Clock
) -> None:
    tutor = world.placement.tutor
    another = {"email": "autre.tutrice@assureur.fr", "family_name": "Roux", "given_names": "Anne", "function": "Agente"}
    placements.replace_tutor(world.actor(world.office), world.placement, another, clock())
    assert [list(one.values()) for one in live_grants(store, tutor)] == [["tutor"], []]
    chains = store.database.events.distinct("chain", {"seals.of": f"persons:{tutor}"})
    assert chains == [f"person:{tutor}"]


def test_the_digest_of_a_password_hash_is_keyed(chief: Person, store: Connections) -> None:
    link = store.database.events.find_one({"seals.of": f"persons:{chief.id}"})
    assert link is not None
    row = store.database.persons.find_one({"_id": chief.id})
    assert row is not None
    (sealed,) = link["seals"]
    key = store.chain_keys[link["key_id"]]
    assert sealed["groups"]["password"] == seals.mac("persons", row, "password", key)
    assert sealed["groups"]["password"] != seals.mac("persons", row, "password", b"another")


def test_a_person_a_link_or_a_sign_in_from_nowhere_is_named(chief: Person, store: Connections) -> None:
    before = len(of_people())
    row = store.database.persons.find_one({"_id": chief.id})
    assert row is not None
    store.database.persons.insert_one(row | {"_id": new_id(), "email": "intrus@exemple.fr"})
    assert len(of_people()) == before + 1 and {what for what, _ in of_people()} >= {"unsealed"}
