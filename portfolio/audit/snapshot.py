"""Reads collections as of one moment, and digests what was read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from bson.timestamp import Timestamp
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from portfolio.errors import NotNow
from portfolio.store.connections import current

SNAPSHOT_LOST = {239, 246}  # SnapshotTooOld, SnapshotUnavailable


class SnapshotLost(NotNow):
    code = "snapshot_lost"
    detail = (
        "La base n'a pas gardé l'instantané jusqu'à la fin de la lecture. Recommencez ; si cela se répète, augmentez "
        "minSnapshotHistoryWindowInSeconds sur MongoDB (300 secondes par défaut)."
    )


@dataclass(frozen=True)
class Dump:
    """One collection. size: in bytes."""

    count: int
    size: int
    sha256: str


@contextmanager
def at_one_moment() -> Iterator[ClientSession]:
    """Opens a session in which everything is read as of one moment. Raises SnapshotLost if reading took too long."""
    try:
        with current().client.start_session(snapshot=True) as session:
            yield session
    except OperationFailure as failure:
        if failure.code in SNAPSHOT_LOST:
            raise SnapshotLost() from failure
        raise


def moment_of(session: ClientSession) -> Timestamp:
    """Returns the moment of the snapshot: the first read of the session sets it, and only its answer contains it. Call
    it before any other read.
    """
    first = {"find": "chains", "limit": 1, "singleBatch": True, "readConcern": {"level": "snapshot"}}
    answer = current().database.command(first, session=session)
    moment: Timestamp = answer["cursor"]["atClusterTime"]
    return moment


def raw_documents(collection: Collection[dict[str, Any]], session: ClientSession | None = None) -> Iterator[bytes]:
    """Yields batches of a collection's BSON documents, in order of _id."""
    yield from collection.find_raw_batches({}, sort=[("_id", 1)], session=session)


def digested(batches: Iterable[bytes], target: BinaryIO | None = None) -> Dump:
    """Counts and digests batches of BSON documents, and writes them to the target if there is one; returns number,
    bytes and SHA-256.
    """
    digest, count, size = hashlib.sha256(), 0, 0
    for batch in batches:
        digest.update(batch)
        size += len(batch)
        start = 0
        while start < len(batch):  # a document begins with its own length
            start += int.from_bytes(batch[start : start + 4], "little")
            count += 1
        if target is not None:
            target.write(batch)
    return Dump(count, size, digest.hexdigest())
