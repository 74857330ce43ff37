"""Stops asking a store that accepts and never answers, so that it does not hold every thread of the service.

What is remembered is what this process saw of the store a moment ago, and nothing of an act: an answer of the service
never depends on it, only how soon a refusal comes. Each process learns it by itself, and unlearns it by asking.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from portfolio.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SILENCES = 3  # without an answer in between
WITHIN_S = 30.0
REST_S = 10.0  # how long nothing is asked; then one call tries for all
SILENCE = (ConnectTimeoutError, ReadTimeoutError)
log = structlog.get_logger()


class StoreSilent(Unavailable):
    """The store did not answer in time, or did not lately and is left alone. Its code is that of any engine."""


class Breaker:
    """Counts the silences of one store. clock: monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._silences: deque[float] = deque(maxlen=SILENCES)
        self._asked_again_at: float | None = None

    def refuse_while_silent(self) -> None:
        """Raises StoreSilent while the store is left alone; of those who come after, one is let through."""
        with self._lock:
            if self._asked_again_at is None:
                return
            left = self._asked_again_at - self._clock()
            if left > 0:
                raise StoreSilent(retry_after=max(1, round(left)))
            self._asked_again_at = self._clock() + REST_S  # the others wait for what becomes of this one

    def answered(self) -> None:
        """Forgets every silence."""
        with self._lock:
            self._silences.clear()
            if self._asked_again_at is not None:
                self._asked_again_at = None
                log.info("store_answers_again")

    def fell_silent(self) -> None:
        """Counts one silence; the last of SILENCES within WITHIN_S begins a rest."""
        with self._lock:
            now = self._clock()
            self._silences.append(now)
            if len(self._silences) == SILENCES and now - self._silences[0] <= WITHIN_S:
                if self._asked_again_at is None:
                    log.warning("store_left_alone", seconds=REST_S)
                self._asked_again_at = now + REST_S

    def watch(self, client: S3Client) -> None:
        """Guards every call of an S3 client: a silence is counted and not tried again, as another error is."""
        client.meta.events.register("before-call.s3", self._call_begins)
        client.meta.events.register_first("needs-retry.s3", _not_after_a_silence)
        client.meta.events.register("after-call.s3", self._call_ends)
        client.meta.events.register("after-call-error.s3", self._call_fails)

    def _call_begins(self, **_: object) -> None:
        self.refuse_while_silent()

    def _call_ends(self, **_: object) -> None:
        self.answered()

    def _call_fails(self, exception: Exception, **_: object) -> None:
        if isinstance(exception, SILENCE):
            self.fell_silent()


def _not_after_a_silence(caught_exception: Exception | None = None, **_: Any) -> None:
    if isinstance(caught_exception, SILENCE):
        raise caught_exception
