"""The only way to write: guarded changes and one past-tense event, in one MongoDB transaction.

The event becomes a keyed link of its chain (`portfolio/store/chains.py`), which also seals what the commit stored
(`portfolio/store/seals.py`). Recomputing needs the key; truncating shows against the head kept in `chains`, the links
that witnessed it, and the anchors kept elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from portfolio.documents import KINDS
from portfolio.documents.fields import instant
from portfolio.errors import NotNow, Refusal, Stale, Unavailable
from portfolio.ids import new_id
from portfolio.store import engine_metrics
from portfolio.store.chains import GENESIS, Event, append
from portfolio.store.connections import current
from portfolio.store.sealed_fields import SEALED
from portfolio.store.seals import Seals, projection, touched
from portfolio.store.unique_errors import taken

MAJORITY = WriteConcern(w="majority", j=True)
# Against acts on the same things. A process killed in the middle of a transaction leaves it open on the server, which
# lets nobody else write there until transactionLifetimeLimitSeconds: meanwhile a thread is not to be held.
INSISTS_S, RETRY_AFTER_S = 20, 5
KEY_LASTS = timedelta(days=2)  # of an Idempotency-Key; an index removes it some time after


class AlreadyDone(Refusal):
    """The same Idempotency-Key was committed before: `kind`, `thing` name what it made."""

    code = "already_done"

    def __init__(self, kind: str, thing: ObjectId, fingerprint: str) -> None:
        super().__init__()
        self.kind, self.thing, self.fingerprint = kind, thing, fingerprint


class AlreadyExists(NotNow):
    """A unique index refused: somebody was first, or it was there before. errors: as in `Invalid`."""

    code = "already_exists"
    detail = "{sentence}"

    def __init__(self, key: dict[str, Any]) -> None:
        field, sentence = taken(key)
        super().__init__(sentence=sentence)
        self.errors = {field: [sentence]} if field else {}


class MovedMeanwhile(NotNow):
    """What the act rests on was changed by somebody between its reading and its writing."""

    code = "moved_meanwhile"
    detail = "Quelque chose dont dépend cette action a changé au même moment : relisez, puis recommencez."


@dataclass
class Insert:
    """A new document."""

    document: Any


@dataclass
class Change:
    """Sets `values` on a document, guarded by the revision that was read; adds one to it.

    push: {list field: item}. any_revision: for changes that commute (a grant pushed, a portfolio touched): then only
    `expected` guards. expected: {field: value} as it must stand at the moment of writing.
    """

    document: Any
    values: dict[str, Any] = field(default_factory=dict)
    push: dict[str, Any] = field(default_factory=dict)
    expected: dict[str, Any] = field(default_factory=dict)
    any_revision: bool = False


@dataclass
class ChangeAll:
    """One update on many documents of a kind. query and values are in MongoDB's terms."""

    kind: type
    query: dict[str, Any]
    values: dict[str, Any]


@dataclass
class Hold:
    """A document that must stand as `expected` at the moment of writing, though this commit changes nothing of it.

    expected: {field: value}; name `revision` to refuse any change since it was read. Raises MovedMeanwhile.
    It is written to all the same (`held`, which no reader is shown), because a transaction that only reads does not
    conflict with one that writes; its revision stays, so that a tutor's sign-off moves no candidate's ETag.
    """

    document: Any
    expected: dict[str, Any]


@dataclass
class Remove:
    """A document that leaves the store, guarded by the revision that was read and by `expected` (see `Change`).

    Only for what was written by mistake and never used: everything else stays, cancelled or withdrawn.
    """

    document: Any
    expected: dict[str, Any] = field(default_factory=dict)


@dataclass
class RemoveAll:
    """Every document of a kind that matches leaves the store: what was decided in an elimination. query: as above."""

    kind: type
    query: dict[str, Any]


@dataclass
class Seal:
    """Seals documents as they stand, and changes nothing of them. groups: {id: names of groups of fields}."""

    kind: type
    groups: dict[ObjectId, list[str]]


AnyChange = Insert | Change | ChangeAll | Hold | Remove | RemoveAll | Seal


@dataclass(frozen=True)
class Errand:
    """Background work asked for in the same transaction. payload: ids only.

    key: at most one row waits under it, the first asked for: what it does is worked out when it is done.
    due_at: not before; at once by default.
    """

    kind: str
    payload: dict[str, Any]
    key: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True)
class _RequestOnce:
    key: str
    fingerprint: str


_request: ContextVar[_RequestOnce | None] = ContextVar("request_once", default=None)


