"""Background work asked for in the same transaction as the act: claimed with a lease, done at least once.

A worker killed in the middle leaves a lease that runs out; another takes the row up. These writes do not
pass through the journal, like drafts, counts of tries and notes of digests: they say nothing about the exam.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from pymongo import ASCENDING, ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from portfolio.documents.fields import instant
from portfolio.errors import Refusal
from portfolio.store.connections import current
from portfolio.store.journal import MAJORITY, Errand, ask_for

LEASE = timedelta(minutes=2)
LONGEST_WAIT = timedelta(hours=6)
log = structlog.get_logger()

Row = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What became of a row: `sent`, or why nothing was. facts: kept with the row.

    then: the errand that follows, written in the transaction that says this one is done. One that waits already under
    its key is replaced. kept: False where the row concerned nobody, and is removed.
    """

    words: str
    facts: dict[str, Any] = field(default_factory=dict)
    then: Errand | None = None
    kept: bool = True


DONE = Outcome("done")
Handler = Callable[[Row, datetime], Outcome]


def claim(at: datetime) -> Row | None:
    """The oldest row that is due and free, leased to the caller. Its key is free again: see `Errand`."""
    free = {"$or": [{"leased_until": None}, {"leased_until": {"$lte": at}}]}
    row: Row | None = current().database.outbox.find_one_and_update(
        {"done_at": None, "due_at": {"$lte": at}, **free},
        {"$set": {"leased_until": at + LEASE}, "$inc": {"attempts": 1}, "$unset": {"key": ""}},
        sort=[("due_at", ASCENDING)],
        return_document=ReturnDocument.AFTER,
    )
    return row


def deliver_due(
    handlers: dict[str, Handler], clock: Callable[[], datetime], ending: Callable[[], bool] = lambda: False
) -> int:
    """Works until nothing is due, or `ending`; a row that fails waits longer each time. Returns how many were done."""
    done = 0
    while not ending() and (row := claim(clock())) is not None:
        try:
            outcome = handlers[row["kind"]](row, clock())
        except PyMongoError:
            raise  # the store is down: nothing can be written, the lease runs out by itself
        except Exception as error:  # whatever befalls one row, the others are not to wait for it
            _put_off(row, error, clock())
        else:
            _finish(row, outcome, clock())
            done += 1
    return done


def next_due(at: datetime) -> datetime | None:
    """When the next row comes due that is not due yet."""
    later = {"done_at": None, "due_at": {"$gt": at}}
    row = current().database.outbox.find_one(later, {"due_at": 1}, sort=[("due_at", ASCENDING)])
    return row["due_at"] if row else None


def _finish(row: Row, outcome: Outcome, at: datetime) -> None:
    """A worker that outlived its lease may come second: then nothing is left to write."""
    told = {"done_at": instant(at), "leased_until": None, "failure": None, "outcome": outcome.words, **outcome.facts}

    def act(session: ClientSession) -> None:
        outbox = current().database.outbox
        unfinished = {"_id": row["_id"], "done_at": None}
        if not outcome.kept:
            outbox.delete_one(unfinished, session=session)
            return
        finished = outbox.update_one(unfinished, {"$set": told}, session=session).matched_count
        if finished and outcome.then is not None:
            if outcome.then.key is not None:
                outbox.delete_one({"key": outcome.then.key}, session=session)
            ask_for(session, outcome.then, at)

    with current().client.start_session() as session:
        session.with_transaction(act, write_concern=MAJORITY)


def _put_off(row: Row, error: Exception, at: datetime) -> None:
    wait = min(timedelta(seconds=30) * 2 ** min(row["attempts"], 12), LONGEST_WAIT)
    foreseen = isinstance(error, (Refusal, OSError))
    failure, where = type(error).__name__, None if foreseen else error
    log.warning("errand_put_off", kind=row["kind"], row=str(row["_id"]), failure=failure, exc_info=where)
    later = {"due_at": at + wait, "leased_until": None, "failure": failure}
    current().database.outbox.update_one({"_id": row["_id"]}, {"$set": later})
