"""Remembers what an Idempotency-Key created: the key is written in the transaction that creates it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta

from bson import ObjectId
from pymongo.client_session import ClientSession

from portfolio.documents.fields import instant
from portfolio.errors import Refusal
from portfolio.store.chains import Event
from portfolio.store.connections import current

KEY_LASTS = timedelta(days=2)  # an index removes it some time after


class AlreadyDone(Refusal):
    """The same Idempotency-Key was committed before: `kind` and `thing` identify the document it created."""

    code = "already_done"

    def __init__(self, kind: str, thing: ObjectId, fingerprint: str) -> None:
        super().__init__()
        self.kind, self.thing, self.fingerprint = kind, thing, fingerprint


@dataclass(frozen=True)
class _RequestOnce:
    key: str
    fingerprint: str


_request: ContextVar[_RequestOnce | None] = ContextVar("request_once", default=None)


@contextmanager
def once(key: str, fingerprint: str) -> Iterator[None]:
    """Records `key` with the first commit in the block. A later commit under the same key raises AlreadyDone, which
    gives the `fingerprint` recorded with it: a digest of what was asked, to tell a repetition from another demand.
    """
    reset = _request.set(_RequestOnce(key, fingerprint))
    try:
        yield
    finally:
        _request.reset(reset)


def record(session: ClientSession, event: Event) -> None:
    """Writes the key of the block of `once`, if there is one, in the transaction. Raises DuplicateKeyError where it was
    used in the last two days.
    """
    request = _request.get()
    if request is None:
        return
    row = {"fingerprint": request.fingerprint, "at": instant(event.at)}
    row |= {"kind": type(event.subject).__name__, "thing": event.subject.pk}
    over = {"_id": request.key, "at": {"$lte": event.at - KEY_LASTS}}  # any other makes the upsert a duplicate
    current().database.request_keys.update_one(over, {"$set": row}, upsert=True, session=session)


def done_now() -> AlreadyDone | None:
    """Returns what the key of the block of `once` created before; None if its time is over, and it was removed since.
    Only inside such a block.
    """
    request = _request.get()
    assert request is not None
    row = current().database.request_keys.find_one({"_id": request.key})
    return AlreadyDone(row["kind"], row["thing"], row["fingerprint"]) if row else None


def done_before(key: str, at: datetime) -> AlreadyDone | None:
    """Returns what an Idempotency-Key created in the two days before `at`, or None if it was not used."""
    row = current().database.request_keys.find_one({"_id": key, "at": {"$gt": at - KEY_LASTS}})
    return AlreadyDone(row["kind"], row["thing"], row["fingerprint"]) if row else None