@contextmanager
def once(key: str, fingerprint: str) -> Iterator[None]:
    """Within this block, the first commit also records `key`; a second commit under the same key does not happen."""
    reset = _request.set(_RequestOnce(key, fingerprint))
    try:
        yield
    finally:
        _request.reset(reset)


def commit(
    changes: Iterable[AnyChange],
    event: Event | Sequence[Event],
    errands: Iterable[Errand] = (),
) -> dict[str, Any]:
    """Writes all or nothing; returns the new link, the first one where one act makes several facts.

    Raises Stale (a guarded revision moved), MovedMeanwhile (an expected value moved), AlreadyExists (unique),
    AlreadyDone; Unavailable where others still hold what it writes to after INSISTS_S.
    """
    changes, errands = list(changes), list(errands)
    events = [event] if isinstance(event, Event) else list(event)
    prepared = [_prepare(change) for change in changes]
    until = time.monotonic() + INSISTS_S

    def act(session: ClientSession) -> list[dict[str, Any]]:
        if time.monotonic() > until:
            raise Unavailable(retry_after=RETRY_AFTER_S)
        begin()
        _record_request(session, events[0])
        seals = _written(session, changes, prepared)
        for errand in errands:
            ask_for(session, errand, events[0].at)
        return append(session, events, seals)

    with current().client.start_session() as session, engine_metrics.committing(events[0].chain) as begin:
        try:
            links = session.with_transaction(act, read_concern=ReadConcern("snapshot"), write_concern=MAJORITY)
        except DuplicateKeyError as error:
            details = error.details or {}
            if "request_keys" in str(details.get("errmsg", "")):
                raise _already_done() from error
            raise AlreadyExists(details.get("keyValue", {})) from error
    for change in changes:
        if isinstance(change, Change):
            change.document.revision += 1  # the ETag of what was written, not of what was read
    current().written.append(f"{links[-1]['chain']} {links[-1]['seq']}:{links[-1]['mac']}")
    if errands:
        current().wake()
    return links[0]


def ask_for(session: ClientSession, errand: Errand, at: datetime) -> None:
    """Writes the errand's row within a transaction of the caller's.

    A row already waiting under its key is written to all the same (`asked`): whoever claims it at this very moment then
    conflicts with this transaction, and one of the two goes second and sees the other.
    """
    row = {"_id": new_id(), "kind": errand.kind, "payload": errand.payload}
    row |= {"due_at": instant(errand.due_at or at), "attempts": 0, "done_at": None}
    outbox = current().database.outbox
    if errand.key is None:
        outbox.insert_one(row, session=session)
    else:
        counted = {"$setOnInsert": row, "$inc": {"asked": 1}}
        outbox.update_one({"key": errand.key}, counted, upsert=True, session=session)


def _prepare(change: AnyChange) -> dict[str, Any]:
    if isinstance(change, ChangeAll):
        return {"$set": change.values, "$inc": {"revision": 1}}
    if isinstance(change, Hold):
        return {"$inc": {"held": 1}}
    if isinstance(change, Remove | RemoveAll | Seal):
        return {}
    document = change.document
    if isinstance(change, Insert):
        document.validate()
        return dict(document.to_mongo())
    for name, value in change.values.items():
        setattr(document, name, value)
    for name, item in change.push.items():
        getattr(document, name).append(item)
    document.validate()
    raw = document.to_mongo()
    update: dict[str, Any] = {"$inc": {"revision": 1}}
    if change.values:
        update["$set"] = {name: raw.get(name) for name in change.values}
    if change.push:
        update["$push"] = {name: raw[name][-1] for name in change.push}
    return update


def _written(session: ClientSession, changes: list[AnyChange], prepared: list[dict[str, Any]]) -> Seals:
    """What the link is to seal of all that was written."""
    seals = Seals()
    for change, ready in zip(changes, prepared, strict=True):
        _write(session, change, ready, seals)
    return seals


def _write(session: ClientSession, change: AnyChange, ready: dict[str, Any], seals: Seals) -> None:
    if isinstance(change, ChangeAll | RemoveAll):
        _write_all(session, change, ready, seals)
        return
    if isinstance(change, Seal):
        _seal(session, change, seals)
        return
    collection = change.document._get_collection()
    if isinstance(change, Insert):
        collection.insert_one(ready, session=session)
        if rules := SEALED.get(collection.name):
            seals.rows.append((collection.name, ready, list(rules.groups)))
        return
    if not _written_under_guard(session, change, ready, seals):
        raise _refusal(session, change.document, change)


