"""What somebody types is data wherever it goes: into a query, a pattern, a sentence, a header."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from markupsafe import escape

from tests.support.api.clients import Clients
from tests.support.api.requests import API, ask, expect_problem, get
from tests.support.filling import HTML, fill
from tests.support.worlds.world import World


@pytest.mark.parametrize("typed", [".*", "^", "b?", "(", "[a-z]", "bu|zz", "\\w+", "$"])
def test_a_search_looks_for_what_was_typed_and_not_for_a_pattern(world: World, client_for: Clients, typed: str) -> None:
    answer = fill(client_for(world.administrator), "/administration/comptes", "seek", nom=typed)
    assert answer.status_code == 200 and world.office.email not in answer.text


@pytest.mark.parametrize("operator", [{"$ne": None}, {"$gt": ""}, {"$regex": ".*"}, ["x"], {"$where": "1"}])
def test_no_operator_of_the_database_comes_in_by_a_body(client_for: Clients, world: World, operator: Any) -> None:
    world.set_password(world.office)
    for path, said in (
        ("/sign-in", {"email": operator, "password": "x"}),
        ("/sign-in", {"email": world.office.email, "password": operator}),
        ("/tokens", {"email": operator, "password": operator, "label": "x"}),
        ("/invitations/accept", {"token": operator, "password": "Sept mots font une bonne phrase secrète"}),
    ):
        expect_problem(ask(client_for(), path, said), 422, "invalid_values")


def test_no_operator_of_the_database_comes_in_by_an_address(client_for: Clients, world: World) -> None:
    office, _ = client_for(world.office), world.candidacy
    everything = get(office, "/candidacies").json["items"]
    assert everything
    for query in ("after[$ne]=x", "limit[$gt]=0", 'after={"$ne":null}', "$where=1", "division[$ne]=x"):
        answer = office.get(f"{API}/candidacies?{query}")
        assert answer.status_code in (200, 422)
        if answer.status_code == 200:
            assert answer.json["items"] == everything


@pytest.mark.parametrize("typed", ["{0.__class__}", "{detail}", "%s%n", "{{ 7*7 }}", "{% raw %}", "${7*7}"])
def test_braces_and_signs_in_what_was_typed_are_shown_as_typed(anonymous: FlaskClient, typed: str) -> None:
    answer = fill(anonymous, "/connexion", "sign-in", email=typed, password="x")
    assert answer.status_code == 401
    assert typed.replace("'", "&#39;") in answer.text and "49" not in answer.text.split(typed)[0][-40:]


@pytest.mark.parametrize(
    "going", ["/\r\nSet-Cookie: x=y", "/%0d%0aSet-Cookie:%20x=y", "/\nLocation: https://ailleurs.fr"]
)
def test_no_header_is_added_by_an_address_to_go_to(anonymous: FlaskClient, world: World, going: str) -> None:
    password = world.set_password(world.office)
    answer = fill(anonymous, "/connexion", "sign-in", email=world.office.email, password=password, suite=going)
    assert answer.status_code == 303
    assert "x=y" not in str(answer.headers.getlist("Set-Cookie"))
    assert answer.headers["Location"].startswith("/") and "\n" not in answer.headers["Location"]


@pytest.mark.parametrize(
    "address", ["/connexion?suite=/<script>alert(1)</script>", "/<script>alert(1)</script>", "/s/<img src=x>"]
)
def test_markup_in_an_address_is_words(anonymous: FlaskClient, address: str) -> None:
    answer = anonymous.get(address, headers=HTML)
    assert "<script>alert" not in answer.text and "<img src=x>" not in answer.text


def test_a_name_sent_twice_or_in_another_place_changes_nothing(client_for: Clients, world: World) -> None:
    """A body is read as a body, an address as an address; of a name sent twice, the whole is refused or one counts."""
    world.set_password(world.office)
    said = b'{"email": "personne@exemple.fr", "password": "x", "email": "%s"}' % world.office.email.encode()
    sent = {"data": said, "headers": {"Origin": "http://localhost"}, "content_type": "application/json"}
    expect_problem(client_for().post(f"{API}/sign-in", **sent), 401, "wrong_credentials")
    in_address = {"email": world.office.email, "password": "Une phrase de sept mots bien longue"}
    answer = client_for().post(
        f"{API}/sign-in", query_string=in_address, json={}, headers={"Origin": "http://localhost"}
    )
    body = expect_problem(answer, 422, "invalid_values")
    assert set(body["errors"]) == {"email", "password"}
    office, _ = client_for(world.office), world.candidacy
    pages = {office.get(f"{API}/candidacies?limit=1&limit={more}").status_code for more in ("2", "x", "-1")}
    assert pages <= {200, 422}


@pytest.mark.parametrize("typed", ["%3Cb%3E", "&lt;b&gt;", "%252F", "a+b"])
def test_what_was_encoded_twice_is_decoded_once(anonymous: FlaskClient, typed: str) -> None:
    shown = fill(anonymous, "/connexion", "sign-in", email=typed, password="x").text
    assert f'value="{escape(typed)}"' in shown
    answer = anonymous.get("/connexion", query_string={"suite": f"/{typed}"}, headers=HTML)
    assert f'value="/{escape(typed)}"' in answer.text
