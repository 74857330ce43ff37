"""Thin doors: a route parses, calls one domain function, dumps.

It declares who may use it, or the application does not start.

`If-Match` guards every change of an existing thing; `Idempotency-Key` makes a repeated creation one creation.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from bson import ObjectId
from flask import Flask, Request, g, request
from flask_smorest import Blueprint
from marshmallow import Schema
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from api.http.attempts import Tries
from api.http.idempotency import create_once
from api.http.problems import STATUS, ProblemOut
from api.http.schemas import read_json, represent
from api.http.session import SAFE, ReadOnlyToken, actor, half_known, now
from portfolio.documents.fields import Thing
from portfolio.errors import Forbidden, Invalid, NotFound, PreconditionMissing, Refusal, Stale
from portfolio.policy.actions import Action
from portfolio.policy.permissions import READ, may
from portfolio.policy.relations import SIGN_OFFS_ALONE, Actor

Handler = TypeVar("Handler", bound=Callable[..., Any])
Kind = TypeVar("Kind", bound=Thing)
Shape = type[Schema] | Schema

OCTETS = "application/octet-stream"
PUBLIC = "public"
SIGNED_IN = "signed_in"  # by a password
FOR_ANY_TOKEN = ("accounts.sign_out", "accounts.give_second_factor", "accounts.ask_second_factor")
ANY_SIGN_IN = "any_sign_in"  # also by a link or a code of a mail, which opens sign-offs alone
HALF_KNOWN = "half_known"  # a password was given, the digits of an authenticator may be owed

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


class OutOfALink(Forbidden):
    code = "password_needed"
    detail = (
        "Vous êtes venu par un lien ou un code : il n'ouvre que vos confirmations. "
        "Pour ouvrir cette page, connectez-vous avec votre mot de passe."
    )


class NotOctets(Refusal):
    code = "octets_expected"
    detail = "Envoyez les octets eux-mêmes (Content-Type: application/octet-stream)."


STATUS[NotOctets] = (415, "Type d'envoi inattendu")


class BodyParser(FlaskParser):
    """Hands a body to the schema of its route; remembers it, since a 412 shows it again."""

    def load_json(self, req: Request, schema: Any) -> Any:
        g.request_json = read_json(req)
        return g.request_json


class Routes(Blueprint):
    """Routes of one resource. Handlers receive `by`, `at`, the path's ids, and what they take."""

    ARGUMENTS_PARSER = BodyParser()

    def reads(
        self, rule: str, who: Action | str, gives: Shape, *, title: str, query: Shape | None = None
    ) -> Callable[[Handler], Handler]:
        """Returns a decorator that routes GET of a thing or a list. who: the action that is required, or one of the
        words for any reader. gives: schema of the answer. query: schema of the query string, passed as `asked`. title:
        in French.
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
        self,
        method: str,
        rule: str,
        who: Action | str,
        *,
        gives: Shape | dict[str, str] | None,
        title: str,
        takes: Shape | None = None,
        query: Shape | None = None,
        status: int = 200,
        single: bool = False,
        guarded: bool = False,
        raw: bool = False,
        content_type: str | None = None,
        tries: Tries | None = None,
    ) -> Callable[[Handler], Handler]:
        def declare(handler: Handler) -> Handler:
            @functools.wraps(handler)
            def view(*loaded: Any, **path: Any) -> Any:
                names = [name for name, schema in (("asked", query), ("values", takes)) if schema is not None]
                given = {**path, **dict(zip(names, loaded, strict=True))}
                if who != PUBLIC:
                    given["by"] = admitted(who)
                if guarded:
                    given["expected"] = _expected_revision()
                call = functools.partial(handler, at=now(), **given)
                thing = _once(call) if single else _shown_when_stale(call)
                return _with_headers(thing, status)

            dressed = self.response(status, gives, content_type=content_type)(view)
            dressed = self.alt_response(
                "default", schema=ProblemOut, content_type="application/problem+json", description="refus (RFC 9457)"
            )(dressed)
            dressed = self.doc(summary=title, **_documentation(who, single, guarded, raw))(dressed)
            if takes is not None:
                dressed = self.arguments(takes)(dressed)
            if query is not None:
                dressed = self.arguments(query, location="query")(dressed)
            dressed._apidoc.get("arguments", {}).pop("responses", None)  # the refusals are described already
            limited = limits_of(who, method, tries, f"{self.name}.{handler.__name__}")
            self.route(rule, methods=[method])(_admitting(dressed, who, limited, raw))
            return handler

        return declare


def admitted(who: Action | str) -> Actor:
    """Returns who is signed in, if the way they signed in opens this route: a link opens a tutor's sign-offs alone, a
    token for reading no act.

    Raises Unauthenticated, SecondFactorNeeded, OutOfALink, ReadOnlyToken.
    """
    by = half_known() if who == HALF_KNOWN else actor()
    if by.confined and who != ANY_SIGN_IN and who not in SIGN_OFFS_ALONE:
        raise OutOfALink()
    if by.may_only_read and request.method not in SAFE and request.endpoint not in FOR_ANY_TOKEN:
        raise ReadOnlyToken()
    return by


def limits_of(who: Action | str, method: str, tries: Tries | None, name: str) -> Tries | None:
    """Returns the limits of a route, None if it has none: a public one that does more than read has its own (under
    `name`) unless it names others.
    """
    return (tries or Tries(name)) if who == PUBLIC and method != "GET" else None


def _admitting(view: Callable[..., Any], who: Action | str, tries: Tries | None, raw: bool) -> Callable[..., Any]:
    """Returns the view behind its checks of who asks and how often, made before anything of the body is read. They
    raise what `admitted` and `Tries.take` raise, NotOctets, UnsupportedMediaType.
    """

    @functools.wraps(view)
    def guarded(**path: Any) -> Any:
        if who != PUBLIC:
            admitted(who)
        _refuse_other_media(raw)
        if tries is not None:
            tries.take(now())
        return view(**path)

    guarded.access = who  # type: ignore[attr-defined]
    guarded.limited = tries  # type: ignore[attr-defined]
    return guarded


def _refuse_other_media(raw: bool) -> None:
    """Raises UnsupportedMediaType for a body that is not said to be JSON, also where none is read; NotOctets, of raw
    bytes, for one said not to be octets; first, RequestEntityTooLarge for one that is, as the proxy in front tells it.
    """
    if not (request.content_length or request.headers.get("Transfer-Encoding")):
        return
    if raw and request.mimetype not in ("", OCTETS):
        raise NotOctets()
    most = request.max_content_length
    if not raw and most is not None and (request.content_length or 0) > most:
        raise RequestEntityTooLarge()
    if not raw and not request.is_json:
        raise UnsupportedMediaType()


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
    thing = kind.objects(pk=thing_id).first()
    if thing is None:
        raise NotFound()
    if expected is not None and thing.revision != expected:
        raise Stale(thing, expected=expected, current=thing.revision)
    return thing


def refuse_undeclared(app: Flask) -> None:
    """Raises RuntimeError for a route that does not declare who may use it, so that the application does not start."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.endpoint not in app.config["OPEN_ENDPOINTS"] and not hasattr(view, "access"):
            raise RuntimeError(f"{rule} does not declare who may use it")
