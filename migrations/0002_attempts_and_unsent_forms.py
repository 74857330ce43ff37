"""Tries are counted here, forms kept while their author signs in again; a code no longer keeps an address."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def migrate(db: Database[dict[str, Any]]) -> None:
    existing = set(db.list_collection_names())
    for name in {"attempts", "unsent"} - existing:
        db.create_collection(name)
    db.attempts.create_index([("until", ASCENDING)], expireAfterSeconds=0)
    db.unsent.create_index([("person", ASCENDING), ("_id", ASCENDING)])
    db.unsent.create_index([("at", ASCENDING)], expireAfterSeconds=86400)
    db.asked_ways.create_index([("person", ASCENDING), ("created_at", ASCENDING)])
    if "address_1_created_at_1" in db.asked_ways.index_information():
        db.asked_ways.drop_index("address_1_created_at_1")
    db.asked_ways.update_many({"address": {"$exists": True}}, {"$unset": {"address": ""}})
    for counted_by_a_library in ("counters", "windows"):
        db.drop_collection(counted_by_a_library)
