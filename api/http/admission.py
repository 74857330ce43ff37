"""Admits readers to routes: who is signed in and how, how often they may try, and what media they send."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from api.http.attempts import Tries
from api.http.problems import STATUS
from api.http.session import SAFE, ReadOnlyToken, actor, half_known, now
from portfolio.errors import Forbidden, Refusal
from portfolio.policy.actions import Action
from portfolio.policy.relations import SIGN_OFFS_ALONE, Actor

RouteView = Callable[..., Any]  # what Flask calls with the parts of a path
OCTETS = "application/octet-stream"
PUBLIC = "public"
SIGNED_IN = "signed_in"  # by a password
FOR_ANY_TOKEN = ("signing_in.sign_out", "signing_in.give_second_factor", "signing_in.ask_second_factor")
ANY_SIGN_IN = "any_sign_in"  # also by a link or a code of a mail, which opens sign-offs alone
HALF_KNOWN = "half_known"  # a password was given, the digits of an authenticator may be owed


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
    """Returns the limits of a route of this HTTP method, None if it has none: a public one that does more than read has
    its own (under `name`) unless it names others.
    """
    return (tries or Tries(name)) if who == PUBLIC and method != "GET" else None


def admitting(view: RouteView, who: Action | str, tries: Tries | None, raw: bool) -> RouteView:
    """Returns the view behind its checks of the caller and of the rate, made before anything of the body is read. They
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
    """Raises NotOctets for raw bytes that are not said to be octets; otherwise RequestEntityTooLarge for a body
    announced as larger than the limit (as the proxy in front tells it), then UnsupportedMediaType for one that is not
    said to be JSON, also where none is read. raw: whether the route takes bytes.
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
