"""Lets some requests work at once and others wait, and always keeps a thread for the probes that ask whether the
process lives.

Where every thread waits for an engine, nobody is left to say that the process is well, and it is restarted for nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from flask import Flask, request

from api.http.addresses import BY_ANY_NAME
from portfolio.errors import Unavailable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NO_TURN = "portfolio.no_turn"


class TooBusy(Unavailable):
    code = "too_busy"
    detail = "Trop de demandes attendent en ce moment. Rien n'a été perdu : réessayez dans {wait}."


class TurnUntilClosed:
    """An answer on its way. leave: called once, when its last byte left or it was given up, whatever closing does."""

    def __init__(self, pieces: Iterable[bytes], leave: Callable[[], None]) -> None:
        self._pieces, self._leave = pieces, leave

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    def close(self) -> None:
        leave, self._leave = self._leave, _nothing
        try:
            if hasattr(self._pieces, "close"):
                self._pieces.close()
        finally:
            leave()


def _nothing() -> None:
    """Does nothing."""


class Turns:
    """Stands before the application. at_work, waiting: how many requests, of those that are no probe."""

    def __init__(self, application: WSGIApplication, at_work: int, waiting: int) -> None:
        self._application = application
        self._places = threading.Semaphore(at_work + waiting)
        self._turns = threading.Semaphore(at_work)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] in BY_ANY_NAME:
            return self._application(environ, start_response)
        if not self._places.acquire(blocking=False):
            environ[NO_TURN] = True  # the application refuses it, in its own words
            return self._application(environ, start_response)
        self._turns.acquire()
        try:
            answer = self._application(environ, start_response)
        except BaseException:
            self._leave()
            raise
        return TurnUntilClosed(answer, self._leave)

    def _leave(self) -> None:
        self._turns.release()
        self._places.release()


def install(app: Flask, at_work: int, waiting: int) -> None:
    app.before_request(_refuse_without_turn)
    app.wsgi_app = Turns(app.wsgi_app, at_work, waiting)  # type: ignore[method-assign]


def _refuse_without_turn() -> None:
    """Raises TooBusy for a request that got no thread in time: it is told to come back in five seconds."""
    if request.environ.get(NO_TURN):
        raise TooBusy(retry_after=5)
