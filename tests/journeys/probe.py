"""Everything a candidate can ask of the service, asked: every route, every method it accepts, twice over for writes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import Flask

from portfolio.documents import Person
from portfolio.entropy import repeatable
from tests.world import World

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# A presigned link is dated by the S3 client's own clock, a static file by the machine's: neither is ours to set.
DATED = re.compile(rb"X-Amz-(?:Date|Signature|Credential)=[^&\"]+")

Answer = tuple[str, int, tuple[tuple[str, str], ...], bytes]


def answers(
    app: Flask, candidate: Person, ids: dict[str, list[str]], clock: Any, only: str | None = None
) -> list[Answer]:
    """(what was asked, status, headers, body), in order. ids: {path parameter: values to try}. only: one method."""
    document = app.test_client().get("/api/v1/openapi.json").json
    heard = []
    for method, path in _asked(app, ids):
        if only in (None, method):
            for body in _bodies(document, app, method, path, ids):
                heard += _heard(app, candidate, clock(), (method, path, body))
    return heard


def _heard(app: Flask, candidate: Person, at: datetime, asked: tuple[str, str, Any]) -> list[Answer]:
    """One answer; a second one, at the revision that the first refusal showed, so that the domain refuses too."""
    method, path, body = asked
    said = f"{method} {path} {body!r}"
    heard: list[Answer] = []
    with repeatable(said):
        fresh = {"Authorization": f"Bearer {World.token_for(candidate, at)}"}
        fresh["Idempotency-Key"] = hashlib.sha256(said.encode()).hexdigest()
        revision = 1
        for attempt in ("first", "again"):
            headers = fresh | {"If-Match": f'"{revision}"'}
            with app.test_client().open(path, method=method, headers=headers, json=body) as answer:
                told = tuple(sorted(pair for pair in answer.headers.items() if pair[0] != "Date"))
                heard.append((f"{said} {attempt}", answer.status_code, told, DATED.sub(b"", answer.data)))
                if answer.status_code != 412 or not answer.is_json:
                    break
                revision = answer.get_json()["current"]["revision"]
    return heard


def _asked(app: Flask, ids: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        names = re.findall(r"<(?:[a-z]+:)?([a-z_]+)>", rule.rule)
        values = [ids[name] for name in names]
        for path in _paths(rule.rule, names, values):
            for method in sorted(rule.methods or ()):
                if method in ("GET", "HEAD", "OPTIONS", *UNSAFE):
                    yield method, path


def _paths(rule: str, names: list[str], values: list[list[str]]) -> Iterator[str]:
    if not names:
        yield rule
        return
    for value in values[0]:
        filled = re.sub(r"<(?:[a-z]+:)?" + names[0] + ">", value, rule, count=1)
        yield from _paths(filled, names[1:], values[1:])


def _bodies(document: Any, app: Flask, method: str, path: str, ids: dict[str, list[str]]) -> list[Any]:
    """An empty body, and one that the schema accepts, so that the refusal comes from the domain."""
    if method not in UNSAFE:
        return [None]
    template = next(
        (
            one
            for one in document["paths"]
            if re.fullmatch(
                re.sub(r"\{[a-z_]+\}", "[^/]+", re.escape(one).replace(r"\{", "{").replace(r"\}", "}")), path
            )
        ),
        None,
    )
    operation = document["paths"].get(template, {}).get(method.lower(), {}) if template else {}
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    return [{}, sample(document, schema, ids["candidacy_id"][0])] if schema else [{}]


def sample(document: Any, schema: Any, an_id: str) -> Any:
    """A value that the schema accepts."""
    if "$ref" in schema:
        return sample(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], an_id)
    if "enum" in schema:
        return next(choice for choice in schema["enum"] if choice is not None)
    kind = schema.get("type", "object")
    kind = next(one for one in kind if one != "null") if isinstance(kind, list) else kind
    if kind == "object":
        wanted = schema.get("required", [])
        return {
            name: sample(document, one, an_id) for name, one in schema.get("properties", {}).items() if name in wanted
        }
    if kind == "array":
        return [sample(document, schema.get("items", {"type": "string"}), an_id)] * max(schema.get("minItems", 0), 0)
    if kind in ("integer", "number"):
        return max(1, schema.get("minimum", 1))
    if kind == "boolean":
        return True
    return _text(schema, an_id)


def _text(schema: Any, an_id: str) -> str:
    if schema.get("pattern") == "^[0-9a-f]{24}$":
        return an_id
    if schema.get("format") == "date-time":
        return "2027-04-12T12:00:00+00:00"
    if schema.get("format") == "date":
        return "2027-04-12"
    if schema.get("format") == "byte":
        return "YWFh"
    return "a" * min(max(3, schema.get("minLength", 3)), schema.get("maxLength", 3))


def differences(one: list[Answer], other: list[Answer]) -> list[str]:
    """What was asked where the two worlds answer differently, with both answers."""
    assert [answer[0] for answer in one] == [answer[0] for answer in other]
    found = []
    for mine, yours in zip(one, other, strict=True):
        if mine[1:] != yours[1:]:
            found.append(
                json.dumps([mine[0], mine[1], str(mine[2:])[:1500], yours[1], str(yours[2:])[:1500]], indent=1)
            )
    return found
