"""A piece of an earlier session is taken once into another one, where its files share the objects of the first."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def migrate(db: Database[dict[str, Any]]) -> None:
    if db.files.index_information().get("key_1", {}).get("unique"):
        db.files.drop_index("key_1")
    db.files.create_index([("key", ASCENDING)])
    for collection, among in (
        (db.activities, {"withdrawn_at": None}),
        (db.evidence, {"withdrawn_at": None}),
        (db.attestations, {}),
    ):
        taken: dict[str, Any] = {"reused.of": {"$type": "objectId"}, **among}
        fields = [("candidacy", ASCENDING), ("reused.of", ASCENDING)]
        collection.create_index(fields, unique=True, partialFilterExpression=taken, name="taken_once")
