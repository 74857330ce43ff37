"""Passwords changed and forgotten, codes kept from the store, sessions left."""

from __future__ import annotations

from dataclasses import replace

import pyotp
import pytest
from flask.testing import FlaskClient

from portfolio.documents import AskedWay, Invitation, Person
from portfolio.identity import invitations, one_time_codes, password_reset, second_factor
from portfolio.policy.relations import Actor
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.api.entering import PHRASE, entered, sign_in, teacher
from tests.support.api.requests import expect_problem, get
from tests.support.filling import HTML, fill, form_of
from tests.support.worlds.world import World

__all__ = ["entered", "teacher"]  # fixtures
OTHER = "Huit autres mots que personne ne peut deviner"


def come_in(client: FlaskClient, person: Person, password: str = PHRASE) -> FlaskClient:
    assert sign_in(client, person.email, password).status_code == 200
    return client


def test_a_password_is_changed_by_who_knows_the_one_in_use(client_for: Clients, entered: Person) -> None:
    browser = come_in(client_for(), entered)
    for current in ("", "faux", OTHER):
        answer = fill(browser, "/compte", "password", current=current, password=OTHER, again=OTHER)
        assert answer.status_code == 422
    expect_problem(sign_in(client_for(), entered.email, OTHER), 401, "wrong_credentials")
    assert sign_in(client_for(), entered.email).status_code == 200


def test_the_new_password_opens_and_the_old_one_no_longer_does(client_for: Clients, entered: Person) -> None:
    here, elsewhere = come_in(client_for(), entered), come_in(client_for(), entered)
    assert fill(here, "/compte", "password", current=PHRASE, password=OTHER, again=OTHER).status_code == 303
    assert get(here, "/me").status_code == 200
    expect_problem(get(elsewhere, "/me"), 401, "sign_in_needed")
    expect_problem(sign_in(client_for(), entered.email), 401, "wrong_credentials")
    assert sign_in(client_for(), entered.email, OTHER).status_code == 200


def test_a_password_is_good_for_years(client_for: Clients, entered: Person, clock: Clock) -> None:
    clock.advance(days=5 * 365)
    browser = come_in(client_for(), entered)
    assert browser.get("/compte", headers=HTML).status_code == 200


def test_nothing_is_asked_of_somebody_who_forgot_but_their_address(anonymous: FlaskClient) -> None:
    page = anonymous.get("/mot-de-passe-oublie", headers=HTML).text
    assert form_of(page, "forgotten")
    assert page.count("<input") - page.count('type="hidden"') == 1 and 'name="email"' in page
    assert "<select" not in page and "<textarea" not in page


def test_a_forgotten_password_leaves_the_authenticator_in_place(
    client_for: Clients, entered: Person, clock: Clock
) -> None:
    nonce = "n" * 43
    secret = second_factor.offered(Actor(entered), nonce).secret
    Person.objects(pk=entered.id).update(set__totp=nonce)
    password_reset.prepare(password_reset.ask(entered.email, clock()), clock())
    (reset,) = Invitation.objects(person=entered.id, purpose="reset", used_at=None)
    invitations.accept_invitation(invitations.invitation_token(reset), OTHER, clock())
    browser = client_for()
    assert fill(browser, "/connexion", "sign-in", email=entered.email, password=OTHER).status_code == 303
    expect_problem(get(browser, "/me"), 401, "second_factor_needed")
    digits = pyotp.TOTP(secret).at(clock())
    assert fill(browser, "/second-facteur", "second-factor", code=digits).status_code == 303
    assert get(browser, "/me").status_code == 200


def test_the_store_alone_does_not_tell_a_code(
    world: World, store: Connections, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = one_time_codes.ask_code(world.tutor.email, clock())
    code = one_time_codes.code_of(asked)
    assert len(code) == 6 and code.isdigit()
    for name in store.database.list_collection_names():
        for row in store.database[name].find({}, {"_id": 0}):
            assert code not in [str(value) for value in row.values()], name
    other = replace(store.settings, secret_key=("k" * 48,))
    monkeypatch.setattr("portfolio.store.connections._opened", [replace(store, settings=other)])
    assert one_time_codes.code_of(AskedWay.objects.get(pk=asked.id)) != code


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("candidate", "/portfolio"),
        ("follower", "/classe"),
        ("office", "/etablissement"),
        ("jury_member", "/jury"),
        ("inspector", "/inspection"),
        ("support", "/assistance"),
        ("exam_service", "/examens"),
        ("administrator", "/administration"),
        ("tutor", "/confirmations"),
        ("follower", "/compte"),
        ("follower", "/aide"),
        ("follower", "/nulle-part"),
        ("candidate", "/administration"),
    ],
)
def test_every_page_of_somebody_signed_in_offers_to_leave(
    client_for: Clients, world: World, who: str, path: str
) -> None:
    assert world.portfolio.id
    answer = client_for(getattr(world, who)).get(path, headers=HTML, follow_redirects=True)
    assert 'action="/deconnexion"' in answer.text and "Se déconnecter" in answer.text
