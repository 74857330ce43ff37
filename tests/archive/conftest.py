"""A candidate whose portfolio may be eliminated."""

from __future__ import annotations

import pytest

from portfolio.documents import (
    Candidacy,
)
from tests.conftest import Clock
from tests.support.worlds.eliminations import (
    full,
    published,
)
from tests.support.worlds.world import World


@pytest.fixture
def gone_by(world: World, clock: Clock) -> Candidacy:
    """The world's candidate, whose time of keeping is over, and another whose portfolio is empty."""
    candidacy = full(world)
    published(world, clock, candidacy, world.new_candidacy())
    return candidacy
