"""A candidate who also works in the office of their school does nothing there about themselves."""

from __future__ import annotations

import pytest

from portfolio.documents import Person, Placement, Portfolio
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may
from portfolio.policy.relations import Actor
from tests.support.api.clients import Clients
from tests.support.worlds.world import World


@pytest.fixture
def secretary(world: World) -> Person:
    candidate = world.candidate
    candidate.grants.append(world.grant("office", school=world.school.id))
    candidate.save()
    return candidate


def test_they_read_no_proof_of_what_was_done_about_them(world: World, secretary: Person, client_for: Clients) -> None:
    address = f"/etablissement/candidats/{world.candidacy.id}/preuve"
    assert client_for(world.office).get(address).status_code == 200
    assert client_for(secretary).get(address).status_code in (403, 404)
    assert not may(Actor(secretary), Action.READ_PROOF, Portfolio.objects.get(pk=world.candidacy.id))


def test_they_keep_no_period_of_their_own(world: World, secretary: Person) -> None:
    by = Actor(secretary)
    assert not may(by, Action.PLACE, world.candidacy)
    assert not may(by, Action.AMEND_PLACEMENT, Placement.objects.get(pk=world.placement.id))
    assert may(by, Action.READ_PLACEMENT, Placement.objects.get(pk=world.placement.id))
