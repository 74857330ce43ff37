"""Transfers are found by candidate and by both schools; a candidate has one that waits."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

KEYS = (("candidacy", "settled_at"), ("school", "_id"), ("to_school", "_id"))


def migrate(db: Database[dict[str, Any]]) -> None:
    for names in KEYS:
        db.transfers.create_index([(name, ASCENDING) for name in names])
    waits = {"state": "proposed"}
    once = {"unique": True, "partialFilterExpression": waits, "name": "one_transfer_proposed"}
    db.transfers.create_index([("candidacy", ASCENDING)], **once)
