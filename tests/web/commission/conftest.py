"""A commission that sits, and one whose grids are open."""

from __future__ import annotations

import pytest

from portfolio.documents import Commission
from tests.support.worlds.commissions import fill_and_seal, sitting
from tests.support.worlds.world import World


@pytest.fixture
def commission(world: World) -> Commission:
    return sitting(world)


@pytest.fixture
def opened(world: World, commission: Commission) -> Commission:
    fill_and_seal(world, commission, world.follower)
    fill_and_seal(world, commission, world.tutor)
    return commission
