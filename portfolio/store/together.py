"""Asks the store for several things in one command: a page waits once, however many collections it reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from bson import ObjectId
from mongoengine import Document

from portfolio.documents.fields import Kind, Thing, keep, kept
from portfolio.documents.rows import WholeRow
from portfolio.store.connections import current

Stage = dict[str, Any]
StoredRow = dict[str, Any]  # as the store gives it
Things = dict[ObjectId, Any]  # by id, of one kind
PART = "_part"  # of which list a row is
BATCH = 10_000


@dataclass(frozen=True)
class Wanted:
    """Rows of one collection. fields: as a projection of MongoDB, all of them where none is named. order: names of
    fields that every row has, from the least to the greatest. stages: what the store does besides with each row.
    """

    collection: str
    query: Mapping[str, object]
    fields: Mapping[str, int] = field(default_factory=dict)
    order: tuple[str, ...] = ("_id",)
    stages: tuple[Stage, ...] = ()

    def pipeline(self, rank: int) -> list[Stage]:
        projection = [{"$project": dict(self.fields)}] if self.fields else []
        return [{"$match": dict(self.query)}, *self.stages, *projection, {"$addFields": {PART: rank}}]


def wanted(kind: type[Document], query: Mapping[str, object], *order: str, fields: Collection[str] = ()) -> Wanted:
    """Returns what to ask of the rows of a kind of document. fields: their names, all of them where none is named."""
    return Wanted(kind._get_collection_name(), query, dict.fromkeys(fields, 1), order or ("_id",))


def together(*lists: Wanted) -> list[list[StoredRow]]:
    """Returns the raw rows of each list, in its order, by one command. A list that is asked for nothing at all costs
    nothing more.
    """
    first, *others = lists
    unions = [
        {"$unionWith": {"coll": other.collection, "pipeline": other.pipeline(rank)}}
        for rank, other in enumerate(others, 1)
    ]
    parts: list[list[StoredRow]] = [[] for _ in lists]
    for row in current().database[first.collection].aggregate([*first.pipeline(0), *unions], batchSize=BATCH):
        parts[row.pop(PART)].append(row)
    return [_sorted(rows, asked.order) for rows, asked in zip(parts, lists, strict=True)]


def _sorted(rows: list[StoredRow], order: tuple[str, ...]) -> list[StoredRow]:
    """Returns the rows in their order, which a union does not promise to keep."""
    for name in reversed(order):
        rows.sort(key=(lambda row: row["_id"].binary) if name == "_id" else itemgetter(name))
    return rows


def read_several(*asked: tuple[type[Thing], Iterable[ObjectId | None]]) -> list[Things]:
    """Returns {id: document} of those that exist, of each kind, in one command: none for those that are kept. None
    among the ids stands for none.
    """
    wished = [(kind, {key for key in ids if key is not None}) for kind, ids in asked]
    known: list[Things] = [{key: thing for key in ids if (thing := kept(kind, key))} for kind, ids in wished]
    unread = [(kind, ids - things.keys()) for (kind, ids), things in zip(wished, known, strict=True)]
    if any(ids for _, ids in unread):
        rows = together(*(wanted(kind, {"_id": {"$in": list(ids)}}) for kind, ids in unread))
        for (kind, _), things, raws in zip(unread, known, rows, strict=True):
            things |= {thing.id: keep(thing) for thing in documents(kind, raws)}
    return known


def documents(kind: type[Kind], rows: list[StoredRow]) -> list[Kind]:
    """Returns documents of rows that were read whole, to be changed or held."""
    return [kind._from_son(row) for row in rows]


def to_read(kind: type[Kind], rows: list[StoredRow]) -> list[Kind]:
    """Returns rows that read like the documents, faster to make."""
    made: list[Any] = [WholeRow(kind, row) for row in rows]
    return made
