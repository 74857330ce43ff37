"""A candidate number comes when it comes: only those that were given are known once."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

BEFORE = "session_1_academy_1_candidate_number_1"


def migrate(db: Database[dict[str, Any]]) -> None:
    if BEFORE in db.candidacies.index_information():
        db.candidacies.drop_index(BEFORE)
    given = {"partialFilterExpression": {"candidate_number": {"$type": "string"}}, "name": "candidate_numbered_once"}
    keys = [("session", ASCENDING), ("academy", ASCENDING), ("candidate_number", ASCENDING)]
    db.candidacies.create_index(keys, unique=True, **given)
