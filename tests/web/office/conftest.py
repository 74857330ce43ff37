"""The office of a school in a browser."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.api.clients import Clients
from tests.support.worlds.world import World


@pytest.fixture
def office(world: World, client_for: Clients) -> FlaskClient:
    return client_for(world.office)


@pytest.fixture
def place(world: World) -> str:
    return f"/etablissement/{world.school.id}"
