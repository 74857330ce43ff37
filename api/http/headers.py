"""What every answer tells the browser that receives it, whoever made the answer.

It stands before the whole application: a page, a JSON answer, an error, `/metrics` and `/bounces` all pass here. What
an answer says for itself (a page's own policy, how long a picture is kept) is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

A_YEAR_S = 31_536_000
HSTS = f"max-age={A_YEAR_S}; includeSubDomains"
# object-src and base-uri do not both follow from default-src: each policy of this site says them (ASVS 3.4.3).
CLOSED = "object-src 'none'; base-uri 'none'"
NOTHING = f"default-src 'none'; {CLOSED}; frame-ancestors 'none'"


class Headers:
    """A WSGI application with the headers that all its answers have. https: browsers are then told to stay there."""

    def __init__(self, application: WSGIApplication, https: bool) -> None:
        self._application = application
        self._headers = {
            "X-Content-Type-Options": "nosniff",
            # Not no-referrer: our own forms would come with `Origin: null` (Fetch, 3.1), which a cookie forbids.
            "Referrer-Policy": "same-origin",
            "Cache-Control": "no-store",
            "Content-Security-Policy": NOTHING,
        }
        if https:  # browsers then refuse to come in clear (RFC 6797)
            self._headers["Strict-Transport-Security"] = HSTS

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            already = {name.lower() for name, _ in headers}
            more = [(name, value) for name, value in self._headers.items() if name.lower() not in already]
            return start_response(status, [*headers, *more], *error)

        answered: Iterable[bytes] = self._application(environ, start)
        return answered
