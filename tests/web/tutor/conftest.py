"""A tutor who is asked for two confirmations, and their browser."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from portfolio.identity import links
from tests.conftest import Clock
from tests.sign_offs.test_answer_many import activities
from tests.support.worlds.world import World
from tests.web.tutor.browser import Browser


@pytest.fixture
def token(world: World, clock: Clock) -> str:
    activities(world, 2)
    return links.issue(world.tutor.id, "sign_off", clock())


@pytest.fixture
def browser(anonymous: FlaskClient) -> Browser:
    return Browser(anonymous)
