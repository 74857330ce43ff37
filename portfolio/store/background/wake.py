"""Wakes the threads that deliver, by a change stream of the outbox. A lost call costs a delay, never a row."""

from __future__ import annotations

import threading
from typing import Any

import structlog
from pymongo.errors import PyMongoError

from portfolio.store.connections import current

AWAITED_MS = 1000  # how long the server holds one question before it answers that there is nothing
RETRY_S = 5
# A row that is new, or whose day changed. What a delivery writes to its own row is no news.
NEWS: list[dict[str, Any]] = [
    {"$match": {"$or": [{"operationType": "insert"}, {"updateDescription.updatedFields.due_at": {"$exists": True}}]}},
    {"$project": {"_id": 1}},
]
log = structlog.get_logger()


class Wake:
    """Counts calls, so that a thread misses none that came while it was at work."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.calls = 0

    def call(self) -> None:
        """Wakes every thread that waits."""
        with self._changed:
            self.calls += 1
            self._changed.notify_all()

    def wait(self, since: int, seconds: float) -> None:
        """Waits until `calls` is above `since`, or for that many seconds; does not say which came first."""
        with self._changed:
            self._changed.wait_for(lambda: self.calls > since, timeout=seconds)


def watch(wake: Wake, ending: threading.Event) -> None:
    """Calls `wake` for each new or newly dated row of the outbox, until `ending` is set; blocks its thread. A stream
    that was lost is opened anew, and each opening calls: rows may have come in between. As long as none can be opened,
    each attempt calls, every RETRY_S; raises no error of MongoDB.
    """
    lost = False
    while not ending.is_set():
        try:
            with current().database.outbox.watch(NEWS, max_await_time_ms=AWAITED_MS) as stream:
                lost = False
                wake.call()
                while stream.alive and not ending.is_set():
                    if stream.try_next() is not None:
                        wake.call()
        except PyMongoError as error:
            if not lost:
                log.warning("wake_lost", kind=type(error).__name__)
            lost = True
            wake.call()
            ending.wait(RETRY_S)
