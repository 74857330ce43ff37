"""A commission that sits, and one whose grids are open."""

from __future__ import annotations

import pytest

from portfolio.documents import Commission
from tests.support.worlds.commissions import convened, fill_and_seal
from tests.support.worlds.world import World


@pytest.fixture
def commission(world: World) -> Commission:
    """One piece, and one that the commission has to admit; submitted. Each member scores alone first."""
    world.new_piece()
    world.new_piece(nature="autre", title="Note rédigée pour un stage d'été")
    world.sign_off()
    world.submit()
    return convened(world)


@pytest.fixture
def opened(world: World, commission: Commission) -> Commission:
    fill_and_seal(world, commission, world.follower)
    fill_and_seal(world, commission, world.tutor)
    return commission
