"""What lists of a school wrote is found by school."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def migrate(db: Database[dict[str, Any]]) -> None:
    db.list_imports.create_index([("school", ASCENDING), ("_id", ASCENDING)])
