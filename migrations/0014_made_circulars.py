"""Circulars are made on screen: one draft of a session at a time, one text for each version."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def migrate(db: Database[dict[str, Any]]) -> None:
    if "circular_annexes" not in db.list_collection_names():
        db.create_collection("circular_annexes")
    made = db.made_circulars
    published = {"partialFilterExpression": {"version": {"$type": "string"}}, "name": "circular_published_once"}
    made.create_index([("session", ASCENDING), ("version", ASCENDING)], unique=True, **published)
    drafted = {"partialFilterExpression": {"state": "draft"}, "name": "circular_drafted_once"}
    made.create_index([("session", ASCENDING)], unique=True, **drafted)
    made.create_index([("sha256", ASCENDING)])
