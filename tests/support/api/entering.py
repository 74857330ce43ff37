"""Somebody invited, somebody entered, and how they knock."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portfolio.documents import Invitation, Person
from portfolio.identity import accounts, invitations, passwords
from tests.support.api.requests import ask
from tests.support.worlds.world import World

OURS = {"Origin": "http://localhost"}
PHRASE = "Sept mots font une bonne phrase secrète"


@pytest.fixture
def teacher(world: World) -> Person:
    """Invited, not yet come."""
    said = {"email": "ana.durand@exemple.fr", "family_name": "Durand", "given_names": "Ana", "role": "teacher"}
    return accounts.invite_to_school(world.actor(world.office), world.school, said, world.clock())


@pytest.fixture
def entered(teacher: Person) -> Person:
    """Has a password, hashed in haste: the first sign-in hashes it again."""
    hashed = passwords.hash(PHRASE)
    Person.objects(pk=teacher.id).update(set__state="active", set__password=hashed)
    return Person.objects.get(pk=teacher.id)


def token_of(person: Person) -> str:
    """What the mail says."""
    return invitations.invitation_token(Invitation.objects(person=person.id).order_by("-id").first())


def accept(client: FlaskClient, token: str, password: str = PHRASE) -> TestResponse:
    return ask(client, "/invitations/accept", {"token": token, "password": password}, **OURS)


def sign_in(client: FlaskClient, email: str, password: str = PHRASE) -> TestResponse:
    return ask(client, "/sign-in", {"email": email, "password": password}, **OURS)


def bearer(client: FlaskClient, email: str) -> dict[str, str]:
    answer = ask(client, "/tokens", {"email": email, "password": PHRASE, "label": "export du lundi"})
    assert answer.status_code == 200
    return {"Authorization": f"Bearer {answer.json['token']}"}


def revision_of(person: Person) -> int:
    return int(Person.objects.get(pk=person.id).revision)
