"""How a test speaks to the service: paths under /api/v1, a fresh Idempotency-Key per creation, If-Match per change."""

from __future__ import annotations

import itertools
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

API = "/api/v1"
_keys = (f"intention-{number}" for number in itertools.count(1))


def fresh_key() -> str:
    """An Idempotency-Key that no other request of this run uses."""
    return next(_keys)


def get(client: FlaskClient, path: str, **query: Any) -> TestResponse:
    return client.get(f"{API}{path}", query_string=query)


def ask(client: FlaskClient, path: str, json: Any = None, **headers: str) -> TestResponse:
    """POST to a door that needs neither key nor revision."""
    return client.post(f"{API}{path}", json=json, headers=_named(headers))


def post_new(client: FlaskClient, path: str, json: Any, key: str | None = None) -> TestResponse:
    """POST that creates, under `key` or a fresh one."""
    return client.post(f"{API}{path}", json=json, headers={"Idempotency-Key": key or fresh_key()})


def change(client: FlaskClient, method: str, path: str, revision: int, json: Any = None) -> TestResponse:
    """PATCH, PUT, DELETE, or POST that acts, on the revision that was read."""
    return client.open(f"{API}{path}", method=method, json=json, headers={"If-Match": f'"{revision}"'})


def expect_problem(answer: TestResponse, status: int, code: str | None = None) -> Any:
    """The body of a refusal, once it is seen to be whole: RFC 9457, a French sentence, the number of the request."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    body = answer.json
    assert body["status"] == status
    assert body["type"] == f"urn:portfolio-e5:{body['code']}"
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert body["title"] and body["detail"].endswith((".", "!"))
    assert code is None or body["code"] == code, body
    return body


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
