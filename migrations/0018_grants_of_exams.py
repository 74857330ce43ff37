"""Grants of juries, inspectors and exam services, and slips of elimination, say their exam; all so far are of E5."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

E5 = "bts-assurance-e5"
OF_AN_EXAM = {"$in": ["jury", "inspector", "exam_service"]}


def migrate(db: Database[dict[str, Any]]) -> None:
    without = {"role": OF_AN_EXAM, "exam": {"$exists": False}}
    among = [{"given.role": OF_AN_EXAM, "given.exam": {"$exists": False}}]
    of_e5 = {"$set": {"grants.$[given].exam": E5}}
    db.persons.update_many({"grants": {"$elemMatch": without}}, of_e5, array_filters=among)
    db.elimination_slips.update_many({"exam": {"$exists": False}}, {"$set": {"exam": E5}})
