"""The people and things of the policy's tests."""

from __future__ import annotations

import pytest

from portfolio.store.connections import Connections
from tests.support.worlds.policy_people import Cast


@pytest.fixture(scope="module")
def cast(connections: Connections) -> Cast:
    connections.database.candidacies.delete_many({})
    connections.database.commissions.delete_many({})
    connections.database.schools.delete_many({})
    connections.database.juries.delete_many({})
    return Cast()
