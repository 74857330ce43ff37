"""A jury is for one academy or several: those that are open are for one, and an academy has one for each exam."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

BEFORE = "academy_1_exam_1_session_1"


def migrate(db: Database[dict[str, Any]]) -> None:
    db.juries.update_many({"academies": {"$exists": False}}, [{"$set": {"academies": ["$academy"]}}])
    db.juries.create_index([(name, ASCENDING) for name in ("academies", "exam", "session")], unique=True)
    if BEFORE in db.juries.index_information():
        db.juries.drop_index(BEFORE)
