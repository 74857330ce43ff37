"""One's account, as its pages show it."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

import pyotp
import pytest
from flask.testing import FlaskClient
from pymongo import MongoClient

from config.settings import Settings
from portfolio.documents import Academy, Person, SignIn
from portfolio.evidence import drafts
from portfolio.identity import passwords, second_factor, sign_ins
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.filling import HTML, fill, form_of, shown
from tests.support.mails.mailbox import deliver, files
from tests.support.worlds.commissions import PASSWORD, with_password
from tests.support.worlds.world import World

OURS = {"Origin": "http://localhost"}


@pytest.mark.parametrize(
    "path",
    ["/aide", "/aide/reseau-d-entreprise", "/mentions-legales", "/accessibilite", "/mot-de-passe-oublie", "/connexion"],
)
def test_the_pages_for_everyone_open_without_an_account(anonymous: FlaskClient, path: str) -> None:
    assert anonymous.get(path, headers=HTML).status_code == 200


def test_a_company_s_network_page_names_what_the_settings_name(anonymous: FlaskClient, settings: Settings) -> None:
    shown_page = anonymous.get("/aide/reseau-d-entreprise", headers=HTML).text
    store, site = urlsplit(settings.s3_public_endpoint_url), urlsplit(settings.public_url)
    for named in (site.hostname, store.hostname, f"{store.port}", settings.mail_from, settings.bounce_address):
        assert named and named in shown_page


def test_a_company_s_network_page_tells_the_domain_of_each_sender(
    anonymous: FlaskClient, store: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mail server holds SPF against the sender on the envelope, DKIM against the one that is shown."""
    settings = replace(store.settings, mail_from="portfolio@academie.fr", bounce_address="retours@envois.fr")
    monkeypatch.setattr("portfolio.store.connections._opened", [replace(store, settings=settings)])
    shown_page = anonymous.get("/aide/reseau-d-entreprise", headers=HTML).text
    assert "SPF de <strong>envois.fr</strong>, DKIM de <strong>academie.fr</strong>" in shown_page


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


def test_every_other_device_and_program_is_signed_out_at_once_by_whoever_knows_the_password(
    client_for: Callable[..., FlaskClient], world: World, clock: Clock, store: Connections
) -> None:
    client, other = client_for(with_password(world.office)), client_for(world.office)
    _, program = sign_ins.sign_in(world.office.email, PASSWORD, "bearer", "bulletins", clock())
    refused = fill(client, "/compte", "end-others", password="celui d'un autre")
    assert refused.status_code == 422 and other.get("/compte", headers=HTML).status_code == 200
    assert fill(client, "/compte", "end-others", password=PASSWORD).status_code == 303
    assert client.get("/compte", headers=HTML).status_code == 200
    assert other.get("/compte", headers=HTML).status_code == 303
    assert sign_ins.signed_in(program, clock()) is None
    deliver(clock)
    assert [mail["To"] for mail in files(store) if "déconnectés" in mail["Subject"]] == [world.office.email]


def test_one_reads_who_is_signed_in_by_what_and_whether_from_here(anonymous: FlaskClient, world: World) -> None:
    password = world.set_password(world.office)
    agents = {
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0": "Firefox sur Windows",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/17.0 Mobile/15E148 Safari/604.1": "Safari sur iPhone",
        "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 "
        "Mobile Safari/537.36": "Chrome sur Android",
    }
    for number, agent in enumerate(agents):
        browser = anonymous.application.test_client()
        browser.environ_base |= {"HTTP_USER_AGENT": agent, "REMOTE_ADDR": f"192.0.2.{number // 2}"}
        fill(browser, "/connexion", "sign-in", email=world.office.email, password=password)
    page = shown(browser, "/compte")
    assert all(words in page for words in agents.values())
    assert page.count("depuis un autre réseau") == 2 and page.count("depuis le même réseau") == 1
    assert "192.0.2" not in page and "Mozilla" not in page


