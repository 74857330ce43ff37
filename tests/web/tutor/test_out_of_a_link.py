"""Whoever came by a link, a code or a QR code is refused every door that is not one of a tutor's sign-offs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter

from api.http.admission import ANY_SIGN_IN, PUBLIC
from portfolio.documents import SignIn
from portfolio.documents.people import WITHOUT_PASSWORD
from portfolio.identity import links
from portfolio.identity.client_fingerprint import origin
from portfolio.policy.relations import SIGN_OFFS_ALONE
from tests.support.filling import HTML, csrf, shown
from tests.support.worlds.commissions import convened, with_password
from tests.support.worlds.world import World

ORIGIN = {"Origin": "http://localhost"}
# Every door that such a session may open besides the public ones, by what it is for.
THEIRS = {
    # what is asked of them, and what they answer
    *("attestations.list_waiting", "attestations.attest_activity", "receipts.sign_at_once"),
    *("tutor.choose_act", "tutor.sign", "tutor.put_signature_act"),
    # what they typed and have not sent; leaving
    "proxy.show_signed_in",  # what nginx asks before it takes a long form
    *("drafts.keep_send", "drafts.forget_send", "access.leave_act", "signing_in.sign_out"),
}


@pytest.fixture(params=["link", "code", "qr"])
def visitor(request: pytest.FixtureRequest, world: World, app: Flask) -> FlaskClient:
    """A tutor who also has a password and sits on a commission, come by another way."""
    convened(world)
    with_password(world.tutor)
    visit, token = links.new_visit(world.tutor.id, request.param, world.school.id, origin("a", "b"), world.clock())
    visit.save(force_insert=True)
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = token
    return client


def test_every_door_but_theirs_is_refused_whatever_it_names(visitor: FlaskClient, world: World, app: Flask) -> None:
    opened = set()
    token = csrf(visitor)
    for rule in app.url_map.iter_rules():
        who = getattr(app.view_functions[rule.endpoint], "access", PUBLIC)
        if who == PUBLIC or who in SIGN_OFFS_ALONE:
            continue
        if who == ANY_SIGN_IN:
            opened.add(rule.endpoint)
            continue
        numbers = {name for name, one in rule._converters.items() if isinstance(one, IntegerConverter)}
        ids = {name: 1 if name in numbers else world.candidacy.id for name in rule.arguments}
        path = app.url_map.bind("localhost").build(rule.endpoint, ids)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            sent = {"data": {"csrf_token": token}} if method == "POST" and not path.startswith("/api/") else {}
            answer = visitor.open(path, method=method, headers=ORIGIN, **sent)
            assert (answer.status_code, answer.json["code"]) == (403, "password_needed"), (method, rule)
    assert opened == THEIRS


def test_they_set_up_no_authenticator_and_read_nothing_of_their_account(visitor: FlaskClient, world: World) -> None:
    for path in ("/compte", "/compte/authentificateur", "/compte/mes-donnees.json", "/second-facteur", "/api/v1/me"):
        refused = visitor.get(path, headers=HTML)
        assert refused.status_code == 403, path
        assert "connectez-vous avec votre mot de passe" in refused.text.replace("\u00a0", " ")
    assert "Relance" in shown(visitor, "/s") or "confirm" in shown(visitor, "/s")


def test_they_leave_and_end_no_other_sign_in_of_theirs(
    visitor: FlaskClient, world: World, client_for: Callable[..., Any]
) -> None:
    client_for(world.tutor)
    other = SignIn.objects(person=world.tutor.id, way__nin=WITHOUT_PASSWORD).order_by("-id").first()
    refused = visitor.delete(f"/api/v1/sign-ins/{other.id}", headers=ORIGIN | {"If-Match": '"1"'})
    assert refused.status_code == 403
    assert visitor.post("/api/v1/sign-out", headers=ORIGIN).status_code == 200
    assert SignIn.objects.get(pk=other.id).ended_at is None
