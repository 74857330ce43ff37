"""Names, addresses and methods as clients expect them of any site."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.http.addresses import BY_ANY_NAME, host_names
from config.settings import MissingSettings, Settings
from tests.conftest import Clock
from tests.support.api.requests import API, expect_problem
from tests.support.api.routes import address, routes
from tests.support.api.worlds import Everything
from tests.support.filling import HTML
from tests.support.worlds.world import World
from web.app import create_site

FOREIGN = ("mechant.example", "localhost.mechant.example", "10.0.0.7", "10.0.0.7:8000", "[::2]", "[", "a b", "")
TOKEN = "jeton-" + "t" * 32


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("path", ["/connexion", f"{API}/me", "/static/site.css", "/nulle-part", "/connexion/"])
def test_under_another_name_there_is_a_sentence_and_nothing_else(anonymous: FlaskClient, host: str, path: str) -> None:
    answer = FlaskClient(anonymous.application).get(path, headers={"Host": host})  # no document describes `http://[/`
    assert expect_problem(answer, 421, "other_host")["detail"] == (
        "Ce service répond à l'adresse http://localhost, et non sous le nom demandé."
    )
    if path.startswith("/connexion") or path == "/nulle-part":
        page = anonymous.get(path, headers=HTML | {"Host": host})
        assert page.status_code == 421 and page.mimetype == "text/html"
        assert '<a href="http://localhost/">' in page.text
        assert "Set-Cookie" not in page.headers and "Location" not in page.headers
        assert not host or host == "[" or host not in page.text


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:8000", "[::1]:8000", "localhost."]
)
def test_the_machine_itself_has_several_names(anonymous: FlaskClient, host: str) -> None:
    assert anonymous.get("/connexion", headers={"Host": host}).status_code == 200


def test_in_production_the_name_is_that_of_the_site_alone(settings: Settings, app: Flask, clock: Clock) -> None:
    opened = replace(settings, public_url="https://portfolio.exemple.fr:8443", metrics_token=TOKEN, bounce_token=TOKEN)
    visitor = create_site(opened, clock).test_client()
    for host, status in (("portfolio.exemple.fr", 200), ("Portfolio.Exemple.fr:8443", 200), ("localhost", 421)):
        assert visitor.get("/connexion", headers={"Host": host}).status_code == status
    bearer = {"Authorization": f"Bearer {TOKEN}", "Host": "10.0.0.7:8000"}
    assert visitor.get("/metrics", headers=bearer).status_code == 200
    assert visitor.post("/bounces", headers=bearer, json={}).status_code == 200


@pytest.mark.parametrize("path", BY_ANY_NAME)
def test_who_watches_comes_by_a_number(anonymous: FlaskClient, path: str) -> None:
    assert anonymous.get(path, headers={"Host": "10.0.0.7:8000"}).status_code == 200


def test_behind_a_trusted_proxy_the_name_is_the_one_it_tells(settings: Settings, app: Flask, clock: Clock) -> None:
    opened = replace(settings, public_url="https://portfolio.exemple.fr", trusted_hops=1)
    visitor = create_site(opened, clock).test_client()
    for told, status in (("portfolio.exemple.fr", 200), ("mechant.example", 421)):
        headers = {"Host": "127.0.0.1:8000", "X-Forwarded-Host": told}
        assert visitor.get("/connexion", headers=headers).status_code == status


def test_a_site_has_one_name_and_the_machine_three() -> None:
    assert host_names("https://Portfolio.exemple.fr:8443") == {"portfolio.exemple.fr"}
    assert host_names("http://127.0.0.1:8000") == {"localhost", "127.0.0.1", "::1"}


# --- addresses that are nearly ours ---------------------------------------------------------------


@pytest.mark.parametrize("path", ["/connexion", "/aide", f"{API}/health", f"{API}/candidacies"])
def test_a_last_slash_leads_to_the_address_without_it(anonymous: FlaskClient, path: str) -> None:
    for method in ("GET", "HEAD"):
        answer = anonymous.open(f"{path}/", method=method, query_string="suite=/aide&x=%C3%A9")
        assert (answer.status_code, answer.headers["Location"]) == (308, f"{path}?suite=/aide&x=%C3%A9")
    assert anonymous.get(f"{path}//").headers["Location"] == path
    twice = anonymous.get("/", environ_overrides={"PATH_INFO": f"/{path}/"})
    assert twice.headers["Location"] == path  # never //…, which would be another site
    assert anonymous.post(f"{path}/").status_code == 404


@pytest.mark.parametrize("path", ["/nulle-part/", "//mechant.example/", f"{API}/candidacies/zzz/", "/static/"])
def test_a_last_slash_leads_nowhere_else(anonymous: FlaskClient, path: str) -> None:
    answer = anonymous.get("/", environ_overrides={"PATH_INFO": path})  # a client would take its start for a name
    assert answer.status_code == 404 and "Location" not in answer.headers


def test_at_every_door_options_says_the_methods_and_nothing_to_read(app: Flask, there: Everything) -> None:
    client, seen = app.test_client(), 0
    for route in routes(app, "OPTIONS"):
        answer = client.options(address(route, there), headers=HTML)
        assert (answer.status_code, answer.data) == (204, b""), route
        assert "OPTIONS" in answer.headers["Allow"] and "Content-Type" not in answer.headers
        seen += 1
    assert seen > 200
    expect_problem(client.options(f"{API}/nulle-part"), 404, "not_found")


# --- what is sent ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_a_body_of_another_kind_is_refused_at_every_door(app: Flask, there: Everything, kind: str) -> None:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {there.tokens['office']}"
    tried = 0
    for route in routes(app, "POST", "PUT", "PATCH", "DELETE"):
        if route.is_a_page or not kind and "/parts/" in route.rule.rule:
            continue
        sent = {"data": b"a=1", "content_type": kind, "headers": {"Idempotency-Key": "intention", "If-Match": '"1"'}}
        answer = client.open(address(route, there), method=route.method, **sent)
        if not (not kind and answer.status_code != 415 and route.method == "PUT"):
            expect_problem(answer, 415)
        tried += 1
    assert tried > 80


def test_bytes_are_sent_as_bytes_or_as_nothing_in_particular(world: World, client_for: Any) -> None:
    candidate, file = client_for(world.candidate), world.upload(world.new_piece())
    told = expect_problem(
        candidate.put(f"{API}/files/{file.id}/parts/1", data=b"a=1", content_type="text/plain"), 415, "octets_expected"
    )
    assert "application/octet-stream" in told["detail"]


# --- ranges ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, HTML])
def test_a_range_beyond_the_end_is_told_where_the_end_is(anonymous: FlaskClient, headers: dict[str, str]) -> None:
    with anonymous.get("/static/site.css") as whole:
        size = len(whole.data)
    with anonymous.get("/static/site.css", headers=headers | {"Range": "bytes=99999999-"}) as answer:
        assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{size}")
    with anonymous.get("/static/site.css", headers=headers | {"Range": "bytes=0-3"}) as answer:
        assert (answer.status_code, answer.headers["Content-Range"]) == (206, f"bytes 0-3/{size}")


# --- addresses where one looks --------------------------------------------------------------------


def test_there_is_an_icon(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/favicon.ico")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert "max-age=86400" in answer.headers["Cache-Control"]


def test_robots_are_sent_away(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/robots.txt")
    assert (answer.mimetype, answer.text) == ("text/plain", "User-agent: *\nDisallow: /\n")


def test_a_password_manager_finds_where_to_change_a_password(anonymous: FlaskClient) -> None:
    answer = anonymous.get("/.well-known/change-password")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/compte#mot-de-passe")
    assert anonymous.get("/compte", headers=HTML).headers["Location"] == "/connexion?suite=%2Fcompte"


def test_who_found_a_weakness_finds_whom_to_tell(anonymous: FlaskClient, clock: Clock) -> None:
    answer = anonymous.get("/.well-known/security.txt")
    assert (answer.status_code, answer.content_type) == (200, "text/plain; charset=utf-8")
    said = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert said["Contact"] == "http://localhost/mentions-legales"
    assert said["Canonical"] == "http://localhost/.well-known/security.txt"
    expires = datetime.fromisoformat(re.sub("Z$", "+00:00", said["Expires"]))
    assert timedelta(days=90) < expires - clock() < timedelta(days=365)


@pytest.mark.parametrize(
    "said", ["securite@exemple.fr", "mailto:x", "http://exemple.fr", "https://", "mailto:a@b\nPolicy: c"]
)
def test_a_contact_is_an_address_that_the_standard_knows(engine_environment: dict[str, str], said: str) -> None:
    known = {**engine_environment, "PUBLIC_URL": "http://localhost", "MAIL_DIR": "/tmp"}
    with pytest.raises(MissingSettings, match="SECURITY_CONTACT"):
        Settings.from_environment(known | {"SECURITY_CONTACT": said})
    good = known | {"SECURITY_CONTACT": "mailto:securite@exemple.fr"}
    assert Settings.from_environment(good).security_contact == "mailto:securite@exemple.fr"
