"""Pages: a view reads and shows, an act posts, writes, and sends the reader elsewhere.

It declares who may use it, or the site does not start. An act that is refused shows its own page again, with what was
typed and why it was refused: nothing is lost. The forms load the same schemas as the routes of the API.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from bson import ObjectId
from flask import Blueprint, Response, g, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, validate_csrf
from wtforms.validators import ValidationError

from api.http.admission import PUBLIC, OutOfALink, admitted, limits_of
from api.http.attempts import Tries
from api.http.idempotency import create_once
from api.http.problems import STATUS
from api.http.routing import Handler, Kind, find
from api.http.session import SecondFactorNeeded, actor, now
from portfolio.documents.fields import reading_once
from portfolio.errors import Forbidden, NotFound, Refusal, Stale, Unauthenticated
from portfolio.evidence import drafts
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.reading import READ
from portfolio.policy.relations import Actor
from web.terms import READERS

View = Callable[..., Any]

FORM, REVISION, ONCE, CSRF = "_form", "_revision", "_once", "csrf_token"
PAGE_FIELDS = (FORM, REVISION, ONCE, CSRF)
BESIDE_A_FILE = 100_000  # bytes of a form that carries a file: its other fields, and what frames it


class OthersPage(Forbidden):
    code = "page_of_others"
    detail = "Cette page est celle {whose}."


STATUS[OthersPage] = (403, "Cette page n'est pas la vôtre")


class Pages(Blueprint):
    """Views of one reader. Handlers receive `at`, the path's ids and, unless the page is public, `by`.

    roles: whose pages these are, whatever the address names; none: everybody's, and POLICY alone decides.
    of_a_commission: a tutor whose code no longer counts is asked for another one, not told that nothing is there.
    """

    def __init__(self, name: str, import_name: str, *roles: str, of_a_commission: bool = False) -> None:
        super().__init__(name, import_name)
        self.roles, self.of_a_commission = roles, of_a_commission

    def shows(self, rule: str, who: Action | str) -> Callable[[Handler], Handler]:
        """Returns a decorator that declares a GET, which reads and changes nothing. rule: the address. who: the action
        that is required, or one of the words for any reader.
        """

        def declare(handler: Handler) -> Handler:
            self._open(rule, "GET", who, handler, handler.__name__)
            handler.endpoint = f"{self.name}.{handler.__name__}"  # type: ignore[attr-defined]
            return handler

        return declare

    def acts(
        self, rule: str, who: Action | str, *, back: View, tries: Tries | None = None, carries: int = 0
    ) -> Callable[[Handler], Handler]:
        """Returns a decorator that declares a POST: the handler does one thing and returns where to go next (an
        address, or a Response). who: as for `shows`. back: the view shown again when it is refused; it receives those
        of the path's ids that it takes. tries: of a public act that shares its budgets with others; a public act has
        its own by default. carries: the most bytes of a file in the form, beside its other fields.
        """

        def declare(handler: Handler) -> Handler:
            limited = limits_of(who, "POST", tries, f"{self.name}.{handler.__name__}")

            @functools.wraps(handler)
            def act(**arguments: Any) -> ResponseReturnValue:
                return _act_or_show_refusal(handler, back, arguments, limited)

            act.limited = limited  # type: ignore[attr-defined]
            self._open(rule, "POST", who, act, f"{handler.__name__}_act", back, carries)
            return handler

        return declare

    def sends(self, rule: str, who: Action | str) -> Callable[[Handler], Handler]:
        """Returns a decorator that declares a POST by one of our modules, answered in JSON: a refusal is a problem (RFC
        9457), not a page. who: as for `shows`.
        """

        def declare(handler: Handler) -> Handler:
            @functools.wraps(handler)
            def send(**arguments: Any) -> ResponseReturnValue:
                check_csrf()
                answer: ResponseReturnValue = handler(**arguments)
                return answer

            self._open(rule, "POST", who, send, f"{handler.__name__}_send")
            return handler

        return declare

    def _open(
        self,
        rule: str,
        method: str,
        who: Action | str,
        call: View,
        endpoint: str,
        back: View | None = None,
        carries: int = 0,
    ) -> None:
        def view(**path: Any) -> ResponseReturnValue:
            if carries:  # before anything of the form is read
                request.max_content_length = carries + BESIDE_A_FILE
            known = {} if who == PUBLIC else {"by": self._reader(who)}
            try:
                with reading_once() if method == "GET" else nullcontext():
                    answer: ResponseReturnValue = call(at=now(), **known, **path)
                return answer
            except NotFound:
                if self.of_a_commission and known and owes_a_code(known["by"]):
                    raise SecondFactorNeeded() from None
                raise

        view.access = who  # type: ignore[attr-defined]
        view.back = back  # type: ignore[attr-defined]
        view.limited = getattr(call, "limited", None)  # type: ignore[attr-defined]
        self.add_url_rule(rule, endpoint, view, methods=[method])

    def _reader(self, who: Action | str) -> Actor:
        """Returns who is signed in, if these pages are for them. Raises Unauthenticated, SecondFactorNeeded,
        ReadOnlyToken, OutOfALink; OthersPage to whoever has none of their roles.
        """
        by = admitted(who)
        if self.roles and by.confined:
            raise OutOfALink()
        if self.roles and not any(by.has(role) for role in self.roles):
            raise OthersPage(whose=" et ".join(READERS[role] for role in self.roles))
        return by


def owes_a_code(by: Actor) -> bool:
    """Returns True if a tutor has not confirmed by a code: it counts for two hours, and opens their commissions."""
    return by.has("tutor") and not by.confirmed and not by.confined


def _act_or_show_refusal(
    handler: View, back: View, arguments: dict[str, Any], tries: Tries | None
) -> ResponseReturnValue:
    try:
        check_csrf()
        if tries is not None:
            tries.take(arguments["at"])
        answer: str | Response = handler(**arguments)
    except NotFound:
        raise
    except Refusal as refusal:
        if type(refusal) is Unauthenticated:
            raise
        if isinstance(refusal, Stale) and not may(actor(), READ[type(refusal.thing)], refusal.thing):
            raise NotFound() from refusal
        return _show_refusal(refusal, back, arguments)
    if "by" in arguments and request.form.get(FORM):
        drafts.forget(arguments["by"], request.form[FORM])
    return redirect(answer, 303) if isinstance(answer, str) else answer


def _show_refusal(refusal: Refusal, back: View, arguments: dict[str, Any]) -> Response:
    g.refusal = refusal
    status = next(STATUS[family][0] for family in type(refusal).__mro__ if family in STATUS)
    names = arguments_of(back)
    answer = make_response(back(**{name: value for name, value in arguments.items() if name in names}))
    answer.status_code = status
    if "retry_after" in refusal.facts:
        answer.headers["Retry-After"] = str(refusal.facts["retry_after"])
    if "request_record" in g:
        g.request_record.code = refusal.code
    return answer


def arguments_of(view: View) -> tuple[str, ...]:
    """Returns the names of a view's arguments, in their order."""
    code = view.__code__
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