def _written_under_guard(
    session: ClientSession, change: Change | Hold | Remove, ready: dict[str, Any], seals: Seals
) -> bool:
    collection = change.document._get_collection()
    guard = {"_id": change.document.pk, **change.expected}
    if isinstance(change, Remove) or (isinstance(change, Change) and not change.any_revision):
        guard["revision"] = change.document.revision
    if isinstance(change, Remove):
        gone = collection.find_one_and_delete(guard, {"revision": 1}, session=session)
        if gone is not None and collection.name in SEALED:
            seals.removed.append((collection.name, gone))
        return gone is not None
    groups = touched(collection.name, (*change.values, *change.push)) if isinstance(change, Change) else []
    if not groups:
        return bool(collection.update_one(guard, ready, session=session).matched_count)
    seen = projection(collection.name, groups)
    row = collection.find_one_and_update(guard, ready, seen, return_document=ReturnDocument.AFTER, session=session)
    if row is not None:
        seals.rows.append((collection.name, row, groups))
    return row is not None


def _write_all(session: ClientSession, change: ChangeAll | RemoveAll, ready: dict[str, Any], seals: Seals) -> None:
    """Of what is sealed, each document is known by its identifier before, and read again afterwards."""
    collection = change.kind._get_collection()  # type: ignore[attr-defined]
    removes = isinstance(change, RemoveAll)
    groups = [] if removes else touched(collection.name, change.values)  # type: ignore[union-attr]
    known = list(collection.find(change.query, {"revision": 1}, session=session)) if groups or removes else []
    if removes:
        collection.delete_many(change.query, session=session)
        if collection.name in SEALED:
            seals.removed += [(collection.name, row) for row in known]
        return
    collection.update_many(change.query, ready, session=session)
    if known:
        among = {"_id": {"$in": [row["_id"] for row in known]}}
        rows = collection.find(among, projection(collection.name, groups), session=session)
        seals.rows += [(collection.name, row, groups) for row in rows]


def _seal(session: ClientSession, change: Seal, seals: Seals) -> None:
    collection = change.kind._get_collection()  # type: ignore[attr-defined]
    for row in collection.find({"_id": {"$in": list(change.groups)}}, session=session):
        seals.rows.append((collection.name, row, change.groups[row["_id"]]))


def _refusal(session: ClientSession, document: Any, change: Change | Hold | Remove) -> Refusal:
    """Looks at the document as the transaction sees it: a plain read may still answer what was before the winner."""
    if isinstance(change, Hold):
        return MovedMeanwhile()
    raw = document._get_collection().find_one({"_id": document.pk}, session=session)
    fresh = type(document)._from_son(raw) if raw else None
    loose = isinstance(change, Change) and change.any_revision
    if fresh is None or loose or fresh.revision == document.revision:
        return MovedMeanwhile()
    return Stale(fresh, expected=document.revision, current=fresh.revision)


def _record_request(session: ClientSession, event: Event) -> None:
    request = _request.get()
    if request is None:
        return
    row = {"fingerprint": request.fingerprint, "at": instant(event.at)}
    row |= {"kind": type(event.subject).__name__, "thing": event.subject.pk}
    over = {"_id": request.key, "at": {"$lte": event.at - KEY_LASTS}}  # of one that is not, this is a duplicate
    current().database.request_keys.update_one(over, {"$set": row}, upsert=True, session=session)


def _already_done() -> AlreadyDone:
    request = _request.get()
    assert request is not None
    found = current().database.request_keys.find_one({"_id": request.key})
    if found is None:  # over, and removed since
        raise Unavailable(retry_after=RETRY_AFTER_S)
    return AlreadyDone(found["kind"], found["thing"], found["fingerprint"])


def done_before(key: str, at: datetime) -> AlreadyDone | None:
    """What an Idempotency-Key made in the two days before `at`, if it was used."""
    found = current().database.request_keys.find_one({"_id": key, "at": {"$gt": at - KEY_LASTS}})
    return AlreadyDone(found["kind"], found["thing"], found["fingerprint"]) if found else None


# --- chains ---------------------------------------------------------------------------------------


def head(chain: str) -> str:
    """ "seq:mac" of the last link; "0:000…" for an empty chain."""
    found = current().database.chains.find_one({"_id": chain}) or {"seq": 0, "mac": GENESIS}
    return f"{found['seq']}:{found['mac']}"


def find(kind_name: str, thing: ObjectId) -> Any:
    return KINDS[kind_name].objects(pk=thing).first()


def portfolio_chain(thing: Any) -> str:
    """The chain of what the candidate may know. A commission's acts never go there."""
    return f"portfolio:{thing.candidacy}"


def assessment_chain(thing: Any) -> str:
    """The chain of the commission's and the jury's acts on one candidacy."""
    return f"assessment:{thing.candidacy}"
