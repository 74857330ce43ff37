"""The background worker: it does what stands in the outbox and what the clock calls. Kill it at any moment."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time as machine
from collections.abc import Callable
from datetime import datetime, timedelta
from queue import SimpleQueue
from typing import TypeVar

import structlog
from prometheus_client import start_http_server
from pymongo.errors import PyMongoError

import migrations
from api.operation.logs import take_over_logging
from api.operation.metrics import figures
from config.collector import set_aside
from config.settings import MissingSettings, Settings
from portfolio.audit import anchors
from portfolio.audit.reconciling import unfinished_uploads
from portfolio.enrolment.circulars import at_start
from portfolio.errors import Unavailable
from portfolio.files.previews import prepare
from portfolio.identity.returns import notifications
from portfolio.mail.outbox_handlers import DRAWERS, HANDLERS
from portfolio.store.background.turns import Task, expect, take_turn
from portfolio.store.background.wake import Wake, watch
from portfolio.store.connections import current, open_connections
from portfolio.store.outbox import DRAWINGS, SOON, ErrandHandler, Lane, deliver_due, next_due

GRACE_S = 30
A_MINUTE, AN_HOUR, A_DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ANCHORED_AFTER = timedelta(hours=2, minutes=11)
STOPS = (signal.SIGTERM, signal.SIGINT)
log = structlog.get_logger()
Result = TypeVar("Result")


def main() -> int:
    asked: SimpleQueue[int] = SimpleQueue()
    for number in STOPS:
        signal.signal(number, lambda number, _frame: asked.put(number))
    try:
        settings = Settings.from_environment(os.environ)
    except MissingSettings as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    take_over_logging(settings.log_level)
    connections = open_connections(settings)
    if refused := at_start.refusal_to_start(at_start.wrong_files()):
        sys.stderr.write(f"{refused}\n")
        return 1
    try:
        behind = migrations.behind(connections.database) or at_start.refusal_to_start(at_start.changed_files())
        if not behind:
            for task in TASKS:
                expect(task, settings.now())
    except PyMongoError as error:
        behind = f"La base de données ne répond pas ({type(error).__name__})."
    if behind:
        sys.stderr.write(f"{behind}\n")
        return 1
    set_aside()
    _serve_figures(settings)
    _work_until(lambda: asked.get(), settings)
    return 0


def _serve_figures(settings: Settings) -> None:
    """Serves the worker's metrics on WORKER_METRICS_PORT, if it is set. A port that is taken costs the metrics, not the
    mails: it is logged.
    """
    if settings.worker_metrics_port is not None:
        try:
            start_http_server(settings.worker_metrics_port, "127.0.0.1", figures(settings.now))
        except OSError as error:
            log.warning("metrics_not_served", kind=type(error).__name__)


def _work_until(stop: Callable[[], object], settings: Settings) -> None:
    """Runs the threads until `stop` returns, then leaves them GRACE_S seconds for what is in hand; a second signal ends
    the process. What is not finished then is taken up by another worker, once its lease is over.
    """
    ending, wake = threading.Event(), Wake()
    works: list[Callable[[], None]] = [lambda task=task: _keep_time(task, settings.now, ending) for task in TASKS]
    works += [lambda: _deliver(HANDLERS, SOON, settings.now, wake, ending)] * settings.worker_deliveries
    works += [lambda: _deliver(DRAWERS, DRAWINGS, settings.now, wake, ending)] * settings.worker_drawings
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in (*threads, threading.Thread(target=watch, args=(wake, ending), daemon=True)):
        thread.start()
    stop()
    for number in STOPS:
        signal.signal(number, signal.SIG_DFL)
    ending.set()
    wake.call()
    until = machine.monotonic() + GRACE_S
    for thread in threads:
        thread.join(max(0.0, until - machine.monotonic()))


def _deliver(
    handlers: dict[str, ErrandHandler], lane: Lane, clock: Callable[[], datetime], wake: Wake, ending: threading.Event
) -> None:
    """Does what is due in a lane of the outbox, then waits for a call, for the next row that comes due, or for a
    minute; again, until `ending` is set. handlers: {kind of errand: what does it}.
    """
    while not ending.is_set():
        calls = wake.calls
        _quietly(lambda: deliver_due(handlers, clock, ending.is_set, lane))
        due = _quietly(lambda: next_due(clock(), lane)) or clock() + A_MINUTE
        wake.wait(calls, min(due - clock(), A_MINUTE).total_seconds())


def _keep_time(task: Task, clock: Callable[[], datetime], ending: threading.Event) -> None:
    """Takes the turns of a task that no other worker takes, looking once a minute."""
    while not ending.is_set():
        _quietly(lambda: take_turn(task, clock))
        at = clock()
        ending.wait((at.replace(second=0, microsecond=0) + A_MINUTE - at).total_seconds())


def _quietly(work: Callable[[], Result]) -> Result | None:
    """Returns what `work` returns; None, after one line of log, if it fails: the next turn tries again."""
    try:
        return work()
    except (PyMongoError, Unavailable) as error:
        log.warning("engine_down", kind=type(error).__name__)
    except Exception as error:  # a fault of ours must not end the thread
        log.error("unforeseen", kind=type(error).__name__, exc_info=error)
    return None


def _tidy(at: datetime) -> None:
    """Ends uploads that will never end, and writes the day's anchor if it was missed. What deletes files is left to the
    night's command (`commands.py nightly reconcile`).
    """
    if at - at.replace(hour=0, minute=0, second=0, microsecond=0) >= ANCHORED_AFTER:
        _anchor(at)
    tidied = sum(finding.cured for finding in unfinished_uploads.tidy_uploads(at, cure=True))
    if tidied:
        log.info("uploads_tidied", count=tidied)


def _ask_for_views(at: datetime) -> None:
    """Asks for the views that files lack, after an upgrade of the renderers or once a program was installed."""
    asked = prepare.ask_for_missing(at)
    if asked:
        log.info("views_asked", count=asked, programs=prepare.programs())


def _end_overfull(at: datetime) -> None:
    """Ends uploads that hold too much, often: whoever holds a link to send a part may use it again and again, and a
    store may keep each.
    """
    ended = sum(finding.cured for finding in unfinished_uploads.overfull_uploads(at, cure=True))
    if ended:
        log.warning("uploads_overfull", count=ended)


def _read_bounces(at: datetime) -> None:
    maildir = current().settings.bounce_maildir
    if maildir is not None:
        for what in notifications.read_maildir(maildir, at):
            log.info("bounce_read", what=what)


def _anchor(at: datetime) -> None:
    """Anchors the heads of the chains, and sends the anchor where it is kept outside: whoever keeps it can tell a chain
    that was cut or made anew since.
    """
    anchors.anchor_heads(at)
    anchors.keep_outside(at)


TASKS = (
    Task("bounces", _read_bounces, every=A_MINUTE),
    Task("overfull", _end_overfull, every=A_MINUTE),
    Task("tidy", _tidy, every=AN_HOUR, after=timedelta(minutes=7), at_start=True),
    Task("views", _ask_for_views, every=A_DAY, after=timedelta(hours=3, minutes=23), at_start=True),
    Task("anchors", _anchor, every=A_DAY, after=ANCHORED_AFTER),
)


if __name__ == "__main__":
    sys.exit(main())
