"""Writes guarded changes and their event in one MongoDB transaction. No other module writes about the exam.

The event becomes a keyed link of its chain (`portfolio/store/chains.py`), which also seals what the commit stored
(`portfolio/store/seals.py`). Forging a link needs the key; a truncation is visible from the head in `chains`, from the
links that witnessed it, and from the anchors kept elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bson import ObjectId
from mongoengine import Document
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from portfolio.documents import KINDS
from portfolio.documents.fields import instant
from portfolio.errors import NotNow, Refusal, Stale, Unavailable
from portfolio.ids import new_id
from portfolio.store import engine_metrics, request_keys
from portfolio.store.chains import GENESIS, Event, append
from portfolio.store.connections import current
from portfolio.store.sealing.sealed_fields import SEALED
from portfolio.store.seals import Seals, projection, touched
from portfolio.store.unique_errors import taken

MAJORITY = WriteConcern(w="majority", j=True)
# How long to retry against acts on the same documents. A process killed in the middle of a transaction leaves it open
# on the server, which blocks other writers until transactionLifetimeLimitSeconds: do not hold a thread that long.
INSISTS_S, RETRY_AFTER_S = 20, 5


class AlreadyExists(NotNow):
    """A unique index refused the document: it already exists. errors: see `Invalid`."""

    code = "already_exists"
    detail = "{sentence}"

    def __init__(self, key: dict[str, Any]) -> None:
        field, sentence = taken(key)
        super().__init__(sentence=sentence)
        self.errors = {field: [sentence]} if field else {}


class MovedMeanwhile(NotNow):
    """A value that the act depends on changed between its reading and its writing."""

    code = "moved_meanwhile"
    detail = "Quelque chose dont dépend cette action a changé au même moment : relisez, puis recommencez."


class HasCandidacy(Protocol):
    """A candidacy, a document below one, or its row."""

    @property
    def candidacy(self) -> object: ...


@dataclass
class Insert:
    """Inserts a new document."""

    document: Document


@dataclass
class Change:
    """Sets `values` on a document, guarded by the revision that was read, and increments the revision.

    push: {list field: item}. any_revision: for changes that commute (a grant pushed, a portfolio touched): only
    `expected` guards then. expected: {field: value that it must have at the moment of writing}.
    """

    document: Any
    values: dict[str, Any] = field(default_factory=dict)
    push: dict[str, Any] = field(default_factory=dict)
    expected: dict[str, Any] = field(default_factory=dict)
    any_revision: bool = False


@dataclass
class ChangeAll:
    """Updates all documents of a kind that match. query, values: in terms of MongoDB."""

    kind: type[Document]
    query: dict[str, Any]
    values: dict[str, Any]


@dataclass
class Hold:
    """Requires a document to be as `expected` at the moment of writing, without changing it.

    expected: {field: value}; include `revision` to refuse any change since it was read. Raises MovedMeanwhile.
    It still writes a field (`held`, which no representation contains), because a transaction that only reads does not
    conflict with one that writes. The revision stays, so that the sign-off of a tutor changes no ETag of the candidate.
    """

    document: Document
    expected: dict[str, Any]


@dataclass
class HoldAll:
    """Requires the documents that match `query` to be the same, at the same revisions, as when this was made.

    Raises MovedMeanwhile. It writes nothing: to miss none that appears meanwhile, hold before it, in the same commit, a
    document that every act on them changes too. query: in terms of MongoDB.
    """

    kind: type[Document]
    query: dict[str, Any]
    revisions: dict[ObjectId, int] = field(init=False)

    def __post_init__(self) -> None:
        self.revisions = self.read(None)

    def read(self, session: ClientSession | None) -> dict[ObjectId, int]:
        """Returns {id: revision} of what matches now, or in the transaction of this session."""
        rows = self.kind._get_collection().find(self.query, {"revision": 1}, session=session)
        return {row["_id"]: row["revision"] for row in rows}


@dataclass
class HoldNone(HoldAll):
    """Requires that no document matches `query`, whatever was read before. Raises MovedMeanwhile; as HoldAll, it misses
    none only behind a document that every act on them changes.
    """

    def __post_init__(self) -> None:
        self.revisions = {}


@dataclass
class Remove:
    """Deletes a document, guarded by the revision that was read and by `expected` (see `Change`).

    Only for documents written by mistake and never used: any other is cancelled or withdrawn, and stays.
    """

    document: Any
    expected: dict[str, Any] = field(default_factory=dict)


@dataclass
class RemoveAll:
    """Deletes all documents of a kind that match, as an elimination decided. query: in terms of MongoDB."""

    kind: type[Document]
    query: dict[str, Any]


@dataclass
class Seal:
    """Seals documents without changing them. groups: {id: names of groups of fields}."""

    kind: type[Document]
    groups: dict[ObjectId, list[str]]


AnyChange = Insert | Change | ChangeAll | Hold | HoldAll | Remove | RemoveAll | Seal


@dataclass(frozen=True)
class Errand:
    """Background work, requested in the same transaction. payload: ids only.

    key: at most one row waits under it, the first requested: its work is determined when it runs.
    due_at: earliest instant; at once by default.
    """

    kind: str
    payload: dict[str, Any]
    key: str | None = None
    due_at: datetime | None = None


def commit(
    changes: Iterable[AnyChange],
    event: Event | Sequence[Event],
    errands: Iterable[Errand] = (),
) -> dict[str, Any]:
    """Writes all or nothing, and returns the new link: the first one if the act makes several facts. Raises Stale (a
    guarded revision changed), MovedMeanwhile (an expected value changed), AlreadyExists (unique index), AlreadyDone
    (the Idempotency-Key of this request was used), ValidationError (a document of MongoEngine is invalid), Unavailable
    (another transaction still blocks it after INSISTS_S).
    """
    changes, errands = list(changes), list(errands)
    events = [event] if isinstance(event, Event) else list(event)
    prepared = [_prepare(change) for change in changes]
    until = time.monotonic() + INSISTS_S

    def act(session: ClientSession) -> list[dict[str, Any]]:
        if time.monotonic() > until:
            raise Unavailable(retry_after=RETRY_AFTER_S)
        begin()
        request_keys.record(session, events[0])
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
                raise request_keys.done_now() or Unavailable(retry_after=RETRY_AFTER_S) from error
            raise AlreadyExists(details.get("keyValue", {})) from error
    for change in changes:
        if isinstance(change, Change):
            change.document.revision += 1  # the ETag of what was written, not of what was read
    current().written.append(f"{links[-1]['chain']} {links[-1]['seq']}:{links[-1]['mac']}")
    return links[0]


def ask_for(session: ClientSession, errand: Errand, at: datetime) -> None:
    """Writes the row of the errand in the transaction of the caller.

    If a row already waits under its key, increments its `asked`: a worker that claims the row at the same time then
    conflicts with this transaction, and the second of the two retries and sees the first.
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
    if isinstance(change, HoldAll | Remove | RemoveAll | Seal):
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
    """Writes the changes in the transaction of `session`; returns what the link must seal. prepared: `_prepare` of
    each. Raises Stale, MovedMeanwhile, DuplicateKeyError (of a unique index).
    """
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
    if isinstance(change, HoldAll):
        if change.read(session) != change.revisions:
            raise MovedMeanwhile()
        return
    collection = change.document._get_collection()
    if isinstance(change, Insert):
        collection.insert_one(ready, session=session)
        if rules := SEALED.get(collection.name):
            seals.rows.append((collection.name, ready, list(rules.groups)))
        return
    if not _written_under_guard(session, change, ready, seals):
        raise _refusal(session, change)


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
    fields = projection(collection.name, groups)
    row = collection.find_one_and_update(guard, ready, fields, return_document=ReturnDocument.AFTER, session=session)
    if row is not None:
        seals.rows.append((collection.name, row, groups))
    return row is not None


