"""Outcomes without appraisal, recorded by an office: one that stands per candidate."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def migrate(db: Database[dict[str, Any]]) -> None:
    standing = {"partialFilterExpression": {"live": True}, "name": "one_live_outcome"}
    db.office_outcomes.create_index([("candidacy", ASCENDING)], unique=True, **standing)
    for place in ("academy", "school"):
        db.office_outcomes.create_index([(place, ASCENDING), ("session", ASCENDING), ("live", ASCENDING)])
