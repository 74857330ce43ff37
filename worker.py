"""The background worker: huey carries the work, the domain's functions do it. Kill it at any moment."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime, time, timedelta

import structlog
from huey import Huey, crontab
from huey.consumer import Consumer
from pymongo.errors import PyMongoError

import migrations
from api.operation.logs import take_over_logging
from config.queue import at_best, open_queue, sweeper
from config.settings import MissingSettings, Settings
from portfolio.audit import anchors, reconcile
from portfolio.errors import Unavailable
from portfolio.identity import bounces
from portfolio.mail.outbox_handlers import HANDLERS
from portfolio.store.connections import current, open_connections
from portfolio.store.outbox import deliver_due, next_due

THREADS = 2
LONGEST_PAUSE_S = 0.5  # between two looks at an empty SQLite queue; Redis says by itself
GRACE_S = 30
SWEPT_EVERY = timedelta(minutes=1)
ANCHORED_AT = time(2, 11)


class _Consumer(Consumer):
    """huey starts its threads, then listens to signals: a stop asked in between would kill the work in hand."""

    def start(self) -> None:
        asked: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, _frame: asked.append(number))
        super().start()
        if asked:
            signal.raise_signal(signal.SIGTERM)


def main() -> int:
    try:
        settings = Settings.from_environment(os.environ)
    except MissingSettings as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    take_over_logging(settings.log_level)
    queue = open_queue(settings)
    consumer = _Consumer(
        queue,
        workers=THREADS,
        initial_delay=0.05,
        max_delay=LONGEST_PAUSE_S,
        shutdown_timeout=GRACE_S,
        graceful_signal="TERM",
    )
    again = _tasks(queue, settings.now, consumer.stop_flag.is_set)
    connections = open_connections(settings, at_best(again))
    try:
        behind = migrations.behind(connections.database)
    except PyMongoError as error:
        behind = f"La base de données ne répond pas ({type(error).__name__})."
    if behind:
        sys.stderr.write(f"{behind}\n")
        return 1
    consumer.run()
    return 0


def _tasks(queue: Huey, now: Callable[[], datetime], ending: Callable[[], bool]) -> Callable[[], object]:
    """What is woken by an act, and what the clock calls. Several workers may do the same at once.

    Calling what it returns asks for a sweep of the outbox.
    """

    def sweep() -> None:
        _quietly(lambda: deliver_due(HANDLERS, now, ending))
        _quietly(come_back)

    def come_back() -> None:
        at = now()
        due = next_due(at)
        if due is not None and due < at + SWEPT_EVERY:
            again.schedule(delay=(due - at).total_seconds())

    again = sweeper(queue, sweep)
    every_minute, every_hour, every_day = (
        crontab(),
        crontab(minute="7"),
        crontab(minute=ANCHORED_AT.minute, hour=ANCHORED_AT.hour),
    )
    queue.periodic_task(every_minute, name="sweep_each_minute")(sweep)
    queue.periodic_task(every_minute, name="bounces")(lambda: _quietly(lambda: _read_bounces(now())))
    queue.periodic_task(every_minute, name="overfull")(lambda: _quietly(lambda: _end_overfull(now())))
    tidy = queue.periodic_task(every_hour, name="tidy")(lambda: _quietly(lambda: _tidy(now())))
    queue.periodic_task(every_day, name="anchors")(lambda: _quietly(lambda: _anchor(now())))
    for what_waited_for_a_worker in (again, tidy):
        what_waited_for_a_worker()
    return again


def _quietly(work: Callable[[], object]) -> None:
    """An engine that is down is said in one line; the next sweep tries again."""
    try:
        work()
    except (PyMongoError, Unavailable) as error:
        structlog.get_logger().warning("engine_down", kind=type(error).__name__)


def _tidy(at: datetime) -> None:
    """Uploads that will never end, and an anchor that was missed; what deletes files is left to a person
    (`commands.py reconcile --cure`)."""
    if at.time() >= ANCHORED_AT:
        _anchor(at)
    tidied = sum(finding.cured for finding in reconcile.tidy_uploads(at, cure=True))
    if tidied:
        structlog.get_logger().info("uploads_tidied", count=tidied)


def _end_overfull(at: datetime) -> None:
    """Often: whoever holds a link to send a part may send it again and again, and a store may keep each."""
    ended = sum(finding.cured for finding in reconcile.overfull_uploads(at, cure=True))
    if ended:
        structlog.get_logger().warning("uploads_overfull", count=ended)


def _read_bounces(at: datetime) -> None:
    maildir = current().settings.bounce_maildir
    if maildir is not None:
        for what in bounces.read_maildir(maildir, at):
            structlog.get_logger().info("bounce_read", what=what)


def _anchor(at: datetime) -> None:
    """One line a day: whoever keeps it elsewhere can tell a chain that was cut or made anew since."""
    anchors.anchor_heads(at)
    anchors.keep_outside(at)


if __name__ == "__main__":
    sys.exit(main())
