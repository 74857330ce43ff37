"""Answers held against the OpenAPI document: one that it does not describe fails the test that hears it."""

from __future__ import annotations

from typing import Any

import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from schemathesis import Case
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from tests.support.api.requests import API
from tests.support.api.routes import routes, template

DOCUMENT = f"{API}/openapi.json"
DESCRIBED = [
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


class HeldToTheDocument(FlaskClient):
    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        answer = super().open(*args, **kwargs)
        case = self._case(answer.request.method, answer.request.path)
        if case is not None:
            case.validate_response(answer, checks=DESCRIBED)
        return answer

    def _case(self, method: str, path: str) -> Case | None:
        """None for what is not a door: an unknown address, the document itself, OPTIONS, HEAD."""
        try:
            rule, named = self.application.url_map.bind("").match(path, method, return_rule=True)
        except HTTPException:
            return None
        operation = _operations(self.application).get(f"{method} {rule.rule}")
        return (
            operation.Case(path_parameters={name: str(value) for name, value in named.items()}) if operation else None
        )


def _operations(app: Flask) -> dict[str, Any]:
    """{method and rule: operation}, read once per application."""
    found: dict[str, Any] = app.extensions.setdefault("described_operations", {})
    if not found:
        schema = schemathesis.openapi.from_dict(FlaskClient(app).get(DOCUMENT).json)
        paths = schema.raw_schema["paths"]
        for route in routes(app):
            if route.method.lower() in paths.get(template(route), {}):
                found[str(route)] = schema[template(route)][route.method]
    return found
