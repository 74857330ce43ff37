"""The background queue: huey on Redis where REDIS_URL names one, else on one SQLite file.

What is to be done stands in the outbox of the document store, written with the act that asks for it. The queue carries
no more than « look at the outbox »: losing it loses nothing but a minute.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from huey import Huey, RedisHuey, SqliteHuey
from huey.api import TaskWrapper
from huey.serializer import SignedSerializer
from redis import ConnectionPool

from config.settings import Settings

NAME = "portfolio"
PATIENCE_S = 2  # what an act may wait for a queue that does not answer
log = structlog.get_logger()


def open_queue(settings: Settings) -> Huey:
    """Messages are signed: huey pickles them, and a pickle that somebody else wrote runs what they like."""
    options = {"results": False, "serializer": SignedSerializer(settings.secret_key[0], NAME)}
    if settings.redis_url:
        pool = ConnectionPool.from_url(settings.redis_url, socket_connect_timeout=PATIENCE_S, socket_timeout=PATIENCE_S)
        return RedisHuey(NAME, connection_pool=pool, **options)
    assert settings.queue_path is not None
    return SqliteHuey(NAME, filename=str(settings.queue_path), timeout=PATIENCE_S, fsync=False, **options)


def sweeper(queue: Huey, work: Callable[[], None]) -> TaskWrapper:
    """Calling what this returns asks for a sweep of the outbox; `work` is what the worker then does."""

    def sweep() -> None:
        work()

    task: TaskWrapper = queue.task(name="sweep")(sweep)
    return task


def waker(settings: Settings) -> Callable[[], None]:
    """For a process that acts and does not work."""
    return at_best(sweeper(open_queue(settings), _works_elsewhere))


def at_best(ask: Callable[[], object]) -> Callable[[], None]:
    """Asks for a sweep, and at worst says that it could not: the act is committed, its mail only waits a minute."""

    def wake() -> None:
        try:
            ask()
        except Exception as error:  # whatever befalls the queue
            log.warning("queue_down", kind=type(error).__name__)

    return wake


def _works_elsewhere() -> None:
    """The body of `sweep` where nobody runs it."""
