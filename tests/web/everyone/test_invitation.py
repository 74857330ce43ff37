"""The page an invitation leads to."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Invitation, Link, Person
from portfolio.identity import accounts, invitations
from tests.conftest import Clock
from tests.support.filling import csrf
from tests.support.worlds.world import World
from web.layout import ICON

GOOD = "Sept mots font une bonne phrase secrète"


@pytest.fixture
def invited(world: World) -> Person:
    values = {"email": "nouvelle@exemple.fr", "family_name": "Durand", "given_names": "Ana", "role": "teacher"}
    return accounts.invite_to_school(world.actor(world.office), world.school, values, world.clock())


@pytest.fixture
def address(invited: Person) -> str:
    invitation = Invitation.objects.get(person=invited.id)
    return f"/invitation/{invitations.invitation_token(invitation)}"


OURS = {"Origin": "http://localhost"}


def _choose(client: FlaskClient, address: str, password: str, again: str | None = None) -> Any:
    typed = {"password": password, "again": password if again is None else again}
    ours = {"_form": "invitation", "csrf_token": csrf(client)}
    return client.post(address, data=ours | typed, headers=OURS)


def test_opening_the_page_changes_nothing_however_often(anonymous: FlaskClient, address: str) -> None:
    links = Link.objects.count()
    for method in ("get", "head", "options") * 5:
        assert getattr(anonymous, method)(address).status_code == (204 if method == "options" else 200)
    assert Link.objects.count() == links
    assert _choose(anonymous, address, GOOD).status_code == 200


def test_the_password_chosen_signs_in(anonymous: FlaskClient, address: str, invited: Person) -> None:
    assert "est enregistré" in _choose(anonymous, address, GOOD).text
    answer = anonymous.post("/api/v1/sign-in", json={"email": invited.email, "password": GOOD}, headers=OURS)
    assert answer.status_code == 200


def test_a_weak_password_is_refused_with_its_reasons(anonymous: FlaskClient, address: str) -> None:
    answer = _choose(anonymous, address, "durand")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert 'value="durand"' not in answer.text


def test_two_different_entries_are_refused(anonymous: FlaskClient, address: str) -> None:
    answer = _choose(anonymous, address, GOOD, GOOD + "!")
    assert answer.status_code == 422
    assert "diffèrent" in answer.text


def test_an_invitation_serves_once_and_explains_itself_afterwards(anonymous: FlaskClient, address: str) -> None:
    _choose(anonymous, address, GOOD)
    for answer in (anonymous.get(address), _choose(anonymous, address, GOOD)):
        assert answer.status_code == 410
        assert "nouvelle invitation" in answer.text


def test_an_expired_or_unknown_invitation_explains_itself(anonymous: FlaskClient, address: str, clock: Clock) -> None:
    assert anonymous.get("/invitation/inconnue").status_code == 410
    clock.advance(days=15)
    assert anonymous.get(address).status_code == 410


def test_the_page_asks_nothing_of_anybody_else(anonymous: FlaskClient, address: str) -> None:
    answer = anonymous.get(address)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "http" not in answer.text.replace("http-equiv", "").replace(ICON, "")
    with anonymous.get("/static/site.css") as style:
        assert style.status_code == 200


def test_whoever_is_signed_in_chooses_again_from_the_page_s_own_form(anonymous: FlaskClient, address: str) -> None:
    """A browser says where a form comes from unless the page's policy is to hide it, even from us."""
    page = anonymous.get(address)
    assert page.headers["Referrer-Policy"] == "same-origin"
    data = {"password": GOOD, "again": GOOD, "csrf_token": csrf(anonymous)}
    assert anonymous.post(address, data=data, headers={"Origin": "null"}).status_code == 403
    assert anonymous.post(address, data=data, headers={"Origin": "http://localhost"}).status_code == 200