def _write_all(session: ClientSession, change: ChangeAll | RemoveAll, ready: dict[str, Any], seals: Seals) -> None:
    """Updates or deletes the documents that match, in the transaction, and adds to `seals` what was written. ready: the
    update, as MongoDB takes it.
    """
    collection = change.kind._get_collection()
    removes = isinstance(change, RemoveAll)
    groups = [] if isinstance(change, RemoveAll) else touched(collection.name, change.values)
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
    collection = change.kind._get_collection()
    for row in collection.find({"_id": {"$in": list(change.groups)}}, session=session):
        seals.rows.append((collection.name, row, change.groups[row["_id"]]))


def _refusal(session: ClientSession, change: Change | Hold | Remove) -> Refusal:
    """Returns the refusal of a failed guard: Stale if the revision moved, else MovedMeanwhile. Reads in the
    transaction: a plain read may return the old version.
    """
    if isinstance(change, Hold):
        return MovedMeanwhile()
    document = change.document
    raw = document._get_collection().find_one({"_id": document.pk}, session=session)
    fresh = type(document)._from_son(raw) if raw else None
    loose = isinstance(change, Change) and change.any_revision
    if fresh is None or loose or fresh.revision == document.revision:
        return MovedMeanwhile()
    return Stale(fresh, expected=document.revision, current=fresh.revision)


# --- chains ---------------------------------------------------------------------------------------


def head(chain: str) -> str:
    """Returns "seq:mac" of the last link of a chain; "0:000…" if it has none."""
    last = current().database.chains.find_one({"_id": chain}) or {"seq": 0, "mac": GENESIS}
    return f"{last['seq']}:{last['mac']}"


def find(kind_name: str, thing: ObjectId) -> Any:
    """Returns the document of this kind with this id, or None. Raises KeyError for an unknown kind."""
    return KINDS[kind_name].objects(pk=thing).first()


def portfolio_chain(thing: HasCandidacy) -> str:
    """Returns the chain of what the candidate may know. Acts of a commission never go there."""
    return f"portfolio:{thing.candidacy}"


def assessment_chain(thing: HasCandidacy) -> str:
    """Returns the chain of the acts of the commission and the jury on one candidacy."""
    return f"assessment:{thing.candidacy}"
