"""Each look-up of support is written down: whom it reaches, and who may not look up."""

from __future__ import annotations

import json

import pytest

from portfolio.boards import look_ups
from portfolio.boards.own_data import as_json, own_data
from portfolio.documents import Person, SignIn
from portfolio.errors import Forbidden, NotFound
from portfolio.policy.relations import Actor
from tests.boards.test_look_ups import refusal, states
from tests.conftest import Clock
from tests.support.worlds.world import World


def test_a_look_up_is_read_by_that_person_and_by_the_administrator_and_by_nobody_else(world: World) -> None:
    states(world, email=world.candidate.email)
    refusal(world, email="personne@exemple.fr")
    told = json.loads("".join(as_json(own_data(world.actor(world.candidate)))))["actes"]
    sentence = f"{world.support.name}, de l'assistance, a consulté l'état du compte, sans ouvrir aucun contenu."
    assert [act["quoi"] for act in told if "assistance" in act["quoi"]] == [sentence]
    items, following = look_ups.look_ups(world.actor(world.administrator), world.academy, None, 10)
    assert [(item.by, item.person, item.sought_by) for item in items] == [
        (world.support.name, world.candidate.name, "email")
    ]
    assert following is None
    for who, refused in (("support", Forbidden), ("inspector", Forbidden), ("candidate", NotFound)):
        with pytest.raises(refused):
            look_ups.look_ups(world.actor(getattr(world, who)), world.academy, None, 10)


def test_look_ups_are_read_page_by_page(world: World) -> None:
    for _ in range(3):
        states(world, email=world.candidate.email)
    by = world.actor(world.administrator)
    first, following = look_ups.look_ups(by, world.academy, None, 2)
    rest, end = look_ups.look_ups(by, world.academy, following, 2)
    assert (len(first), len(rest), end) == (2, 1, None)
    assert len({item.id for item in (*first, *rest)}) == 3


def test_a_confined_sign_in_and_a_right_taken_back_look_nobody_up(world: World, clock: Clock) -> None:
    asked = {"email": world.candidate.email}
    for way in ("link", "code", "qr"):
        visit = SignIn(person=world.support.id, way=way, expires_at=clock(), token_hash=way)
        with pytest.raises(NotFound):
            look_ups.look_up(Actor(world.support, visit), world.academy, asked, clock())
    Person.objects(pk=world.support.id).update(set__grants__0__revoked_at=clock())
    with pytest.raises(NotFound):
        look_ups.look_up(Actor(Person.objects.get(pk=world.support.id)), world.academy, asked, clock())
