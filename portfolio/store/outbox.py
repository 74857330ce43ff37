"""Runs background work, written in the same transaction as its act: claimed with a lease, done at least once.

The lease of a killed worker expires and another worker claims the row. Like drafts, counts of attempts and notes of
digests, these writes bypass the journal: they state nothing about the exam.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from pymongo import ASCENDING, ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from portfolio.documents.fields import instant
from portfolio.errors import Refusal
from portfolio.store import engine_metrics
from portfolio.store.connections import current
from portfolio.store.journal import MAJORITY, Errand, ask_for

LEASE = timedelta(minutes=2)
LONGEST_WAIT = timedelta(hours=6)
log = structlog.get_logger()

ErrandRow = dict[str, Any]
Lane = dict[str, Any]

DRAW: Final = "draw"  # the kind of row that makes views of a file: a minute of a processor, which no mail waits for
PRINT_DOSSIER: Final = "dossier"  # the kind of row that prints the pieces of a candidate: as long
UNPACK: Final = "unpack"  # the kind of row that unpacks an archive of a candidate: as long
EXAMINE: Final = "examine"  # the kind of row that shows a file to the antivirus, which could not when it was deposited
_LONG: Final = (DRAW, PRINT_DOSSIER, UNPACK, EXAMINE)
SOON: Final[Lane] = {"kind": {"$nin": _LONG}}  # MongoDB conditions of the rows that one thread takes
DRAWINGS: Final[Lane] = {"kind": {"$in": _LONG}}


@dataclass(frozen=True)
class ErrandOutcome:
    """The result of a row. words: `sent`, or why nothing was sent. facts: fields stored with the row.

    then: the next errand, written in the transaction that marks this row as done; it replaces one that waits under
    its key. kept: False if nobody will ask for the row, as where it concerned no known person; it is removed.
    """

    words: str
    facts: dict[str, Any] = field(default_factory=dict)
    then: Errand | None = None
    kept: bool = True


DONE = ErrandOutcome("done")
ErrandHandler = Callable[[ErrandRow, datetime], ErrandOutcome]


def free_at(at: datetime) -> dict[str, object]:
    """Returns the MongoDB condition that no worker holds a row at that instant."""
    return {"$or": [{"leased_until": None}, {"leased_until": {"$lte": at}}]}


def claim(at: datetime, lane: Lane = SOON) -> ErrandRow | None:
    """Returns the oldest row of the lane that is due and free, leased to the caller for two minutes, or None. Frees its
    key: see `Errand`.
    """
    row: ErrandRow | None = current().database.outbox.find_one_and_update(
        {"done_at": None, "due_at": {"$lte": at}, **lane, **free_at(at)},
        {"$set": {"leased_until": at + LEASE}, "$inc": {"attempts": 1}, "$unset": {"key": ""}},
        sort=[("due_at", ASCENDING)],
        return_document=ReturnDocument.AFTER,
    )
    return row


def deliver_due(
    handlers: dict[str, ErrandHandler],
    clock: Callable[[], datetime],
    ending: Callable[[], bool] = lambda: False,
    lane: Lane = SOON,
) -> int:
    """Handles rows of the lane until none is due, or `ending()` is True, and returns how many succeeded.

    handlers: {kind of row: what handles it}. A row whose handler raises is put off, longer each time (a minute to six
    hours); raises PyMongoError alone.
    """
    done = 0
    while not ending() and (row := claim(clock(), lane)) is not None:
        try:
            outcome = handlers[row["kind"]](row, clock())
        except PyMongoError:
            raise  # the store is down: nothing can be written, and the lease expires
        except Exception as error:  # the failure of one row must not delay the others
            _put_off(row, error, clock())
        else:
            _finish(row, outcome, clock())
            engine_metrics.ERRANDS.labels(row["kind"], outcome.words).inc()
            done += 1
    return done


def next_due(at: datetime, lane: Lane = SOON) -> datetime | None:
    """Returns the instant at which the next row of the lane that is not yet due will be; None without any."""
    later = {"done_at": None, "due_at": {"$gt": at}, **lane}
    row = current().database.outbox.find_one(later, {"due_at": 1}, sort=[("due_at", ASCENDING)])
    return row["due_at"] if row else None


def ask_alone(errand: Errand, at: datetime) -> None:
    """Writes an errand that follows from no act."""
    with current().client.start_session() as session:
        session.with_transaction(lambda session: ask_for(session, errand, at), write_concern=MAJORITY)


def note_returned(row: ErrandRow, facts: Mapping[str, datetime | str], at: datetime, then: Errand | None) -> None:
    """Stores facts with the row of a mail that came back and, with them, the errand that makes it leave again; does
    nothing where this was noted before.
    """

    def act(session: ClientSession) -> None:
        first = {"_id": row["_id"], "bounced_at": None}
        noted = current().database.outbox.update_one(first, {"$set": facts}, session=session).matched_count
        if noted and then is not None:
            ask_for(session, then, at)

    with current().client.start_session() as session:
        session.with_transaction(act, write_concern=MAJORITY)


def _finish(row: ErrandRow, outcome: ErrandOutcome, at: datetime) -> None:
    """Marks a row as done with its outcome, and writes the errand that follows. Writes nothing if another worker did:
    this one may have outlived its lease.
    """
    finish = {"done_at": instant(at), "leased_until": None, "failure": None, "outcome": outcome.words, **outcome.facts}

    def act(session: ClientSession) -> None:
        outbox = current().database.outbox
        unfinished = {"_id": row["_id"], "done_at": None}
        if outcome.kept:
            finished = outbox.update_one(unfinished, {"$set": finish}, session=session).matched_count
        else:
            finished = outbox.delete_one(unfinished, session=session).deleted_count
        if finished and outcome.then is not None:
            if outcome.then.key is not None:
                outbox.delete_one({"key": outcome.then.key}, session=session)
            ask_for(session, outcome.then, at)

    with current().client.start_session() as session:
        session.with_transaction(act, write_concern=MAJORITY)


def _put_off(row: ErrandRow, error: Exception, at: datetime) -> None:
    wait = min(timedelta(seconds=30) * 2 ** min(row["attempts"], 12), LONGEST_WAIT)
    engine_metrics.ERRANDS.labels(row["kind"], "put_off").inc()
    foreseen = isinstance(error, (Refusal, OSError))
    failure, where = type(error).__name__, None if foreseen else error
    log.warning("errand_put_off", kind=row["kind"], row=str(row["_id"]), failure=failure, exc_info=where)
    later = {"due_at": at + wait, "leased_until": None, "failure": failure}
    current().database.outbox.update_one({"_id": row["_id"]}, {"$set": later})
