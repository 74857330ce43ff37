"""What every answer tells a browser, whoever made it: a page, the API, an error, a static file, the two other doors."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.http.headers import CLOSED
from config.settings import Settings
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.api.requests import API
from tests.support.filling import HTML
from tests.support.worlds.world import World
from web.app import create_site

TOKEN = "jeton-" + "t" * 32
# (method, address): found and not found, allowed and refused, in the application and at the doors before it.
ASKED = (
    ("GET", "/connexion"),
    ("GET", "/"),
    ("GET", "/compte"),
    ("GET", "/aide"),
    ("GET", "/nulle-part"),
    ("GET", "/static/site.css"),
    ("GET", "/static/js/site.js"),
    ("GET", "/static/icon.svg"),
    ("GET", "/static/"),
    ("GET", f"{API}/me"),
    ("GET", f"{API}/docs"),
    ("GET", f"{API}/openapi.json"),
    ("GET", f"{API}/nulle-part"),
    ("POST", f"{API}/sign-in"),
    ("TRACE", f"{API}/me"),
    ("OPTIONS", "/connexion"),
    ("HEAD", "/connexion"),
    ("GET", "/healthz"),
    ("GET", "/metrics"),
    ("POST", "/bounces"),
    ("GET", "/bounces"),
    ("GET", "/favicon.ico"),
    ("GET", "/robots.txt"),
    ("GET", "/.well-known/security.txt"),
    ("GET", "/connexion/"),
)
KEPT = ("/favicon.ico", "/robots.txt", "/.well-known/security.txt")  # the same for everybody


@pytest.fixture(scope="module")
def service(settings: Settings, application: Flask) -> Flask:
    """The service as production has it, its two other doors open."""
    opened = replace(
        settings, public_url="https://portfolio.exemple.fr", metrics_token=TOKEN, bounce_token=TOKEN, trusted_hops=1
    )
    return create_site(opened)


@pytest.fixture
def over_https(service: Flask, store: Connections, clock: Clock) -> FlaskClient:
    """A visitor of that service."""
    service.config["CLOCK"] = clock
    visitor = service.test_client()
    visitor.environ_base["HTTP_X_FORWARDED_HOST"] = "portfolio.exemple.fr"
    return visitor


def directives(policy: str) -> dict[str, str]:
    return dict(directive.strip().partition(" ")[::2] for directive in policy.split(";"))


@pytest.mark.parametrize(("method", "address"), ASKED)
def test_every_answer_says_what_a_browser_may_do_with_it(over_https: FlaskClient, method: str, address: str) -> None:
    with over_https.open(address, method=method, headers=HTML) as answer:
        said = answer.headers
        assert said["X-Content-Type-Options"] == "nosniff"
        assert said["Referrer-Policy"] == "same-origin"
        assert said["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
        policy = directives(said["Content-Security-Policy"])
        assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
        assert directives(CLOSED).items() <= policy.items()
        assert "script-src" not in policy or policy["script-src"] == "'self'"
        assert said.get("Access-Control-Allow-Origin") is None
        if said.get("Content-Type", "").startswith("text/"):
            assert said["Content-Type"].endswith("charset=utf-8"), said["Content-Type"]
        if not address.startswith("/static/") and address not in KEPT:
            assert said["Cache-Control"] == "no-store"


def test_in_clear_nobody_is_told_to_come_by_https(anonymous: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in anonymous.get("/connexion").headers


def test_what_is_shown_of_a_file_is_framed_by_our_pages_alone(world: World, client_for: object) -> None:
    """Without any script; where it has pages, with the one that asks again for their pictures."""
    piece = world.new_piece()
    for file, script in (
        (world.upload(piece, b"Compte rendu", "note.txt"), None),
        (world.upload(piece), "http://localhost/static/js/page_pictures.js"),
    ):
        with client_for(world.follower).get(f"/fichiers/{file.id}/vue") as answer:  # type: ignore[operator]
            policy = directives(answer.headers["Content-Security-Policy"])
        assert policy["frame-ancestors"] == "'self'" and policy.get("script-src") == script
        assert directives(CLOSED).items() <= policy.items()


@pytest.mark.parametrize("folder", ["/static/", "/static/js", "/static/js/", "/static/vendor/"])
def test_no_folder_is_listed(anonymous: FlaskClient, folder: str) -> None:
    assert anonymous.get(folder).status_code == 404


@pytest.mark.parametrize("outside", ["../app.py", "%2e%2e/app.py", "..%2fapp.py", "js/../../app.py"])
def test_nothing_beside_the_static_files_is_served(anonymous: FlaskClient, outside: str) -> None:
    assert anonymous.get(f"/static/{outside}").status_code == 404


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND"])
@pytest.mark.parametrize("address", ["/", "/connexion", f"{API}/me", "/healthz", "/static/site.css"])
def test_a_method_that_only_repeats_a_request_or_that_nobody_needs_is_refused(
    anonymous: FlaskClient, method: str, address: str
) -> None:
    answer = anonymous.open(address, method=method, headers={"X-Secret": "répété"})
    assert answer.status_code == 405 and "répété" not in answer.text
