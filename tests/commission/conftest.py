"""A commission that sits."""

from __future__ import annotations

import pytest

from portfolio.documents import Commission
from tests.support.worlds.commissions import (
    convened,
)
from tests.support.worlds.world import World


@pytest.fixture
def commission(world: World) -> Commission:
    """One submitted portfolio: a production, and an element for the commission to admit. Each scores alone first."""
    world.new_piece()
    world.new_piece(nature="autre", title="Note rédigée pour un stage d'été")
    world.sign_off()
    world.submit()
    return convened(world)
