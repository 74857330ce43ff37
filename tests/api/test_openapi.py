"""The OpenAPI document keeps its word: whatever is asked, each answer is one that it describes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup

from api.app import RESOURCES
from api.summaries import SUMMARIES
from portfolio.documents import Person
from portfolio.relations import Actor
from tests.api.described import DESCRIBED, DOCUMENT
from tests.api.requests import fresh_key
from tests.api.routes import PLAIN, SAFE, Route, refusal, revision, routes, template
from tests.api.worlds import Everything

ROLES = ("candidate", "follower who sits", "tutor who sits", "office", "jury", "administrator", "inspector")
EXAMPLES = 3


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield f"{method.upper()} {path}", operation


# --- the document ---------------------------------------------------------------------------------


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(document).validate()
    del document["info"]["title"]
    with pytest.raises(Exception, match="title"):
        schemathesis.openapi.from_dict(document).validate()


def test_every_operation_says_what_it_does_who_may_and_how_they_sign_in(document: dict[str, Any]) -> None:
    known = set(document["components"]["securitySchemes"])
    for name, operation in operations(document):
        assert operation.get("summary"), f"{name}: give it a line in api/summaries.py"
        assert operation["summary"].endswith((".", "…")), name
        assert operation["x-who"], name
        security = operation.get("security", document["security"])
        assert {scheme for one in security for scheme in one} == (set() if operation["x-who"] == "public" else known)


def test_no_line_is_about_a_door_that_is_gone(app: Flask) -> None:
    lines = {f"{resource}.{handler}" for resource, handlers in SUMMARIES.items() for handler in handlers}
    assert lines <= set(app.view_functions)


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


# --- what is answered -----------------------------------------------------------------------------


def readers(route: Route, there: Everything) -> list[str | None]:
    """Two whom POLICY lets pass, one whom it does not, and a visitor."""
    told = {who: refusal(Actor(Person.objects.get(pk=there.ours[who].id)), route, there) for who in ROLES}
    passing = [who for who, status in told.items() if status is None]
    refused = [who for who, status in told.items() if status is not None]
    return [*passing[:2], *refused[:1], None]


@pytest.mark.parametrize("resource", [resource.doors.name for resource in RESOURCES])
def test_whatever_is_asked_the_answer_is_one_that_the_document_describes(
    app: Flask, there: Everything, document: dict[str, Any], resource: str
) -> None:
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, app)
    tried, broken = 0, []
    for route in routes(app):
        if not route.endpoint.startswith(f"{resource}.") or route.method in ("HEAD", "OPTIONS"):
            continue
        operation = schema[template(route)][route.method]
        known = {"path_parameters": {name: _value(name, there) for name in route.parameters} or None}
        cases = st.one_of(
            operation.as_strategy(generation_mode=GenerationMode.POSITIVE, **known),
            operation.as_strategy(generation_mode=GenerationMode.NEGATIVE, **known),
        )
        for who in readers(route, there):
            try:
                tried += _try(there, route, cases, who)
            except FailureGroup as failures:
                broken.append(f"{route} as {who}: {failures}")
    assert not broken, "\n".join(broken)
    assert tried > 0


def _value(name: str, there: Everything) -> str:
    return PLAIN[name] if name in PLAIN else str(there.things[name].id)


def _try(there: Everything, route: Route, cases: Any, who: str | None) -> int:
    tried = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def answers(case: Case) -> None:
        nonlocal tried
        headers = {"If-Match": f'"{revision(route, there)}"', "Idempotency-Key": fresh_key()}
        if who is not None:
            headers["Authorization"] = f"Bearer {there.tokens[who]}"
        case.headers.update(headers)
        answer = case.call()
        case.validate_response(answer, checks=[not_a_server_error, *DESCRIBED])
        tried += 1
        if route.method not in SAFE and answer.status_code < 300:
            there.restore()

    answers()
    return tried
