"""Les actes sur les droits et comptes, avec leurs index. Les droits donnés auparavant continuent de compter."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

COLLECTION = "account_changes"
INDEXES: list[tuple[tuple[str, ...], dict[str, Any]]] = [
    (("academies", "_id"), {}),
    (
        ("person", "what", "grant"),
        {"name": "one_change_waits", "unique": True, "partialFilterExpression": {"state": "waiting"}},
    ),
    (("person",), {}),
]


def migrate(db: Database[dict[str, Any]]) -> None:
    if COLLECTION not in db.list_collection_names():
        db.create_collection(COLLECTION)
    for fields, options in INDEXES:
        db[COLLECTION].create_index([(field, ASCENDING) for field in fields], **options)
