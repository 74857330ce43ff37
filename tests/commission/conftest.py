"""A commission that sits."""

from __future__ import annotations

import pytest

from portfolio.documents import Commission
from tests.support.worlds.commissions import sitting
from tests.support.worlds.world import World


@pytest.fixture
def commission(world: World) -> Commission:
    return sitting(world)
