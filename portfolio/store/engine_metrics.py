"""Measures the engines, commits and uploads for Prometheus, and adds up the cost of the current act.

Labels are names of commands, chains and codes, never a value that a person typed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from prometheus_client import Counter, Histogram
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from portfolio.documents.portfolios import FileState
from portfolio.errors import Refusal

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
ENGINES = Histogram(
    "portfolio_engine_seconds", "Time an engine took to answer", ["engine", "operation", "outcome"], buckets=SECONDS
)
COMMITS = Counter("portfolio_commits", "Commits of the journal, by how they ended", ["chain", "outcome"])
RETRIES = Counter("portfolio_commit_retries", "Commits begun again after a conflict", ["chain"])
UPLOADS = Counter("portfolio_uploads", "Files concluded", ["outcome", "reason"])
UPLOAD_BYTES = Counter("portfolio_upload_bytes", "Bytes of the files concluded", ["outcome"])
ERRANDS = Counter("portfolio_errands", "Rows of the outbox that were handled", ["kind", "outcome"])
TURNS = Counter("portfolio_turns", "Turns of what the clock calls", ["task", "outcome"])

DOCUMENTS, OBJECTS = "mongodb", "s3"
STORE_FAILS = 500  # HTTP
log = structlog.get_logger()


@dataclass
class Bill:
    """The calls that one act made to the engines."""

    commands: int = 0
    command_seconds: float = 0.0
    object_calls: int = 0
    object_seconds: float = 0.0


_bill: ContextVar[Bill | None] = ContextVar("bill", default=None)


def open_bill() -> Bill:
    """Returns a new bill, to which every call of this thread to the engines is added from now on, in place of an
    earlier bill.
    """
    bill = Bill()
    _bill.set(bill)
    return bill


def _count(engine: str, operation: str, seconds: float, failed: bool) -> None:
    ENGINES.labels(engine, operation, "failed" if failed else "answered").observe(seconds)
    bill = _bill.get()
    if bill is None:
        return
    if engine == DOCUMENTS:
        bill.commands += 1
        bill.command_seconds += seconds
    else:
        bill.object_calls += 1
        bill.object_seconds += seconds


# --- MongoDB --------------------------------------------------------------------------------------


class Commands(CommandListener):
    """Times every command of a client. Logs a slow one by name and collection, never by content.

    A getMore that the server may hold (maxTimeMS) waits for news, which takes as long as nothing happens: not timed.
    """

    def __init__(self, slow_ms: int) -> None:
        self._slow_s = slow_ms / 1000
        self._collections: dict[int, str] = {}

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name == "getMore" and "maxTimeMS" in event.command:
            return
        named = event.command.get("collection" if event.command_name == "getMore" else event.command_name)
        self._collections[event.request_id] = named if isinstance(named, str) else ""

    def succeeded(self, event: CommandSucceededEvent) -> None:
        self._ended(event, failed=False)

    def failed(self, event: CommandFailedEvent) -> None:
        self._ended(event, failed=True)

    def _ended(self, event: CommandSucceededEvent | CommandFailedEvent, failed: bool) -> None:
        collection = self._collections.pop(event.request_id, None)
        if collection is None:
            return
        seconds = event.duration_micros / 1_000_000
        _count(DOCUMENTS, event.command_name, seconds, failed)
        if seconds >= self._slow_s:
            log.warning("slow_command", command=event.command_name, collection=collection, ms=round(seconds * 1000, 1))


# --- S3 -------------------------------------------------------------------------------------------


def watch(client: S3Client) -> None:
    """Times every call of an S3 client; for a download, up to its first byte."""
    client.meta.events.register("before-call.s3", _call_begins)
    client.meta.events.register("after-call.s3", _call_ends)
    client.meta.events.register("after-call-error.s3", _call_ends)


def _call_begins(context: dict[str, object], **_: object) -> None:
    context["begun"] = time.perf_counter()


def _call_ends(event_name: str, context: dict[str, Any], http_response: Any = None, **_: Any) -> None:
    failed = http_response is None or http_response.status_code >= STORE_FAILS
    _count(OBJECTS, event_name.rpartition(".")[2], time.perf_counter() - context["begun"], failed)


# --- commits and uploads --------------------------------------------------------------------------


@contextmanager
def committing(chain: str) -> Iterator[Callable[[], None]]:
    """Counts how one commit to `chain` ends: the code of a refusal, `failed` or `committed`; raises what the block
    raises. Yields a function to call each time the transaction begins.
    """
    begun = 0

    def begin() -> None:
        nonlocal begun
        begun += 1

    kind, outcome = chain.partition(":")[0], "committed"
    try:
        yield begin
    except Exception as failure:
        outcome = failure.code if isinstance(failure, Refusal) else "failed"
        raise
    finally:
        COMMITS.labels(kind, outcome).inc()
        RETRIES.labels(kind).inc(max(0, begun - 1))


def upload_concluded(outcome: FileState, reason: str | None, size: int) -> None:
    """Counts a concluded file. outcome: verified or quarantined. reason: code of the refusal. size: in bytes."""
    UPLOADS.labels(outcome, reason or "none").inc()
    UPLOAD_BYTES.labels(outcome).inc(size)
