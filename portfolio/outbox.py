"""Background work asked for in the same transaction as the act: claimed with a lease, done at least once.

A worker killed in the middle leaves a lease that runs out; another takes the row up. These are the only writes that
do not pass through the journal: they say nothing about the exam.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from pymongo import ASCENDING, ReturnDocument
from pymongo.errors import PyMongoError

from portfolio.connections import current
from portfolio.errors import Refusal

LEASE = timedelta(minutes=2)
LONGEST_WAIT = timedelta(hours=6)
log = structlog.get_logger()

Row = dict[str, Any]


def claim(at: datetime) -> Row | None:
    """The oldest row that is due and free, leased to the caller."""
    free = {"$or": [{"leased_until": None}, {"leased_until": {"$lte": at}}]}
    row: Row | None = current().database.outbox.find_one_and_update(
        {"done_at": None, "due_at": {"$lte": at}, **free},
        {"$set": {"leased_until": at + LEASE}, "$inc": {"attempts": 1}},
        sort=[("due_at", ASCENDING)],
        return_document=ReturnDocument.AFTER,
    )
    return row


def deliver_due(handlers: dict[str, Callable[[Row], None]], clock: Callable[[], datetime]) -> int:
    """Works until nothing is due; a row that fails waits longer each time. Returns how many rows were done."""
    done = 0
    while (row := claim(clock())) is not None:
        try:
            handlers[row["kind"]](row)
        except PyMongoError:
            raise  # the store is down: nothing can be written, the lease runs out by itself
        except Exception as error:  # whatever befalls one row, the others are not to wait for it
            _put_off(row, error, clock())
        else:
            current().database.outbox.update_one(
                {"_id": row["_id"]}, {"$set": {"done_at": clock(), "leased_until": None, "failure": None}}
            )
            done += 1
    return done


def _put_off(row: Row, error: Exception, at: datetime) -> None:
    wait = min(timedelta(seconds=30) * 2 ** min(row["attempts"], 12), LONGEST_WAIT)
    foreseen = isinstance(error, (Refusal, OSError))
    failure, where = type(error).__name__, None if foreseen else error
    log.warning("errand_put_off", kind=row["kind"], row=str(row["_id"]), failure=failure, exc_info=where)
    later = {"due_at": at + wait, "leased_until": None, "failure": failure}
    current().database.outbox.update_one({"_id": row["_id"]}, {"$set": later})
