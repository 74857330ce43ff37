"""Stops asking a store that accepts and never answers, so that it does not hold every thread of the service.

What is remembered is what this process saw of the store a moment ago, and nothing of an act: an answer of the service
never depends on it, only how soon a refusal comes. Each process learns it by itself, and unlearns it by asking.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, TypedDict

import structlog

from config.on_demand import on_demand
from portfolio.errors import Unavailable

if TYPE_CHECKING:
    import botocore.exceptions as botocore_exceptions
    from mypy_boto3_s3 import S3Client
else:
    botocore_exceptions = on_demand("botocore.exceptions")

SILENCES = 3  # without an answer in between
WITHIN_S = 30.0
TOGETHER_S = 0.5
REST_S = 10.0  # how long nothing is asked; then one call tries for all
log = structlog.get_logger()


def silences() -> tuple[type[Exception], ...]:
    """Returns what botocore raises where the store does not answer in time."""
    return botocore_exceptions.ConnectTimeoutError, botocore_exceptions.ReadTimeoutError


class StoreSilent(Unavailable):
    """The store did not answer in time, or did not lately and is left alone. Its code is that of any engine."""


class CallContext(TypedDict):
    """What botocore carries through one call. call: its number here."""

    call: int


class Breaker:
    """Counts the silences of one store. clock: monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._under_way: dict[int, float] = {}
        self._silences: deque[float] = deque(maxlen=SILENCES)
        self._asked_again_at: float | None = None

    def begin(self) -> int:
        """Returns the number of a call, which `answered`, `failed` or `fell_silent` ends. Raises StoreSilent for REST_S
        after too many silences; then one call is let through to try.
        """
        with self._lock:
            now = self._clock()
            if self._asked_again_at is not None:
                left = self._asked_again_at - now
                if left > 0:
                    raise StoreSilent(retry_after=max(1, round(left)))
                self._asked_again_at = now + REST_S  # the others wait for what becomes of this one
            call = next(self._numbers)
            self._under_way[call] = now
            return call

    def answered(self, call: int) -> None:
        """Ends a call that the store answered: forgets every silence."""
        with self._lock:
            self._under_way.pop(call, None)
            self._silences.clear()
            if self._asked_again_at is not None:
                self._asked_again_at = None
                log.info("store_answers_again")

    def failed(self, call: int) -> None:
        """Ends a call that failed at once (connection refused or broken off): it is no silence."""
        with self._lock:
            self._under_way.pop(call, None)

    def fell_silent(self, call: int) -> None:
        """Ends a call without an answer and counts it; SILENCES of them within WITHIN_S begin a rest. Calls that began
        within TOGETHER_S of this one, and are still without an answer, count too.
        """
        with self._lock:
            now = self._clock()
            began = self._under_way.pop(call, now)
            self._silences.append(now)
            silent = sum(now - moment <= WITHIN_S for moment in self._silences)
            silent += sum(other <= began + TOGETHER_S for other in self._under_way.values())
            if silent >= SILENCES:
                if self._asked_again_at is None:
                    log.warning("store_left_alone", seconds=REST_S)
                self._asked_again_at = now + REST_S

    def watch(self, client: S3Client) -> None:
        """Guards every call of an S3 client: a silence is counted and not tried again, as another error is."""
        client.meta.events.register("before-call.s3", self._call_begins)
        client.meta.events.register_first("needs-retry.s3", _not_after_a_silence)
        client.meta.events.register("after-call.s3", self._call_ends)
        client.meta.events.register("after-call-error.s3", self._call_fails)

    def _call_begins(self, context: CallContext, **_: object) -> None:
        context["call"] = self.begin()

    def _call_ends(self, context: CallContext, **_: object) -> None:
        self.answered(context["call"])

    def _call_fails(self, context: CallContext, exception: Exception, **_: object) -> None:
        ends = self.fell_silent if isinstance(exception, silences()) else self.failed
        ends(context["call"])


def _not_after_a_silence(caught_exception: Exception | None = None, **_: object) -> None:
    if isinstance(caught_exception, silences()):
        raise caught_exception
