"""Dossiers are printed for a day: found by who asked for them, and their rows removed by an index."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def migrate(db: Database[dict[str, Any]]) -> None:
    db.printed_dossiers.create_index([("commission", ASCENDING), ("person", ASCENDING)])
    db.printed_dossiers.create_index([("key", ASCENDING)])
    db.printed_dossiers.create_index([("expires_at", ASCENDING)], expireAfterSeconds=86400)
