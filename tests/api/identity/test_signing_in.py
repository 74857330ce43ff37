"""Signing in, over HTTP: cookies, tokens, requests forged by another site, attempts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config.settings import Settings
from portfolio.documents import Person, SignIn
from portfolio.identity import passwords
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.api.entering import OURS, PHRASE, bearer, sign_in
from tests.support.api.requests import API, ask, change, expect_problem, get
from tests.support.concurrency import together
from tests.support.worlds.world import World
from web.app import create_site

# --- signing in -----------------------------------------------------------------------------------


def test_a_wrong_password_and_an_unknown_address_answer_alike(client_for: Clients, entered: Person) -> None:
    wrong = sign_in(client_for(), entered.email, PHRASE + "?")
    unknown = sign_in(client_for(), "personne@exemple.fr")
    malformed = sign_in(client_for(), "personne")
    told = [expect_problem(answer, 401, "wrong_credentials") for answer in (wrong, unknown, malformed)]
    for body in told:
        del body["request_id"]
    assert told[0] == told[1] == told[2]


def test_the_address_is_known_however_it_is_typed(client_for: Clients, entered: Person) -> None:
    assert sign_in(client_for(), f"  {entered.email.upper()} ").status_code == 200


def test_whoever_never_chose_a_password_does_not_sign_in(anonymous: FlaskClient, teacher: Person) -> None:
    expect_problem(sign_in(anonymous, teacher.email, ""), 401, "wrong_credentials")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client_for: Clients, entered: Person) -> None:
    cookies = sign_in(client_for(), entered.email).headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"portfolio", "known"}
    assert all({"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; ")) for cookie in cookies)


def test_over_https_the_cookie_never_travels_in_clear(
    settings: Settings, clock: Clock, entered: Person, other_site: Callable[..., Flask]
) -> None:
    site = other_site(replace(settings, public_url="https://portfolio.exemple.fr"))
    site.config["SERVER_NAME"] = "portfolio.exemple.fr"  # the name under which its test client asks
    cookies = sign_in(site.test_client(), entered.email).headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-portfolio", "__Host-known"}
    for cookie in cookies:  # __Host-: no Domain (RFC 6265bis, 4.1.3)
        flags = {flag for flag in cookie.split("; ")[1:] if not flag.startswith(("Expires", "Max-Age"))}
        assert flags == {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"}


@pytest.fixture
def other_site(clock: Clock) -> Iterator[Callable[..., Flask]]:
    """Another process of the service, on the same store."""
    made = []

    def make(settings: Settings) -> Flask:
        made.append(create_site(settings, clock))
        return made[-1]

    yield make


def test_a_cookie_lasts_half_a_day_and_a_token_longer(client_for: Clients, entered: Person, clock: Clock) -> None:
    browser = client_for()
    sign_in(browser, entered.email)
    program = bearer(client_for(), entered.email)
    clock.advance(hours=11)
    assert get(browser, "/me").status_code == 200
    clock.advance(hours=1)
    expect_problem(get(browser, "/me"), 401)
    assert client_for().get(f"{API}/me", headers=program).status_code == 200
    clock.advance(days=90)
    expect_problem(client_for().get(f"{API}/me", headers=program), 401)


def test_signing_out_ends_the_cookie_even_where_it_was_copied(client_for: Clients, entered: Person) -> None:
    browser, thief = client_for(), client_for()
    sign_in(browser, entered.email)
    copied = browser.get_cookie("portfolio")
    assert copied is not None
    thief.set_cookie("portfolio", copied.value)
    assert get(thief, "/me").status_code == 200
    assert ask(browser, "/sign-out", **OURS).status_code == 200
    expect_problem(get(browser, "/me"), 401)
    expect_problem(get(thief, "/me"), 401)


def test_signing_out_ends_a_token(client_for: Clients, entered: Person) -> None:
    program = bearer(client_for(), entered.email)
    assert client_for().post(f"{API}/sign-out", headers=program).status_code == 200
    expect_problem(client_for().get(f"{API}/me", headers=program), 401)
    expect_problem(client_for().post(f"{API}/sign-out", headers=program), 401)


def test_a_person_sees_where_they_are_signed_in_and_ends_one(
    client_for: Clients, entered: Person, world: World
) -> None:
    program = bearer(client_for(), entered.email)
    browser = client_for(entered)
    listed = get(browser, "/sign-ins").json["items"]
    (token,) = [one for one in listed if one["label"] == "export du lundi"]
    assert token["way"] == "bearer"
    path = f"/sign-ins/{token['id']}"
    expect_problem(change(client_for(world.office), "DELETE", path, token["revision"]), 404)
    assert change(browser, "DELETE", path, token["revision"]).status_code == 200
    expect_problem(client_for().get(f"{API}/me", headers=program), 401)
    assert token["id"] not in {one["id"] for one in get(browser, "/sign-ins").json["items"]}


def test_a_password_hashed_under_older_parameters_is_hashed_again(
    client_for: Clients, entered: Person, hashes_as_served: None
) -> None:
    for _ in range(2):
        assert sign_in(client_for(), entered.email).status_code == 200
        assert not passwords.needs_rehash(Person.objects.get(pk=entered.id).password)


def test_a_token_says_from_where_it_was_asked_for(client_for: Clients, entered: Person) -> None:
    bearer(client_for(), entered.email)
    sign_in(client_for(), entered.email)
    program, browser = SignIn.objects(person=entered.id).order_by("id")
    assert program.way == "bearer" and program.network and program.device
    assert (program.network, program.device) == (browser.network, browser.device)


def test_tokens_are_not_in_the_store(client_for: Clients, entered: Person, store: Connections) -> None:
    program = bearer(client_for(), entered.email)["Authorization"].removeprefix("Bearer ")
    rows = [str(row) for name in store.database.list_collection_names() for row in store.database[name].find()]
    assert rows and not [row for row in rows if program in row or PHRASE in row]


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer zzz", "Basic YTpi", "zzz", "Bearer é"])
def test_a_header_that_is_no_token_is_a_visitors(anonymous: FlaskClient, header: str) -> None:
    expect_problem(anonymous.get(f"{API}/me", headers={"Authorization": header}), 401, "sign_in_needed")


# --- requests forged by another site --------------------------------------------------------------


FOREIGN: list[dict[str, str]] = [
    {},
    {"Origin": "https://mechant.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://["},
    {"Origin": "http://localhost:port"},
    {"Origin": "https://localhost"},
    {"Origin": "http://localhost:8000"},
    {"Origin": "http://localhost.mechant.example"},
    {"Authorization": "Basic YTpi"},
    {"Origin": "https://mechant.example", "Authorization": "Bearer zzz"},
]


def test_a_cookie_acts_only_from_our_own_pages(client_for: Clients, entered: Person) -> None:
    browser = client_for()
    sign_in(browser, entered.email)
    for headers in FOREIGN:
        expect_problem(browser.post(f"{API}/sign-out", headers=headers), 403, "foreign_origin")
        assert browser.get(f"{API}/me", headers=headers).status_code == 200  # reading changes nothing
    assert ask(browser, "/sign-out", **OURS).status_code == 200


def test_our_own_pages_are_known_however_their_address_is_written(client_for: Clients, entered: Person) -> None:
    for origin in ("http://localhost:80", "HTTP://LOCALHOST"):
        browser = client_for()
        sign_in(browser, entered.email)
        assert ask(browser, "/sign-out", Origin=origin).status_code == 200


def test_a_program_with_a_token_needs_no_origin(client_for: Clients, entered: Person) -> None:
    program = client_for()
    headers = bearer(program, entered.email)
    assert program.post(f"{API}/sign-out", headers=headers).status_code == 200


# --- attempts -------------------------------------------------------------------------------------


def test_attempts_on_an_address_are_counted_across_processes(
    client_for: Clients, entered: Person, settings: Settings, other_site: Callable[..., Flask]
) -> None:
    here, there = client_for(), other_site(settings).test_client()
    for number in range(10):
        expect_problem(sign_in((here, there)[number % 2], entered.email, "faux"), 401)
    for client in (here, there):
        refused = sign_in(client, entered.email.upper())  # even with the right password, however it is written
        body = expect_problem(refused, 429, "too_many_attempts")
        assert refused.headers["Retry-After"] == "300", "what remains would say when somebody else has tried"
        assert "5 minutes" in body["detail"]
    expect_problem(ask(here, "/tokens", {"email": entered.email, "password": PHRASE, "label": "x"}), 429)


# --- tokens ---------------------------------------------------------------------------------------


def test_a_token_to_read_reads_and_does_nothing_else(client_for: Clients, entered: Person) -> None:
    said = {"email": entered.email, "password": PHRASE, "label": "tableau de bord", "scope": "read", "days": 7}
    told = ask(client_for(), "/tokens", said).json
    program, headers = client_for(), {"Authorization": f"Bearer {told['token']}"}
    assert program.get(f"{API}/me", headers=headers).status_code == 200
    sent = {"email": "a@exemple.fr", "family_name": "A", "given_names": "B", "role": "teacher"}
    school = program.get(f"{API}/me", headers=headers).json["grants"][0]["school"]
    key = {"Idempotency-Key": "0123456789"}
    refused = program.post(f"{API}/schools/{school}/people", json=sent, headers=headers | key)
    expect_problem(refused, 403, "read_only_token")
    for path in ("/sign-off-acts", f"/activities/{'0' * 24}/attestations"):
        expect_problem(program.post(f"{API}{path}", json={}, headers=headers | key), 403, "read_only_token")
    assert program.post("/brouillons", headers=headers | {"Accept": "application/json"}).status_code == 403
    assert program.post(f"{API}/sign-out", headers=headers).status_code == 200


def test_a_token_lasts_as_long_as_its_owner_chose(client_for: Clients, entered: Person, clock: Clock) -> None:
    said = {"email": entered.email, "password": PHRASE, "label": "essai", "days": 2}
    token = ask(client_for(), "/tokens", said).json["token"]
    program, headers = client_for(), {"Authorization": f"Bearer {token}"}
    clock.advance(days=1, hours=23)
    assert program.get(f"{API}/me", headers=headers).status_code == 200
    clock.advance(hours=1)
    assert program.get(f"{API}/me", headers=headers).status_code == 401
    expect_problem(ask(client_for(), "/tokens", said | {"days": 91}), 422)


def test_one_has_twenty_tokens_also_when_they_are_asked_for_at_once(client_for: Clients, entered: Person) -> None:
    said = {"email": entered.email, "password": PHRASE, "label": "essai"}
    clients = [client_for() for _ in range(24)]
    for number, client in enumerate(clients):
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
    answers = together(*[lambda client=client: ask(client, "/tokens", said).status_code for client in clients])
    assert (answers.count(200), answers.count(409)) == (20, 4)
    assert SignIn.objects(person=entered.id, way="bearer", ended_at=None).count() == 20
