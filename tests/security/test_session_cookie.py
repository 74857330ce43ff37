"""The cookie of a browser: what it holds, and that nobody else can make one."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient

from portfolio.documents import Person, SignIn
from portfolio.ids import token_hash
from tests.support.api.clients import Clients
from tests.support.api.entering import entered, sign_in, teacher
from tests.support.api.requests import expect_problem, get

__all__ = ["entered", "teacher"]  # fixtures


def signer(app: Flask, digest: Any, key: str | None = None) -> Any:
    """As Flask makes it, under a digest and a key of one's choice."""

    class Forging(SecureCookieSessionInterface):
        digest_method = staticmethod(digest)

    forger = Flask("forger")
    forger.secret_key = key or app.secret_key
    return Forging().get_signing_serializer(forger)


@pytest.fixture
def browser(client_for: Clients, entered: Person) -> FlaskClient:
    client = client_for()
    assert sign_in(client, entered.email).status_code == 200
    return client


def cookie(client: FlaskClient) -> str:
    held = client.get_cookie("portfolio")
    assert held is not None
    return held.value


def with_cookie(app: Flask, value: str) -> Any:
    client = app.test_client()
    client.set_cookie("portfolio", value)
    return get(client, "/me")


def test_the_cookie_names_a_sign_in_that_the_store_keeps_and_holds_nothing_of_the_person(
    app: Flask, browser: FlaskClient, entered: Person
) -> None:
    told = signer(app, hashlib.sha256).loads(cookie(browser))
    assert SignIn.objects(token_hash=token_hash(told["_user_id"])).count() == 1
    assert set(told) <= {"_user_id", "_fresh", "_id", "csrf_token"}
    for personal in (entered.email, entered.family_name, str(entered.id)):
        assert personal not in str(told)


@pytest.mark.parametrize("digest", [hashlib.sha1, hashlib.md5, hashlib.sha512])
def test_a_cookie_signed_in_another_way_is_a_visitors(app: Flask, browser: FlaskClient, digest: Any) -> None:
    told = signer(app, hashlib.sha256).loads(cookie(browser))
    expect_problem(with_cookie(app, str(signer(app, digest).dumps(told))), 401, "sign_in_needed")


def test_a_cookie_made_up_changed_or_under_another_key_is_a_visitors(app: Flask, browser: FlaskClient) -> None:
    held = cookie(browser)
    told = signer(app, hashlib.sha256).loads(held)
    payload, at, signature = held.rsplit(".", 2)
    unsigned = f"{payload}.{at}."
    for forged in (
        str(signer(app, hashlib.sha256, "k" * 48).dumps(told)),
        f"{payload}.{at}.{signature[:-4]}AAAA",
        f"{payload[:-2]}AA.{at}.{signature}",
        unsigned,
        payload,
        "",
    ):
        expect_problem(with_cookie(app, forged), 401, "sign_in_needed")
    assert with_cookie(app, held).status_code == 200
