"""Pages as they arrive over a thin line, or in a browser with much else to do: a piece at a time, drawn meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PIECES = 80
PAUSE_S = 0.017  # a browser draws sixty times in a second


class InPieces:
    """Sends a page piece by piece; what the page asks for then, at once."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = Response.from_app(self.application, environ)
        if answer.mimetype == "text/html":
            whole = answer.get_data()
            long = len(whole) // PIECES + 1
            answer.response = (_late(whole[start : start + long]) for start in range(0, len(whole), long))
        return answer(environ, start_response)


def _late(piece: bytes) -> bytes:
    time.sleep(PAUSE_S)
    return piece
