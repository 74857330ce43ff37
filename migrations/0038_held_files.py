"""The files that an antivirus holds are found by school."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

HELD = {"held_at": {"$type": "date"}}


def migrate(db: Database[dict[str, Any]]) -> None:
    db.files.create_index([("school", ASCENDING), ("candidacy", ASCENDING)], partialFilterExpression=HELD)
