"""Everything a candidate can ask of the service, asked: every route, every method it accepts, twice over for writes.

They read everything first, as it stands; then they try everything that writes: bodies that the schemas accept, forms as
their own pages show them, forms as the pages of others show them; then they read their own pages again.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import Flask

from portfolio.documents import Person
from portfolio.ids import repeatable
from tests.support.worlds.world import PDF, World
from tests.walks.shown import Form, shown

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
API, HTML, PROBLEM = "/api/", {"Accept": "text/html"}, {"Accept": "application/json"}
# A presigned link is dated by the S3 client's own clock, a static file by the machine's: neither is ours to set.
DATED = re.compile(r"X-Amz-(?:Date|Signature|Credential)=[^&\"]+")
# Drawn for one browser and one session, by Flask-WTF's own generator.
DRAWN = re.compile(r'(name="csrf_token" value|data-token)="[^"]+"')

Answer = tuple[str, int, tuple[tuple[str, str], ...], bytes]


@dataclass
class Known:
    """What the candidate may have heard of, the same in every world.

    ids: {path parameter: values to try}. revisions: {id: of that thing}. forms: that others are shown.
    """

    ids: dict[str, list[str]]
    revisions: dict[str, int] = field(default_factory=dict)
    forms: list[Form] = field(default_factory=list)

    def revision(self, path: str) -> int:
        """Of the thing that the address names."""
        return next((self.revisions[part] for part in reversed(path.split("/")) if part in self.revisions), 1)


class Probe:
    """One candidate, in one world. heard: every answer, in order."""

    def __init__(self, app: Flask, candidate: Person, known: Known, clock: Any) -> None:
        self.app, self.candidate, self.known, self.clock = app, candidate, known, clock
        self.client = app.test_client()
        self.heard: list[Answer] = []
        self.addresses: set[str] = set()
        self.own: list[str] = []
        self.forms: dict[str, Form] = {}

    def ask_everything(self) -> list[Answer]:
        self.look()
        for method, path in dict.fromkeys(_asked(self.app, self.known.ids, UNSAFE)):
            if path.startswith(API):
                for body in _bodies(self.document, method, path, self.known.ids):
                    self._write(method, path, body)
            elif path not in {form.action for form in self._forms()}:
                self._send(Form(path))
        for form in self._forms():
            self._send(form)
        for path in list(self.own):
            self._read("GET", path, "once everything was tried")
        return self.heard

    def look(self) -> list[Answer]:
        """Reads only."""
        self._come_in()
        for method, path in dict.fromkeys(_asked(self.app, self.known.ids, ("GET", "HEAD", "OPTIONS"))):
            if method == "GET" or path.startswith(API):
                self._read(method, path)
        for address in sorted(self.addresses):
            self._read("GET", address)
        return self.heard

    def look_at_pages(self) -> None:
        """Of what they read, only pages and where these lead: what has forms."""
        self._come_in()
        for _, path in dict.fromkeys(_asked(self.app, self.known.ids, ("GET",))):
            if not path.startswith(API):
                self._read("GET", path)
        for address in sorted(self.addresses):
            if not address.startswith(API):
                self._read("GET", address)

    def _come_in(self) -> None:
        with repeatable("the candidate's browser"):
            self.bearer = self._bearer()

    @cached_property
    def document(self) -> Any:
        return self.client.get("/api/v1/openapi.json").json

    def _forms(self) -> list[Form]:
        """Their own first: what the page really shows them."""
        return list(({form.name: form for form in self.known.forms} | self.forms).values())

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {World.token_for(self.candidate, self.clock())}"}

    def _read(self, method: str, path: str, when: str = "") -> None:
        said = f"{method} {path} {when}".rstrip()
        headers = self.bearer | ({} if path.startswith(API) else HTML)
        with repeatable(said):
            status, body = self._hear(said, method, path, headers=headers)
        if method == "GET" and status == 200 and body.startswith(b"<!doctype html>") and not when:
            self.own.append(path)
            forms, addresses = shown(path, body.decode())
            self.forms |= {form.name: form for form in reversed(forms)}
            self.addresses |= set(addresses)

    def _write(self, method: str, path: str, body: Any) -> None:
        """A second time at the revision that the refusal showed or that the thing has: the domain refuses too."""
        said = f"{method} {path} {body!r}"
        with repeatable(said):
            fresh = self._bearer() | {"Idempotency-Key": hashlib.sha256(said.encode()).hexdigest()}
            headers = fresh | {"If-Match": '"1"'}
            status, told = self._hear(f"{said} first", method, path, headers=headers, json=body)
            revision = json.loads(told)["current"]["revision"] if status == 412 else self.known.revision(path)
            if revision != 1:
                headers = fresh | {"If-Match": f'"{revision}"'}
                self._hear(f"{said} again", method, path, headers=headers, json=body)

    def _send(self, form: Form) -> None:
        """As a browser does; and as one of our modules does, where it is one that sends."""
        said = f"POST {form.name} {form.fields} {form.files}"
        fields = {"_revision": str(self.known.revision(form.action)), "_form": "unknown"}
        fields |= {"_once": hashlib.sha256(said.encode()).hexdigest()}
        data: dict[str, Any] = {name: [value] for name, value in fields.items()}
        for name, value in form.fields:
            data[name] = [value] if name in fields else [*data.get(name, []), value]
        data |= {name: (io.BytesIO(PDF), "un.pdf") for name in form.files}
        with repeatable(said):
            headers = self._bearer() | (HTML if form.fields else PROBLEM)
            self._hear(said, "POST", form.action, headers=headers, data=data)

    def _hear(self, said: str, method: str, path: str, **sent: Any) -> tuple[int, bytes]:
        with self.app.test_client().open(path, method=method, **sent) as answer:
            told = tuple(sorted(self._header(*pair) for pair in answer.headers.items() if pair[0] != "Date"))
            body = _undated(answer.data)
            self.heard.append((said, answer.status_code, told, body))
            return answer.status_code, body

    def _header(self, name: str, value: str) -> tuple[str, str]:
        """A session by what it holds (messages for the next page), not by its signature, which is dated."""
        drawn, equals, rest = value.partition("=")
        if name != "Set-Cookie" or drawn != self.app.config["SESSION_COOKIE_NAME"]:
            return name, DATED.sub("", value)
        sealed, semicolon, how = rest.partition(";")
        signer: Any = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        held = {key: held for key, held in (signer.loads(sealed) if sealed else {}).items() if key != "csrf_token"}
        return name, f"{drawn}{equals}{held}{semicolon}{how}"


def _undated(body: bytes) -> bytes:
    try:
        return DRAWN.sub(r"\1", DATED.sub("", body.decode())).encode()
    except UnicodeDecodeError:
        return body


def _asked(app: Flask, ids: dict[str, list[str]], methods: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        names = re.findall(r"<(?:[a-z]+:)?([a-z_]+)>", rule.rule)
        values = [ids[name] for name in names]
        for path in _paths(rule.rule, names, values):
            for method in sorted(rule.methods or ()):
                if method in methods:
                    yield method, path


def _paths(rule: str, names: list[str], values: list[list[str]]) -> Iterator[str]:
    if not names:
        yield rule
        return
    for value in values[0]:
        filled = re.sub(r"<(?:[a-z]+:)?" + names[0] + ">", value, rule, count=1)
        yield from _paths(filled, names[1:], values[1:])


def _bodies(document: Any, method: str, path: str, ids: dict[str, list[str]]) -> list[Any]:
    """An empty body, and one that the schema accepts, so that the refusal comes from the domain."""
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
    accepted = sample(document, schema, ids["candidacy_id"][0]) if schema else {}
    return [{}, accepted] if accepted else [{}]


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
    """What was asked where the two worlds answer differently, with both answers; what only one of them led to ask."""
    yours = {answer[0]: answer[1:] for answer in other}
    assert len(yours) == len(other), "each thing is asked once"
    found = [f"only in one world: {said}" for said in yours.keys() ^ {answer[0] for answer in one}]
    for said, *mine in one:
        if said in yours and tuple(mine) != yours[said]:
            told = [said, mine[0], str(mine[1:])[:1500], yours[said][0], str(yours[said][1:])[:1500]]
            found.append(json.dumps(told, indent=1))
    return found
