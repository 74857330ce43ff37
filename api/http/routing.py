"""Thin doors: a route parses, calls one domain function, dumps.

It declares who may use it, or the application does not start.

`If-Match` guards every change of an existing thing; `Idempotency-Key` makes a repeated creation one creation.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Required, TypedDict, TypeVar, Unpack

from bson import ObjectId
from flask import Flask, Request, g, request
from flask_smorest import Blueprint
from marshmallow import Schema
from webargs.flaskparser import FlaskParser

from api.http.admission import OCTETS, PUBLIC, RouteView, admitted, admitting, limits_of
from api.http.attempts import Tries
from api.http.idempotency import create_once
from api.http.problems import ProblemOut
from api.http.schemas import read_json, represent
from api.http.session import actor, now
from portfolio.documents.fields import Thing, keep, kept
from portfolio.errors import Invalid, NotFound, PreconditionMissing, Stale
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may
from portfolio.policy.reading import READ

Handler = TypeVar("Handler", bound=Callable[..., Any])
Kind = TypeVar("Kind", bound=Thing)
Shape = type[Schema] | Schema
Described = Shape | dict[str, str] | None


_IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
    "description": "la révision lue (ETag)",
}
_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "schema": {"type": "string", "minLength": 8, "maxLength": 100, "pattern": "^[A-Za-z0-9_-]+$"},
    "description": "une valeur au hasard par intention : la même demande deux fois n'agit qu'une fois",
}


class BodyParser(FlaskParser):
    """Hands a body to the schema of its route; remembers it, since a 412 shows it again."""

    def load_json(self, req: Request, schema: Any) -> Any:
        g.request_json = read_json(req)
        return g.request_json


class _Terms(TypedDict, total=False):
    """What a route says of itself. gives, takes, query: schemas of the answer, the body, the query string.
    single: once per Idempotency-Key. guarded: by If-Match. raw: takes bytes.
    """

    gives: Required[Described]
    title: Required[str]
    takes: Shape | None
    query: Shape | None
    status: int
    single: bool
    guarded: bool
    raw: bool
    content_type: str | None
    tries: Tries | None


class Routes(Blueprint):
    """Routes of one resource. Handlers receive `by`, `at`, the path's ids, and what they take."""

    ARGUMENTS_PARSER = BodyParser()

    def reads(
        self, rule: str, who: Action | str, gives: Shape, *, title: str, query: Shape | None = None
    ) -> Callable[[Handler], Handler]:
        """Returns a decorator that routes GET of a thing or a list. rule: the address. who: the action that is
        required, or one of the words for any reader. gives: schema of the answer. query: schema of the query string,
        passed as `asked`. title: in French.
        """
        return self._route("GET", rule, who, gives=gives, query=query, title=title)

    def tells(self, rule: str, who: Action | str, *, title: str) -> Callable[[Handler], Handler]:
        """Returns a decorator that routes GET answered by its headers alone: the handler returns a Response of status
        204. who, title: as for `reads`.
        """
        return self._route("GET", rule, who, gives=None, status=204, title=title)

    def creates(
        self, rule: str, who: Action | str, gives: Shape, *, title: str, takes: Shape | None = None
    ) -> Callable[[Handler], Handler]:
        """Returns a decorator that routes POST that makes a new thing: 201, once per Idempotency-Key. takes: schema of
        the body, passed as `values`. The others: as for `reads`.
        """
        return self._route("POST", rule, who, gives=gives, takes=takes, status=201, single=True, title=title)

    def changes(
        self,
        rule: str,
        who: Action | str,
        gives: Shape,
        *,
        title: str,
        takes: Shape | None = None,
        method: str = "PATCH",
    ) -> Callable[[Handler], Handler]:
        """Returns a decorator that routes a change of the thing in the address, guarded by If-Match: the handler
        receives `expected`, the revision seen. The others: as for `creates`.
        """
        return self._route(method, rule, who, gives=gives, takes=takes, guarded=True, title=title)

    def acts(
        self, rule: str, who: Action | str, gives: Shape, *, title: str, takes: Shape | None = None
    ) -> Callable[[Handler], Handler]:
        """Returns a decorator that routes POST that moves the thing in the address to another state, guarded by
        If-Match: the handler receives `expected`, the revision seen. The others: as for `creates`.
        """
        return self._route("POST", rule, who, gives=gives, takes=takes, guarded=True, title=title)

    def asks(
        self,
        rule: str,
        who: Action | str,
        gives: Shape,
        *,
        title: str,
        takes: Shape | None = None,
        tries: Tries | None = None,
    ) -> Callable[[Handler], Handler]:
        """Returns a decorator that routes POST that needs neither guard nor key: repeating it is harmless, and its
        docstring says why. tries: of a public door that shares its budgets with others; a public door has its own by
        default. The others: as for `creates`.
        """
        return self._route("POST", rule, who, gives=gives, takes=takes, tries=tries, title=title)

    def sends(self, rule: str, who: Action | str, gives: Shape, *, title: str) -> Callable[[Handler], Handler]:
        """Returns a decorator that routes PUT of raw bytes: sending them again replaces them. who, gives, title: as for
        `reads`.
        """
        return self._route("PUT", rule, who, gives=gives, raw=True, title=title)

    def files(
        self,
        rule: str,
        who: Action | str,
        media_type: str,
        *,
        title: str,
        query: Shape | None = None,
        recorded: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Returns a decorator that routes GET of bytes, or POST if it is recorded (a GET writes nothing). The handler
        returns a Response of this media type. The others: as for `reads`.
        """
        gives = {"type": "object"} if media_type == "application/json" else {"type": "string", "format": "binary"}
        method = "POST" if recorded else "GET"
        return self._route(method, rule, who, gives=gives, query=query, content_type=media_type, title=title)

    def _route(
        self, method: str, rule: str, who: Action | str, **terms: Unpack[_Terms]
    ) -> Callable[[Handler], Handler]:
        """Returns a decorator that routes a method of an address to a handler: described, limited, and admitting
        `who`.
        """
        single, guarded, raw = terms.get("single", False), terms.get("guarded", False), terms.get("raw", False)

        def declare(handler: Handler) -> Handler:
            dressed = self._described(_served(handler, who, terms), terms)
            dressed = self.doc(summary=terms["title"], **_documentation(who, single, guarded, raw))(dressed)
            limited = limits_of(who, method, terms.get("tries"), f"{self.name}.{handler.__name__}")
            self.route(rule, methods=[method])(admitting(dressed, who, limited, raw))
            return handler

        return declare

    def _described(self, view: RouteView, terms: _Terms) -> RouteView:
        """Returns the view with what the document says that it takes and gives; it is called with what it takes."""
        content_type = terms.get("content_type")
        dressed: Any = self.response(terms.get("status", 200), _shared(terms["gives"]), content_type=content_type)(view)
        dressed = self.alt_response(
            "default",
            schema=_shared(ProblemOut),
            content_type="application/problem+json",
            description="refus (RFC 9457)",
        )(dressed)
        if (takes := terms.get("takes")) is not None:
            dressed = self.arguments(_shared(takes))(dressed)
        if (query := terms.get("query")) is not None:
            dressed = self.arguments(_shared(query), location="query")(dressed)
        dressed._apidoc.get("arguments", {}).pop("responses", None)  # the refusals are described already
        described: RouteView = dressed
        return described


def _shared(shape: Described) -> Described:
    """Returns what a route declares, ready for the document: a schema made once for all routes that name its class."""
    if isinstance(shape, type):
        return _made_once(shape)
    return _never_copied(shape) if isinstance(shape, Schema) else shape


@functools.cache
def _made_once(kind: type[Schema]) -> Schema:
    return _never_copied(kind())


def _never_copied(schema: Schema) -> Schema:
    """Returns the same schema, which stands for its own copies: each decorator of a route copies whole what those
    before it have said, and a fifth of the start went into copies of schemas that nothing changes.
    """
    vars(schema)["__deepcopy__"] = lambda _copied: schema
    return schema


def _served(handler: Handler, who: Action | str, terms: _Terms) -> RouteView:
    """Returns the view of a handler: what was asked and sent, who asks, and the revision seen, under their names."""
    loaded_names = [name for name, schema in (("asked", "query"), ("values", "takes")) if terms.get(schema) is not None]

    @functools.wraps(handler)
    def view(*loaded: Any, **path: Any) -> Any:
        given = {**path, **dict(zip(loaded_names, loaded, strict=True))}
        if who != PUBLIC:
            given["by"] = admitted(who)
        if terms.get("guarded"):
            given["expected"] = _expected_revision()
        call = functools.partial(handler, at=now(), **given)
        thing = _once(call) if terms.get("single") else _shown_when_stale(call)
        return _with_headers(thing, terms.get("status", 200))

    return view


def _documentation(who: Action | str, single: bool, guarded: bool, raw: bool) -> dict[str, Any]:
    parameters = ([_IF_MATCH] if guarded else []) + ([_KEY] if single else [])
    documented: dict[str, Any] = {"x-who": str(who)}
    if parameters:
        documented["parameters"] = parameters
    if raw:
        octets = {"schema": {"type": "string", "format": "binary"}}
        documented["requestBody"] = {"required": True, "content": {OCTETS: octets}}
    if who == PUBLIC:
        documented["security"] = []
    return documented


def _with_headers(thing: Any, status: int) -> Any:
    revision = getattr(thing, "revision", None)
    return (thing, status, {"ETag": f'"{revision}"'}) if isinstance(revision, int) else thing


def _expected_revision() -> int:
    header = request.headers.get("If-Match")
    if header is None:
        raise PreconditionMissing(header="If-Match", why="relisez l'élément et renvoyez son ETag.")
    number = header.strip().removeprefix("W/").strip('"')
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Invalid({"If-Match": ['Révision attendue entre guillemets, par exemple "3".']})
    return int(number)


def _shown_when_stale(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Stale as stale:
        if not may(actor(), READ[type(stale.thing)], stale.thing):
            raise NotFound() from stale
        stale.shown = represent(stale.thing)
        raise


def _once(call: Callable[[], Any]) -> Any:
    """Returns what the creation made, now or with the same key before. The key is committed with the thing itself.
    Raises PreconditionMissing, Invalid on `Idempotency-Key`, and what `create_once` raises.
    """
    header = request.headers.get("Idempotency-Key")
    if header is None:
        raise PreconditionMissing(header="Idempotency-Key", why="une valeur au hasard pour cette intention.")
    if not (8 <= len(header) <= 100 and header.isascii() and header.replace("-", "").replace("_", "").isalnum()):
        raise Invalid({"Idempotency-Key": ["De 8 à 100 lettres, chiffres, tirets."]})
    demand = f"{request.method} {request.full_path}\n".encode() + request.get_data()
    return create_once(actor(), header, demand, lambda: _shown_when_stale(call))


def find(kind: type[Kind], thing_id: ObjectId, expected: int | None = None) -> Kind:
    """Returns the thing of this kind and id. expected: the revision that the reader saw, if it matters. Raises
    NotFound, Stale. Rights are the domain's to check.
    """
    thing = kept(kind, thing_id) or kind.objects(pk=thing_id).first()
    if thing is None:
        raise NotFound()
    keep(thing)
    if expected is not None and thing.revision != expected:
        raise Stale(thing, expected=expected, current=thing.revision)
    return thing


def refuse_undeclared(app: Flask) -> None:
    """Raises RuntimeError for a route that does not declare who may use it, so that the application does not start."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.endpoint not in app.config["OPEN_ENDPOINTS"] and not hasattr(view, "access"):
            raise RuntimeError(f"{rule} does not declare who may use it")
