"""A result is reserved once at a time; those of a session are found by it."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def migrate(db: Database[dict[str, Any]]) -> None:
    standing = {"partialFilterExpression": {"state": "standing"}, "name": "one_standing_reserve"}
    db.reserves.create_index([("candidacy", ASCENDING)], unique=True, **standing)
    db.reserves.create_index([("academy", ASCENDING), ("session", ASCENDING), ("state", ASCENDING)])
