"""Lets some requests work at once and others wait, deposits apart from all that people wait for before a screen, and
always keeps a thread for the probes that ask whether the process lives.

Where every thread waits for an engine, nobody is left to say that the process is well, and it is restarted for nothing.
Where a thousand people deposit at once, whoever scores, signs or reads would wait behind them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from api.http.addresses import BY_ANY_NAME
from api.operation.lanes import Arriving, Rank, RequestLane, Verifying
from config.threads import Shares
from portfolio.errors import Unavailable
from portfolio.files import verification

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NO_TURN = "portfolio.no_turn"


# Requests of a deposit, by endpoint. A form with its files in it is a deposit from its beginning to its end.
DEPOSITS = {
    "evidence.add_piece": Rank.BEGINS,
    "candidate_deposit.begin_send": Rank.BEGINS,
    "candidate_deposit.deposit_files_act": Rank.BEGINS,
    "candidate_deposit.add_files_act": Rank.BEGINS,
    "uploads.begin": Rank.GOES_ON,
    "uploads.relay": Rank.GOES_ON,
    "uploads.receive_part": Rank.GOES_ON,
    "uploads.finish": Rank.ENDS,
}


class TooBusy(Unavailable):
    code = "too_busy"
    detail = "Trop de demandes attendent en ce moment. Rien n'a été perdu : réessayez dans {wait}."


class DepositsWait(Unavailable):
    code = "deposits_wait"
    detail = "Beaucoup de fichiers arrivent en ce moment. Rien n'a été perdu : réessayez dans {wait}."


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
    """Stands before the application. rank_of: of a request that is part of a deposit; None of any other."""

    def __init__(
        self, application: WSGIApplication, shares: Shares, rank_of: Callable[[WSGIEnvironment], Rank | None]
    ) -> None:
        self._application, self._rank_of = application, rank_of
        self.others = RequestLane(shares.at_work, shares.waiting)
        self.deposits = RequestLane(shares.depositing, shares.deposits_waiting)
        self._receiving = RequestLane(shares.at_work, 0)
        self._verifying = Verifying(self.deposits, shares.verifying, shares.verifications)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] in BY_ANY_NAME:
            return self._application(environ, start_response)
        rank = self._rank_of(environ)
        lane = self.others if rank is None else self.deposits
        if not lane.enter(Rank.GOES_ON if rank is None else rank):
            environ[NO_TURN] = TooBusy if rank is None else DepositsWait  # the application refuses it, in its own words
            return self._application(environ, start_response)
        leave = lane.leave
        if rank is not None:
            arriving = environ["wsgi.input"] = Arriving(environ["wsgi.input"], lane, self._receiving)
            leave = _both(arriving.close, leave)
        try:
            with nullcontext() if rank is None else verification.goes(self._verifying.apart):
                answer = self._application(environ, start_response)
        except BaseException:
            leave()
            raise
        return TurnUntilClosed(answer, leave)


def _both(first: Callable[[], None], second: Callable[[], None]) -> Callable[[], None]:
    def act() -> None:
        first()
        second()

    return act


def install(app: Flask, shares: Shares) -> None:
    def rank_of(environ: WSGIEnvironment) -> Rank | None:
        if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            return None
        try:
            endpoint, _ = app.url_map.bind_to_environ(environ).match()
        except HTTPException:
            return None
        return DEPOSITS.get(endpoint)

    app.before_request(_refuse_without_turn)
    app.wsgi_app = Turns(app.wsgi_app, shares, rank_of)  # type: ignore[method-assign]


def _refuse_without_turn() -> None:
    """Raises TooBusy, or DepositsWait, for a request that got no turn: it is told when to come back."""
    refusal = request.environ.get(NO_TURN)
    if refusal is TooBusy:
        raise TooBusy(retry_after=5)
    if refusal is DepositsWait:
        raise DepositsWait(retry_after=10)
