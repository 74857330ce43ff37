"""Browsers in which somebody signed in before: a cookie says so, sealed, by digests of addresses."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from flask import Flask, Response, current_app, g, request
from itsdangerous import BadData, URLSafeSerializer

from portfolio.identity.client_fingerprint import keyed
from portfolio.ids import new_token

KNOWN_LASTS = timedelta(days=400)  # as long as browsers keep a cookie
MOST_KNOWN = 5  # people, on one browser


def remember_browser(address: str) -> None:
    """Keeps, in the browser's cookie with this answer, that whoever has this e-mail address, as stored,
    signed in here.
    """
    g.browser_of = address


def _name() -> str:
    return "__Host-known" if current_app.config["SESSION_COOKIE_SECURE"] else "known"


def _sealed() -> URLSafeSerializer:
    keys = [*reversed(current_app.config["SECRET_KEY_FALLBACKS"]), current_app.config["SECRET_KEY"]]
    return URLSafeSerializer(keys, salt="known browser", signer_kwargs={"digest_method": hashlib.sha256})


def _known_devices() -> dict[str, str]:
    """Returns {digest of an address: an identifier of this browser for it}, the latest last; {} without a cookie that
    is ours.
    """
    try:
        devices = _sealed().loads(request.cookies.get(_name(), ""))
    except BadData:
        return {}
    return {str(whose): str(device) for whose, device in devices.items()} if isinstance(devices, dict) else {}


def device_known_for(address: str) -> str | None:
    """Returns what this browser's attempts on an e-mail address are counted under; None if it never signed in here."""
    return _known_devices().get(_digest(address))


def _digest(address: str) -> str:
    return keyed("known browser", address)[:32]


def install(app: Flask) -> None:
    app.after_request(_mark)


def _mark(answer: Response) -> Response:
    if "browser_of" in g:
        known, whose = _known_devices(), _digest(g.browser_of)
        kept = {digest: device for digest, device in known.items() if digest != whose}
        latest = dict(list(kept.items())[1 - MOST_KNOWN :]) | {whose: known.get(whose) or new_token()}
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        value, lasts = _sealed().dumps(latest), int(KNOWN_LASTS.total_seconds())
        answer.set_cookie(_name(), value, max_age=lasts, secure=secure, httponly=True, samesite="Lax")
    return answer
