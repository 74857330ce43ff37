"""A tutor who was asked by mail."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from portfolio.documents import Person
from portfolio.identity import accounts
from portfolio.sign_offs.asking import requests
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.mails.mailbox import deliver, files
from tests.support.worlds import commissions
from tests.support.worlds.inviting import ANA
from tests.support.worlds.world import World


@pytest.fixture
def asked(world: World, store: Connections, clock: Clock) -> EmailMessage:
    """The mail that asked a tutor."""
    requests.request_many(world.actor(world.candidate), [world.activity], "tutor", None, clock())
    clock.advance(minutes=3)
    deliver(clock)
    return next(message for message in files(store) if message["Subject"].startswith("Pour action"))


@pytest.fixture
def second_administrator(world: World) -> Person:
    return world.person("Seconde", world.grant("administrator"))


@pytest.fixture
def president(world: World) -> Person:
    commissions.with_password(world.jury_member)
    return Person.objects.get(pk=world.jury_member.id)


@pytest.fixture
def invited(world: World) -> Person:
    return accounts.invite_to_school(world.actor(world.office), world.school, ANA, world.clock())
