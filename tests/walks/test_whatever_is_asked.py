"""Whatever is asked of the API, the answer is one that its OpenAPI document describes."""

from __future__ import annotations

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
from portfolio.documents import Person
from portfolio.policy.relations import Actor
from tests.support.api.described import DESCRIBED, DOCUMENT
from tests.support.api.requests import fresh_key
from tests.support.api.routes import PLAIN, SAFE, Route, refusal, revision, routes, template
from tests.support.api.worlds import Everything

ROLES = (
    "candidate",
    "follower who sits",
    "tutor who sits",
    "office",
    "jury",
    "administrator",
    "inspector",
    "support",
    "exam_service",
)
EXAMPLES = 3


def readers(route: Route, there: Everything) -> list[str | None]:
    """Two whom POLICY lets pass, one whom it does not, and a visitor."""
    told = {who: refusal(Actor(Person.objects.get(pk=there.ours[who].id)), route, there) for who in ROLES}
    passing = [who for who, status in told.items() if status is None]
    refused = [who for who, status in told.items() if status is not None]
    return [*passing[:2], *refused[:1], None]


@pytest.mark.parametrize("resource", [resource.routes.name for resource in RESOURCES])
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
