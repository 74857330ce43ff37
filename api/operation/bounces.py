"""/bounces: where a mail server or provider tells that a mail came back, behind a token of its own.

It takes the notification itself (a message, RFC 3464, as an alias of the mail server pipes it), or the JSON of a
webhook: `{"message_id": "<…>", "status": "5.1.1"}`, or Brevo's, whose words are `event` and `message-id`.
A status of class 4 or 5.2.2, or the words `soft_bounce` and `deferred`, are delays. Without
BOUNCE_TOKEN it does not exist. It stands before the application: no sign-in opens it.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from flask import Flask
from werkzeug.wrappers import Request, Response

from portfolio.identity import bounces
from portfolio.identity.returns import notifications

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/bounces"
# Words of Brevo, for a webhook without a status. Its spam filters are not ours to judge.
FAILED, GIVEN_UP, STILL_TRIED = {"hard_bounce", "invalid_email"}, {"soft_bounce"}, {"deferred"}


def read_webhook(data: bytes, at: datetime) -> str:
    """Notes a webhook's bounce and returns what became of it: bounced, delayed, other, or unknown (not a mail of this
    service). data: JSON. Raises ValueError if it is not a JSON object.
    """
    report = json.loads(data)
    if not isinstance(report, dict):
        raise ValueError("a JSON object is needed")
    row = bounces.row_of(str(report.get("message_id") or report.get("message-id")))
    match = bounces.STATUS.search(f"{report.get('status')} {report.get('reason')}")
    if row is None:
        return "unknown"
    event, status = report.get("event"), match[1] if match else None
    if event in GIVEN_UP | STILL_TRIED:  # the provider's own word, whatever the class of the code that it quotes
        status = status if status and bounces.is_soft(status) else bounces.UNKNOWN_DELAY
        return bounces.note(row, status, at, still_tried=event in STILL_TRIED)
    if status is None and event not in FAILED:
        return "other"
    return bounces.note(row, status or bounces.UNKNOWN_STATUS, at)


class BouncesDoor:
    def __init__(self, application: WSGIApplication, token: str, clock: Callable[[], datetime]) -> None:
        self._application, self._expected, self._clock = application, f"Bearer {token}".encode(), clock

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH:
            passed: Iterable[bytes] = self._application(environ, start_response)
            return passed
        answered: Iterable[bytes] = self._answer(Request(environ))(environ, start_response)
        return answered

    def _answer(self, request: Request) -> Response:
        given = request.headers.get("Authorization", "").encode("latin-1")  # as WSGI decoded it (PEP 3333)
        if not hmac.compare_digest(given, self._expected):
            return Response("Jeton attendu.\n", 401, {"WWW-Authenticate": 'Bearer realm="bounces"'})
        if request.method != "POST":
            return Response("Envoyez la notification par POST.\n", 405, {"Allow": "POST"})
        if (request.content_length or 0) > notifications.LONGEST_BOUNCE:
            return Response("Notification trop longue.\n", 413)
        request.max_content_length = notifications.LONGEST_BOUNCE
        reads = read_webhook if request.mimetype == "application/json" else notifications.read_notification
        try:
            what = reads(request.get_data(), self._clock())
        except (ValueError, RecursionError):  # JSON may be nested without end
            return Response("Ni une notification (RFC 3464) ni un objet JSON.\n", 422)
        structlog.get_logger().info("bounce_read", what=what)
        return Response(f"{what}\n", 200)


def install(app: Flask, token: str | None) -> None:
    if token:
        app.wsgi_app = BouncesDoor(app.wsgi_app, token, lambda: app.config["CLOCK"]())  # type: ignore[method-assign]
