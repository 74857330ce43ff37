"""The address that a person's calendars subscribe to is found by the hash of its token: an index."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def migrate(db: Database[dict[str, Any]]) -> None:
    db.persons.create_index([("feed_hash", ASCENDING)], sparse=True)
