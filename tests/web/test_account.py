"""One's account, as its pages show it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pyotp
import pytest
from flask.testing import FlaskClient
from pymongo import MongoClient

from portfolio import accounts, drafts, second_factor
from portfolio.documents import SignIn
from tests.conftest import Clock
from tests.web.filling import HTML, csrf, fill, form_of
from tests.world import World

OURS = {"Origin": "http://localhost"}


@pytest.mark.parametrize("path", ["/aide", "/mentions-legales", "/accessibilite", "/mot-de-passe-oublie", "/connexion"])
def test_the_pages_for_everyone_open_without_an_account(anonymous: FlaskClient, path: str) -> None:
    assert anonymous.get(path, headers=HTML).status_code == 200


def test_a_visitor_is_sent_to_sign_in_and_back(anonymous: FlaskClient, world: World) -> None:
    password = world.set_password(world.office)
    sent = anonymous.get("/compte", headers=HTML)
    assert sent.status_code == 303
    answer = fill(
        anonymous, sent.headers["Location"], "sign-in", email=world.office.email, password=password, suite="/compte"
    )
    assert answer.headers["Location"] == "/compte"
    assert "Appareils connectés" in anonymous.get("/compte", headers=HTML).text


@pytest.mark.parametrize(
    "elsewhere", ["https://ailleurs.fr/", "//ailleurs.fr", "/\\ailleurs.fr", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(anonymous: FlaskClient, world: World, elsewhere: str) -> None:
    password = world.set_password(world.office)
    sent = {"email": world.office.email, "password": password, "suite": elsewhere}
    assert fill(anonymous, "/connexion", "sign-in", **sent).headers["Location"] == "/"


def test_a_device_is_signed_out_from_another(client_for: Callable[..., FlaskClient], world: World) -> None:
    client, other = client_for(world.office), client_for(world.office)
    assert other.get("/compte", headers=HTML).status_code == 200
    last = SignIn.objects(person=world.office.id).order_by("-id").first()
    answer = fill(client, "/compte", f"device-{last.id}")
    assert answer.status_code == 303
    assert other.get("/compte", headers=HTML).status_code == 303


def test_forgetting_a_password_says_the_same_to_everyone(anonymous: FlaskClient, world: World) -> None:
    said = {
        fill(anonymous, "/mot-de-passe-oublie", "forgotten", email=email).get_data()
        for email in (world.office.email, "personne@exemple.fr")
    }
    assert len(said) == 1
    wrong = fill(anonymous, "/mot-de-passe-oublie", "forgotten", email="pas une adresse")
    assert wrong.status_code == 422 and 'value="pas une adresse"' in wrong.text


def test_my_data_holds_mine_and_no_secret(client_for: Callable[..., FlaskClient], world: World) -> None:
    world.submit()
    world.set_password(world.tutor)
    told = client_for(world.tutor).get("/compte/mes-donnees.json")
    assert told.headers["Content-Disposition"].startswith("attachment")
    data = json.loads(told.text)
    assert data["compte"]["adresse"] == world.tutor.email
    assert len(data["confirmations données"]) == 1
    assert "argon2" not in told.text and "token_hash" not in told.text
    candidate = json.loads(client_for(world.candidate).get("/compte/mes-donnees.json").text)
    assert candidate["preuves déposées"] == 1


def test_a_form_sent_from_another_browser_is_shown_again_filled_in(anonymous: FlaskClient, world: World) -> None:
    sent = {"_form": "forgotten", "email": world.office.email, "csrf_token": "volé"}
    answer = anonymous.post("/mot-de-passe-oublie", data=sent, headers=HTML)
    assert answer.status_code == 400
    assert world.office.email in answer.text and "Rien n&#39;est perdu" in answer.text


def test_a_draft_is_kept_for_its_author_alone_without_any_secret(
    client_for: Callable[..., FlaskClient], world: World
) -> None:
    client = client_for(world.office)
    hidden = form_of(client.get("/compte", headers=HTML).text, "password")["fields"]
    typed = hidden | {"_page": "/compte", "comment": "à suivre", "password": "secret"}
    assert client.post("/brouillons", data=typed).get_json()["saved_at"] == "10:00:00"
    assert drafts.of_page(world.actor(world.office), "/compte", world.clock()) == {
        "password": {"comment": ["à suivre"]}
    }
    assert drafts.of_page(world.actor(world.follower), "/compte", world.clock()) == {}
    too_long = client.post("/brouillons", data=typed | {"comment": "a" * 20_001})
    assert too_long.status_code == 422 and too_long.get_json()["code"] == "draft_too_big"
    assert client.post("/brouillons/oublier", data=hidden).status_code == 200
    assert drafts.of_page(world.actor(world.office), "/compte", world.clock()) == {}


def test_a_form_sent_after_the_session_ended_is_carried_through_the_sign_in(
    anonymous: FlaskClient, world: World
) -> None:
    password = world.set_password(world.office)
    fill(anonymous, "/connexion", "sign-in", email=world.office.email, password=password)
    SignIn.objects(person=world.office.id).update(set__ended_at=world.clock())
    sent = {"_form": "f", "comment": "deux heures de travail", "current": "secret", "csrf_token": csrf(anonymous)}
    asked = anonymous.post("/compte/mot-de-passe", data=sent, headers=HTML | OURS)
    assert asked.status_code == 401 and "deux heures de travail" in asked.text
    signing_in = form_of(asked.text, "sign-in")
    wrong = anonymous.post(
        "/connexion", data=signing_in["fields"] | {"email": "x", "password": "y"}, headers=HTML | OURS
    )
    assert wrong.status_code == 401 and "deux heures de travail" in wrong.text
    said = {"email": world.office.email, "password": password}
    resumed = anonymous.post("/connexion", data=form_of(wrong.text, "sign-in")["fields"] | said, headers=HTML | OURS)
    again = form_of(resumed.text, "f")
    assert (again["action"], again["fields"]["comment"]) == ("/compte/mot-de-passe", "deux heures de travail")
    assert password not in resumed.text


def test_a_form_is_carried_through_the_second_factor_too(anonymous: FlaskClient, world: World, clock: Clock) -> None:
    """Both when the session ended (password, then digits), and when only the digits were still owed."""
    password, by = world.set_password(world.office), world.actor(world.office)
    signing_in, offer = {"email": world.office.email, "password": password}, second_factor.offer(by)
    totp = pyotp.TOTP(offer.secret)
    sign_in, _ = accounts.sign_in(world.office.email, password, "cookie", None, clock())
    second_factor.set_up(by, offer.nonce, totp.at(clock()), sign_in, clock())
    sent = {"_form": "f", "comment": "deux heures de travail", "current": "secret"}
    asked = anonymous.post("/compte/mot-de-passe?a=1", data=sent, headers=HTML | OURS)
    to_digits = anonymous.post("/connexion", data=form_of(asked.text, "sign-in")["fields"] | signing_in, headers=OURS)
    assert "six chiffres" in to_digits.text and "deux heures de travail" in to_digits.text
    for told in (to_digits, anonymous.post("/compte/mot-de-passe?a=1", data=sent, headers=HTML | OURS)):
        wrong = form_of(told.text, "second-factor")["fields"] | {"code": "000000"}
        again = anonymous.post("/second-facteur", data=wrong, headers=HTML | OURS)
        assert again.status_code == 422 and "deux heures de travail" in again.text
        clock.advance(seconds=60)
        right = form_of(again.text, "second-factor")["fields"] | {"code": totp.at(clock())}
        resumed = anonymous.post("/second-facteur", data=right, headers=HTML | OURS)
        form = form_of(resumed.text, "f")
        assert (form["action"], form["fields"]["comment"]) == ("/compte/mot-de-passe?a=1", "deux heures de travail")
        SignIn.objects(person=world.office.id).update(unset__second_factor_at=True)


def test_a_page_says_so_when_the_document_store_is_down(
    client_for: Callable[..., FlaskClient], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for(world.office)
    port = "127.0.0.1:1"  # nothing listens there
    gone = MongoClient[dict[str, object]](port, serverSelectionTimeoutMS=200)
    with gone:
        monkeypatch.setattr(SignIn, "_get_collection", lambda: gone["nowhere"]["sign_ins"])
        answer = client.get("/compte", headers=HTML)
    assert (answer.status_code, answer.headers["Refresh"]) == (503, "5")
    assert "Rien n&#39;a été perdu" in answer.text
