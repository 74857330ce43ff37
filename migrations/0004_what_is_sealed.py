"""Links are found by what they sealed; objects that were digested are noted; heads are anchored."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

DIGESTED_S = 45 * 86400  # longer than the month after which operators read everything again (`reconcile --deep`)


def migrate(db: Database[dict[str, Any]]) -> None:
    sealed = {"partialFilterExpression": {"data.sha256": {"$exists": True}}, "name": "files_sealed"}
    db.events.create_index([("subject.id", ASCENDING)], **sealed)
    db.events.create_index([("seals.of", ASCENDING)], sparse=True, name="sealed_in")
    for name in {"digested_objects", "anchors", "anchored_heads"} - set(db.list_collection_names()):
        db.create_collection(name)
    db.anchored_heads.create_index([("day", ASCENDING), ("rank", ASCENDING)])
    db.digested_objects.create_index([("at", ASCENDING)], expireAfterSeconds=DIGESTED_S)
