"""What every door does alike: refuses what it cannot read, acts once, tells who was first, survives a lost store."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.api.clients import Clients
from tests.support.api.requests import API, expect_problem, fresh_key, get, post_new
from tests.support.worlds.world import World

SOME_ID = "5f5f5f5f5f5f5f5f5f5f5f5f"
COMPANY = {"siret": "732 829 320 00074", "name": "Assurances du Rhône", "city": "Lyon"}
UNREADABLE = {
    "cut": b'{"session": "2027"',
    "not utf-8": '{"name": "Lycée"}'.encode("latin-1"),
    "nested without end": b"[" * 15_000,
    "a number without end": b"9" * 5_000,
    "half a character": b'{"name": "\\ud83d"}',
}


class Operation:
    """One line of the OpenAPI document. address: with an id of nothing in the place of each id."""

    def __init__(self, path: str, method: str, said: dict[str, Any]) -> None:
        self.path, self.method, self.said = path, method.upper(), said
        self.address = re.sub(r"{(\w+)}", lambda name: SOME_ID if name[1].endswith("_id") else "1", path)
        self.takes_json = "application/json" in said.get("requestBody", {}).get("content", {})
        self.headers = {one["name"] for one in said.get("parameters", []) if one.get("in") == "header"}

    def __repr__(self) -> str:
        return f"{self.method} {self.address}"

    def headers_sent(self) -> dict[str, str]:
        sent = {"Idempotency-Key": fresh_key(), "If-Match": '"1"'}
        return {name: value for name, value in sent.items() if name in self.headers}


@pytest.fixture(scope="session")
def document(application: Flask) -> Any:
    answer = application.test_client().get(f"{API}/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return answer.json


@pytest.fixture(scope="session")
def operations(document: Any) -> list[Operation]:
    methods = {"get", "post", "put", "patch", "delete"}
    return [
        Operation(path, method, said)
        for path, item in document["paths"].items()
        for method, said in item.items()
        if method in methods
    ]


# --- the document ---------------------------------------------------------------------------------


def test_the_document_tells_of_every_door_who_may_use_it_and_how_it_refuses(operations: list[Operation]) -> None:
    assert len(operations) > 40
    for operation in operations:
        assert operation.said["x-who"], operation
        problem = operation.said["responses"]["default"]
        assert "application/problem+json" in problem["content"], operation
        public = operation.said["x-who"] == "public"
        assert (operation.said.get("security") == []) is public, operation


# --- what cannot be read --------------------------------------------------------------------------


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_no_door_chokes_on_an_unreadable_body(office: FlaskClient, operations: list[Operation], body: bytes) -> None:
    for operation in filter(lambda one: one.takes_json, operations):
        headers = operation.headers_sent() | {"Content-Type": "application/json"}
        answer = office.open(operation.address, method=operation.method, data=body, headers=headers)
        expect_problem(answer, 400, "malformed_request")


def test_a_body_that_is_not_said_to_be_json_is_refused(office: FlaskClient, operations: list[Operation]) -> None:
    for operation in filter(lambda one: one.takes_json, operations):
        headers = operation.headers_sent() | {"Content-Type": "text/plain"}
        answer = office.open(operation.address, method=operation.method, data=b"{}", headers=headers)
        expect_problem(answer, 415, "wrong_media_type")


@pytest.mark.parametrize("body", [[], "texte", 5, None, True], ids=repr)
def test_json_that_is_no_object_is_refused(office: FlaskClient, operations: list[Operation], body: Any) -> None:
    for operation in filter(lambda one: one.takes_json, operations):
        said = json.dumps(body)
        answer = office.open(
            operation.address,
            method=operation.method,
            data=said,
            headers=operation.headers_sent() | {"Content-Type": "application/json"},
        )
        assert expect_problem(answer, 422, "invalid_values")["errors"] == {"body": ["Un objet JSON est attendu."]}


def test_a_field_that_no_door_knows_is_refused_by_its_name(office: FlaskClient, operations: list[Operation]) -> None:
    for operation in filter(lambda one: one.takes_json, operations):
        answer = office.open(
            operation.address, method=operation.method, json={"inconnu": 1}, headers=operation.headers_sent()
        )
        body = expect_problem(answer, 422, "invalid_values")
        assert body["errors"]["inconnu"] == ["Ce champ est inconnu : vérifiez son nom."], operation


def test_each_bad_field_is_said_in_french_beside_its_name(office: FlaskClient, world: World) -> None:
    said = {
        "session": 2027,
        "candidate_number": "012345\x006789",
        "birth_name": "x" * 101,
        "given_names": None,
        "birth_date": "   ",
        "email": "",
        "distance": "peut-être",
        "status": "touriste",
        "ccf_override": [],
    }
    answer = post_new(office, f"/schools/{world.school.id}/candidacies", said)
    assert expect_problem(answer, 422)["errors"] == {
        "session": ["Un texte est attendu."],
        "candidate_number": [
            "Ce texte contient un caractère invisible (U+0000) après « 012345 » : "
            "retapez cet endroit au clavier au lieu de le coller."
        ],
        "birth_name": ["Entre 1 et 100 caractères ou éléments."],
        "given_names": ["Ce champ ne peut pas être vide (null)."],
        "birth_date": ["Ce texte est vide."],
        "email": ["Entre 1 et 254 caractères ou éléments.", "Ce texte est vide."],
        "distance": ["Vrai ou faux est attendu (true, false)."],
        "status": ["Choix attendu : scolaire, apprenti, formation_continue, experience."],
        "ccf_override": ["Un objet JSON est attendu."],
    }


def test_a_body_larger_than_any_form_is_cut(office: FlaskClient, companies: str) -> None:
    answer = post_new(office, companies, COMPANY | {"address": "x" * 1_100_000})
    expect_problem(answer, 413, "too_large")


@pytest.mark.parametrize("bad", ["zzz", "0", "5F5F5F5F5F5F5F5F5F5F5F5F", "é", "5f5f5f5f5f5f5f5f5f5f5f5f5f", "%00"])
def test_an_address_with_a_malformed_id_does_not_exist(
    office: FlaskClient, operations: list[Operation], bad: str
) -> None:
    for operation in filter(lambda one: SOME_ID in one.address, operations):
        answer = office.open(operation.address.replace(SOME_ID, bad), method=operation.method)
        expect_problem(answer, 404, "not_found")


def test_an_id_of_nothing_answers_like_somebody_elses(office: FlaskClient, world: World, client_for: Clients) -> None:
    stranger = client_for(world.new_office(world.new_school("0690027E")))
    nothing, not_mine = (get(stranger, f"/candidacies/{one}") for one in (SOME_ID, world.candidacy.id))
    told = [expect_problem(answer, 404) for answer in (nothing, not_mine)]
    for body in told:
        del body["request_id"]
    assert told[0] == told[1]


def test_a_method_that_a_door_lacks_is_refused_with_those_it_has(office: FlaskClient, companies: str) -> None:
    answer = office.delete(f"{API}{companies}")
    expect_problem(answer, 405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


def test_an_unknown_address_is_a_problem_like_any_other(office: FlaskClient) -> None:
    for address in ("/nowhere", "/api/v1", "/api/v2/me", "/api/v1/candidacy/", "/.env"):
        expect_problem(office.get(address), 404, "not_found")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=beaucoup", "limit"),
        ("after=zzz", "after"),
        ("after=WyJ6enoiLCAienp6Il0=", "after"),
        ("after=WyJcdWQ4M2QiLCAiNWY1ZjVmNWY1ZjVmNWY1ZjVmNWY1ZjVmIl0=", "after"),
        ("session=%00", "session"),
    ],
)
def test_a_bad_query_is_refused_by_its_name(office: FlaskClient, query: str, field: str) -> None:
    body = expect_problem(office.get(f"{API}/candidacies?{query}"), 422, "invalid_values")
    assert list(body["errors"]) == [field]


def test_a_visitor_is_sent_to_sign_in_before_anything_they_send_is_read(
    anonymous: FlaskClient, operations: list[Operation]
) -> None:
    for operation in filter(lambda one: one.said["x-who"] != "public", operations):
        answer = anonymous.open(
            operation.address, method=operation.method, data=b"{", headers={"Content-Type": "application/json"}
        )
        expect_problem(answer, 401, "sign_in_needed")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


# --- the number of a request ----------------------------------------------------------------------


def test_a_request_keeps_the_number_it_came_with_when_it_is_one(anonymous: FlaskClient) -> None:
    def number(asked: str) -> str:
        answer = anonymous.get(f"{API}/me", headers={"X-Request-Id": asked})
        return str(expect_problem(answer, 401)["request_id"])

    assert number("a1b2c3d4-e5f6") == "a1b2c3d4-e5f6"
    assert number("<script>") != "<script>"
    assert number("x") != "x"
