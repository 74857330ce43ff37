"""What nearly every test begins with is made once by the acts of the trade, then put back as they wrote it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mongoengine import Document

from portfolio import ids
from portfolio.rules.texts.circular import circular_for
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from portfolio.store.connections import current, storage
from tests.support.worlds import rows_at_once

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Begun:
    """rows: of each collection. made: {attribute: (kind, collection, id)}, in the order in which they were made. now:
    when it was done. files: {key in the bucket: content}.
    """

    rows: Rows
    made: dict[str, tuple[type[Document], str, Any]]
    count: int
    now: datetime
    files: dict[str, bytes]


_KEPT: dict[Any, Begun] = {}


def begun(world: Any, name: str, make: Callable[[], Any], *, files: bool = False) -> Any:
    """What `make` makes for this attribute of a world in which nothing was done yet; anything else is made anew. files:
    it stores some, in a bucket that was emptied.
    """
    if not _nothing_done(world):
        return make()
    key = name, world.session, circular_for(world.session, BTS_ASSURANCE_E5).sha256, world.clock()
    if key in _KEPT:
        return _put_back(world, _KEPT[key], name)
    made = make()
    held = {**_documents(world), name: made}
    attributes = {one: (type(thing), thing._get_collection_name(), thing.pk) for one, thing in held.items()}
    _KEPT[key] = Begun(_stored(), attributes, world.count, world.clock(), _in_the_bucket() if files else {})
    return made


def _nothing_done(world: Any) -> bool:
    untouched = not _documents(world) and not world.count  # a person of the test's own would be put back with it
    return untouched and ids._seed.get() is None and current().database.events.find_one() is None


def _documents(world: Any) -> dict[str, Document]:
    return {name: thing for name, thing in vars(world).items() if isinstance(thing, Document)}


def _stored() -> Rows:
    database = current().database
    found = {name: list(database[name].find()) for name in database.list_collection_names() if name != "migrations"}
    return {name: rows for name, rows in found.items() if rows}


def _in_the_bucket() -> dict[str, bytes]:
    return {stored.key: b"".join(storage().open(stored.key)) for stored in storage().list_keys("")}


def _put_back(world: Any, kept: Begun, name: str) -> Any:
    current().written.clear()
    rows_at_once.insert(current().database, kept.rows)
    by_id = {collection: {row["_id"]: row for row in rows} for collection, rows in kept.rows.items()}
    for attribute, (kind, collection, id) in kept.made.items():
        vars(world)[attribute] = kind._from_son(by_id[collection][id])
    for key, content in kept.files.items():
        storage().put(key, content, "application/pdf")
    world.count = kept.count
    if world.clock() != kept.now:
        world.clock.now = kept.now
    return vars(world)[name]
