"""A tutor who was asked by mail."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from portfolio.sign_offs.asking import requests
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.mailbox import deliver, files
from tests.support.worlds.world import World


@pytest.fixture
def asked(world: World, store: Connections, clock: Clock) -> EmailMessage:
    """The mail that asked a tutor."""
    requests.request_many(world.actor(world.candidate), [world.activity], "tutor", None, clock())
    clock.advance(minutes=3)
    deliver(clock)
    return next(message for message in files(store) if message["Subject"].startswith("Pour action"))
