"""The OpenAPI document names every door, what it does, who may and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask

from api.http.routing import Routes
from tests.support.api.routes import routes, template


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield f"{method.upper()} {path}", operation


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(document).validate()
    del document["info"]["title"]
    with pytest.raises(Exception, match="title"):
        schemathesis.openapi.from_dict(document).validate()


def test_every_operation_says_what_it_does_who_may_and_how_they_sign_in(document: dict[str, Any]) -> None:
    known = set(document["components"]["securitySchemes"])
    for name, operation in operations(document):
        assert operation.get("summary"), f"{name}: give its route a title"
        assert operation["summary"].endswith((".", "…")), name
        assert operation["x-who"], name
        security = operation.get("security", document["security"])
        assert {scheme for one in security for scheme in one} == (set() if operation["x-who"] == "public" else known)


def test_a_schema_is_made_once_and_never_copied_however_many_routes_name_it(app: Flask) -> None:
    """Copies of them were a fifth of the start of the application."""
    refusals = {
        id(refusal["schema"])
        for blueprint in app.blueprints.values()
        if isinstance(blueprint, Routes)
        for methods in blueprint._docs.values()
        for said in methods.values()
        if said
        for refusal in said["response"]["responses"]["default"]
    }
    assert len(refusals) == 1


def test_every_door_is_in_the_document(app: Flask, document: dict[str, Any]) -> None:
    described = {name for name, _ in operations(document)}
    doors = {f"{route.method} {template(route)}" for route in routes(app) if route.method not in ("HEAD", "OPTIONS")}
    assert described == {door for door in doors if door.partition(" ")[2].startswith("/api/v1/")} - {
        "GET /api/v1/openapi.json",
        "GET /api/v1/docs",
    }


def test_every_refusal_is_described_as_a_problem(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"], name