class FormExpired(Refusal):
    """A reader sees their form again, filled in, and sends it anew."""

    code = "form_expired"
    detail = "Cette page est restée ouverte trop longtemps. Rien n'est perdu : vérifiez, puis envoyez de nouveau."


STATUS[FormExpired] = (400, "Formulaire expiré")


def check_csrf() -> None:
    """Raises FormExpired where the form was not drawn for this session (CSRF); passes a bearer token."""
    if request.headers.get("Authorization", "").lower().startswith("bearer "):
        return  # no page of another site can send this header
    token = request.form.get(CSRF) or request.headers.get("X-CSRF-Token")
    try:
        validate_csrf(token)
    except (ValidationError, CSRFError):
        raise FormExpired() from None


def made_once(by: Actor, make: Callable[[], Kind]) -> Kind:
    """Returns what this form makes, once, however often its button is pressed. The form carries a fresh `_once`. Raises
    FormExpired without it, KeyReused if it came with other values, and what `make` raises.
    """
    key = request.form.get(ONCE, "")
    if not 8 <= len(key) <= 100:
        raise FormExpired()
    values = sorted((name, request.form.getlist(name)) for name in request.form if name not in (CSRF, ONCE))
    made: Kind = create_once(by, key, f"{request.path}{values}".encode(), make)
    return made


def find_unchanged(kind: type[Kind], thing_id: ObjectId, part: str = "revision") -> Kind:
    """Returns the thing of this kind and id, at the revision that the form showed. part: the name of a number of the
    thing that moves with the part of it that the form is about, where other acts move its revision meanwhile. Raises
    NotFound or Forbidden first of all, Stale if it moved, FormExpired if the form names no revision.
    """
    thing = find(kind, thing_id)
    require(actor(), READ[kind], thing)
    expected = request.form.get(REVISION, "")
    if not (expected.isascii() and expected.isdigit() and len(expected) < 10):
        raise FormExpired()
    if (current := getattr(thing, part)) != int(expected):
        raise Stale(thing, expected=int(expected), current=current)
    return thing
