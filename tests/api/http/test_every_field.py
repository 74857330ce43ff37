"""Every field of every body, as the OpenAPI document lists them, sent wrong: refused by its name, never a breakdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from api.http.schemas import secret_names
from tests.api.http.test_routing import Operation, document, operations
from tests.support.api.clients import Clients
from tests.support.api.requests import API, expect_problem
from tests.support.worlds.world import World

__all__ = ["document", "operations"]  # fixtures
# By the type that the document announces: what is certainly not of it.
WRONG: dict[str, list[Any]] = {
    "string": [5, True, [], {}],
    "integer": ["beaucoup", 1.5, [], {}],
    "boolean": ["peut-être", [], {}, 5],
    "array": ["x", 5, {"0": "x"}, True],
    "object": ["x", 5, [], True],
}


def fields_of(document: Any, operation: Operation) -> dict[str, Any]:
    """{name: schema} of the body."""
    schema = operation.said["requestBody"]["content"]["application/json"]["schema"]
    return dict(resolved(document, schema).get("properties", {}))


def resolved(document: Any, schema: Any) -> Any:
    for alternative in schema.get("allOf", []) + schema.get("anyOf", []) + schema.get("oneOf", []):
        if "$ref" in alternative:
            return resolved(document, alternative)
    if "$ref" in schema:
        return resolved(document, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    return schema


def type_of(document: Any, schema: Any) -> str:
    kinds = resolved(document, schema).get("type", "object")
    return next(kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null")


def told_of(errors: dict[str, list[str]], field: str) -> list[str]:
    return [said for name, all_said in errors.items() if name.split(".")[0] == field for said in all_said]


@pytest.fixture
def cases(document: Any, operations: list[Operation]) -> list[tuple[Operation, str, Any]]:
    found = [
        (operation, name, schema)
        for operation in operations
        if operation.takes_json
        for name, schema in fields_of(document, operation).items()
    ]
    assert len(found) > 100
    return found


@pytest.fixture
def send(world: World, client_for: Clients) -> Callable[[Operation, dict[str, Any]], Any]:
    office = client_for(world.office)

    def sent(operation: Operation, body: dict[str, Any]) -> Any:
        return office.open(operation.address, method=operation.method, json=body, headers=operation.headers_sent())

    return sent


def test_a_value_of_another_type_is_refused_by_its_field(
    document: Any, cases: list[tuple[Operation, str, Any]], send: Any
) -> None:
    for operation, name, schema in cases:
        for wrong in WRONG[type_of(document, schema)]:
            body = expect_problem(send(operation, {name: wrong}), 422, "invalid_values")
            said = told_of(body["errors"], name)
            assert said, (operation, name, wrong, body)
            assert all(sentence.endswith(".") for sentence in said), (operation, name, said)


def test_a_text_too_long_or_with_a_nul_is_refused_by_its_field(
    document: Any, cases: list[tuple[Operation, str, Any]], send: Any
) -> None:
    texts = [(operation, name, schema) for operation, name, schema in cases if type_of(document, schema) == "string"]
    for operation, name, schema in texts:
        longest = resolved(document, schema).get("maxLength", 5000)
        for wrong in ("x" * (longest + 1), "\x00"):
            if wrong == "\x00" and name in secret_names():
                continue  # any character may be in a secret: it is compared, never kept
            body = expect_problem(send(operation, {name: wrong}), 422, "invalid_values")
            assert told_of(body["errors"], name), (operation, name, wrong[:9], body)


def test_null_is_refused_where_nothing_may_not_be(
    document: Any, cases: list[tuple[Operation, str, Any]], send: Any
) -> None:
    for operation, name, schema in cases:
        if "null" in str(schema):
            continue
        body = expect_problem(send(operation, {name: None}), 422, "invalid_values")
        assert told_of(body["errors"], name) == ["Ce champ ne peut pas être vide (null)."], (operation, name)


@pytest.fixture(scope="session")
def names(operations: list[Operation]) -> Iterator[list[tuple[Operation, str]]]:
    yield [
        (operation, one["name"])
        for operation in operations
        for one in operation.said.get("parameters", [])
        if one.get("in") == "query"
    ]


def test_a_bad_query_breaks_nothing(
    app: Flask, names: list[tuple[Operation, str]], world: World, client_for: Clients
) -> None:
    office = client_for(world.office)
    assert len(names) > 10
    for operation, name in names:
        for wrong in ("\x00", "x" * 2000, "-1", "é", "[]"):
            answer = office.open(operation.address, method=operation.method, query_string={name: wrong})
            assert answer.status_code in (200, 404, 422), (operation, name, wrong, answer.text)
            if answer.status_code != 200:
                expect_problem(answer, answer.status_code)
    assert office.get(f"{API}/me").status_code == 200
