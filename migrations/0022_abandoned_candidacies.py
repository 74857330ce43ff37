"""The number of a candidate who gave up is free: only candidates who are left are known by theirs once."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

BEFORE, NOW = "candidate_numbered_once", "candidate_numbered_among_live"


def migrate(db: Database[dict[str, Any]]) -> None:
    keys = [(field, ASCENDING) for field in ("exam", "session", "academy", "candidate_number")]
    live = {"candidate_number": {"$type": "string"}, "abandoned": None}
    if BEFORE in db.candidacies.index_information():
        db.candidacies.drop_index(BEFORE)
    db.candidacies.create_index(keys, unique=True, partialFilterExpression=live, name=NOW)
