"""The certificate of a period is found by its candidate, its period and who deposited it; its key is its own."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def migrate(db: Database[dict[str, Any]]) -> None:
    for field in ("candidacy", "placement", "deposited_by"):
        db.certificate_files.create_index([(field, ASCENDING)])
    db.certificate_files.create_index([("key", ASCENDING)], unique=True)
