"""Who is signed in, and the clock of the request. Flask-Login carries the person; the domain receives an Actor."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import datetime
from urllib.parse import urlsplit

from flask import Flask, Request, Response, current_app, g, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, current_user, login_user

from api.http.known_browsers import remember_browser
from portfolio.documents import SignIn
from portfolio.errors import Forbidden, NotNow, Stale, Unauthenticated
from portfolio.identity import second_factor, sign_ins
from portfolio.identity.client_fingerprint import Origin, origin
from portfolio.policy.relations import Actor

SAFE = ("GET", "HEAD", "OPTIONS")
PORTS = {"http": 80, "https": 443}


class ForeignOrigin(Forbidden):
    code = "foreign_origin"
    detail = "Cette demande vient d'un autre site : elle est refusée. Ouvrez la page depuis le service et recommencez."


class SecondFactorNeeded(Unauthenticated):
    code = "second_factor_needed"
    detail = "Pour continuer, tapez un code : celui de votre application d'authentification, ou celui d'un courriel."


class ReadOnlyToken(Forbidden):
    code = "read_only_token"
    detail = "Ce jeton ne permet que de lire. Pour agir, demandez-en un autre, de portée « write »."


class SignedIn(UserMixin):
    """What Flask-Login holds: its id is the sign-in's token, so that ending the sign-in signs the browser out. started:
    the sign-in, where it began by this very request; otherwise the actor knows it.
    """

    def __init__(self, token: str, by: Actor, started: SignIn | None = None) -> None:
        self.token, self.actor, self._started = token, by, started

    @property
    def sign_in(self) -> SignIn:
        sign_in = self._started or self.actor.sign_in
        assert sign_in is not None
        return sign_in

    @property
    def owes_a_code(self) -> bool:
        person, sign_in = self.actor.person_as_read, self._started or self.actor.sign_in_as_read
        assert person is not None and sign_in is not None  # only people sign in
        return second_factor.is_asked(person, sign_in)

    def get_id(self) -> str:
        return self.token


def now() -> datetime:
    moment: datetime = current_app.config["CLOCK"]()
    return moment


def actor() -> Actor:
    """Returns who is signed in.

    Raises Unauthenticated for a visitor, SecondFactorNeeded for a person who owes a code.
    """
    by = half_known()
    if current_user.owes_a_code:
        raise SecondFactorNeeded()
    return by


def half_known() -> Actor:
    """Returns who gave a password, and may still owe the digits of an authenticator. Raises Unauthenticated for a
    visitor.
    """
    if not current_user.is_authenticated:
        raise Unauthenticated()
    by: Actor = current_user.actor
    return by


def reader() -> Actor:
    """Returns the actor to whom this answer is shown, as `actor`: worked out once, however many things it shows. Raises
    Unauthenticated, SecondFactorNeeded.
    """
    by: Actor | None = g.get("reader")
    if by is None:
        by = g.reader = actor()
    return by


def start(token: str, started: SignIn, by: Actor) -> None:
    """Signs a person in to this browser, by its cookie: whoever was here before is signed out, and leaves nothing.
    token: of the sign-in `started`.
    """
    assert by.person is not None
    if "_user_id" in session and current_user.is_authenticated:
        with suppress(NotNow, Stale):  # it has just ended by itself
            sign_ins.leave(current_user.actor, current_user.sign_in, now())
    session.clear()
    login_user(SignedIn(token, by, started))
    remember_browser(by.person.email)


def request_origin() -> Origin:
    """Returns where this request comes from: keyed digests of its address and device, and the browser's name."""
    return origin(request.remote_addr or "", request.headers.get("User-Agent", ""))


class SignedCookie(SecureCookieSessionInterface):
    """Flask signs with SHA-1 unless told otherwise."""

    digest_method = staticmethod(hashlib.sha256)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Leaves an answer that is the same for everyone without cookie and without `Vary: Cookie`, by which a browser
        would ask for it again with each new cookie.
        """
        if "same_for_everyone" not in g:
            super().save_session(app, session, response)


def install(app: Flask) -> None:
    app.session_interface = SignedCookie()
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(_from_token)
    manager.request_loader(_from_request)
    app.before_request(_refuse_foreign_origins)


def _from_token(token: str) -> SignedIn | None:
    by = sign_ins.signed_in(token, now())
    if by is None:
        return None
    g.request_record.who = "signed_in"
    return SignedIn(token, by)


def _from_request(incoming: Request) -> SignedIn | None:
    kind, _, token = incoming.headers.get("Authorization", "").partition(" ")
    return _from_token(token.strip()) if kind.lower() == "bearer" and token.strip() else None


def _refuse_foreign_origins() -> None:
    """Raises ForeignOrigin for an unsafe request with a cookie, which travels by itself, unless it comes from our own
    pages.
    """
    if request.method in SAFE or current_app.config["SESSION_COOKIE_NAME"] not in request.cookies:
        return
    origin = request.headers.get("Origin")
    if origin is None and request.headers.get("Authorization", "").lower().startswith("bearer "):
        return  # no page of another site can send this header
    if origin is None or site_of(origin) != site_of(current_app.config["PUBLIC_URL"]):
        raise ForeignOrigin()


def site_of(url: str) -> tuple[str, str | None, int | None] | None:
    """Returns (scheme, host, port), since a browser leaves out the port of the scheme. None if the text is not an
    address.
    """
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return None