def test_signing_in_again_ends_what_the_browser_had_before(anonymous: FlaskClient, world: World) -> None:
    for person in (world.office, world.follower):
        password = world.set_password(person)
        fill(anonymous, "/connexion", "sign-in", email=person.email, password=password)
    assert SignIn.objects.get(person=world.office.id).ended_at is not None
    assert SignIn.objects.get(person=world.follower.id).ended_at is None


def test_a_password_is_taken_as_it_was_typed(anonymous: FlaskClient, world: World) -> None:
    """Chosen by the API with a blank at an end, it opens the pages too."""
    phrase = "  Sept mots pour une phrase bien longue "
    Person.objects(pk=world.office.id).update(set__password=passwords.hash(phrase), set__state="active")
    for typed, status in ((phrase.strip(), 401), (phrase, 303)):
        assert fill(anonymous, "/connexion", "sign-in", email=world.office.email, password=typed).status_code == status


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


def test_times_are_those_of_the_reader_s_academy(client_for: Callable[..., FlaskClient], world: World) -> None:
    Academy.objects(code=world.academy.code).update(set__timezone="Indian/Reunion")
    client = client_for(world.office)
    typed = form_of(client.get("/compte", headers=HTML).text, "password")["fields"] | {"_page": "/compte", "a": "b"}
    assert client.post("/brouillons", data=typed).get_json()["saved_at"] == "13:00:00"
    assert "13\u00a0h\u00a000" in client.get("/compte", headers=HTML).text


def test_a_page_says_so_when_the_document_store_is_down(
    client_for: Callable[..., FlaskClient], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for(world.office)
    port = "127.0.0.1:1"  # nothing listens there
    gone = MongoClient[dict[str, object]](port, serverSelectionTimeoutMS=200)
    with gone:
        monkeypatch.setattr(SignIn, "_get_collection", lambda: gone["nowhere"]["sign_ins"])
        answer = client.get("/compte", headers=HTML)
        sent = client.post("/compte/mot-de-passe", headers=HTML)
    assert (answer.status_code, answer.headers["Refresh"]) == (503, "5")
    assert "Rien n&#39;a été perdu" in answer.text and "revient d&#39;elle-même" in answer.text
    assert sent.status_code == 503 and "Refresh" not in sent.headers
    assert "revient d&#39;elle-même" not in sent.text and "envoyez de nouveau" in sent.text


def test_what_is_begun_and_not_sent_is_listed_and_forgotten(
    client_for: Callable[..., FlaskClient], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, by = client_for(world.office), world.actor(world.office)
    monkeypatch.setattr(drafts, "MOST_DRAFTS", 1)
    drafts.keep(by, "/etablissement/inscrire", "enrol", {"title": ["tapé"]}, world.clock())
    refused = client.post("/brouillons", data={"_form": "autre", "_page": "/compte", "comment": "à suivre"})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "too_many_drafts")

    shown = client.get("/compte", headers=HTML).text
    assert "Saisies non envoyées" in shown and 'href="/etablissement/inscrire"' in shown
    form = form_of(shown, "forget-1")
    answer = client.post(form["action"], data=form["fields"], headers=HTML, follow_redirects=True)
    assert "Cette saisie est oubliée." in answer.text and "Saisies non envoyées" not in answer.text
    assert drafts.kept(by, world.clock()) == []


def test_an_authenticator_is_set_up_and_removed_on_the_page(
    client_for: Callable[..., FlaskClient], world: World, clock: Clock
) -> None:
    client, path = client_for(with_password(world.office)), "/compte/authentificateur"
    form = form_of(shown(client, path), "authenticator")
    secret = second_factor.offered(world.actor(world.office), form["fields"]["nonce"]).secret
    for password, status in (("faux", 422), (PASSWORD, 303)):
        sent = form["fields"] | {"password": password, "code": pyotp.TOTP(secret).at(clock())}
        answer = client.post(path, data=sent, headers=HTML | OURS)
        assert answer.status_code == status and password not in answer.text
    assert "application d'authentification est enregistrée" in html.unescape(shown(client, "/compte"))
    clock.advance(seconds=30)
    answer = fill(client, path, "remove", password=PASSWORD, code=pyotp.TOTP(secret).at(clock()))
    assert answer.status_code == 303
    assert Person.objects.get(pk=world.office.id).totp is None
