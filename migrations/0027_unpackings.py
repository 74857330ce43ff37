"""Archives are unpacked one at a time for each candidate, each once; their rows are removed by an index."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def migrate(db: Database[dict[str, Any]]) -> None:
    db.unpackings.create_index([("candidacy", ASCENDING), ("number", ASCENDING)], unique=True)
    db.unpackings.create_index([("file", ASCENDING)], unique=True)
    db.unpackings.create_index([("expires_at", ASCENDING)], expireAfterSeconds=0)
