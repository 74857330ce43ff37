"""The scan of a grid that was filled in by hand is found by its commission; its key is its own."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def migrate(db: Database[dict[str, Any]]) -> None:
    db.grid_scans.create_index([("commission", ASCENDING)])
    db.grid_scans.create_index([("candidacy", ASCENDING)])
    db.grid_scans.create_index([("key", ASCENDING)], unique=True)
