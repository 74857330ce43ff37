"""A candidacy is of an exam; what is below it repeats which, as it does the session. All there is so far is of E5."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

E5 = "bts-assurance-e5"
BELOW = (
    *("placements", "portfolios", "activities", "evidence", "files", "paper_scans"),
    *("submissions", "attestations", "reality_evaluations", "feedback", "commissions", "grids", "assessments"),
    *("sheets", "reserves", "results", "office_outcomes"),
)
WITHOUT = {"exam": {"$exists": False}}


def migrate(db: Database[dict[str, Any]]) -> None:
    for collection in ("candidacies", "juries", "roster_imports", "made_circulars", *BELOW):
        db[collection].update_many(WITHOUT, {"$set": {"exam": E5}})
    db.schools.update_many({"exams": {"$exists": False}}, {"$set": {"exams": [E5]}})
    _indexes(db)


def _indexes(db: Database[dict[str, Any]]) -> None:
    _without(db, "candidacies", "candidate_numbered_once", "person_1_session_1")
    numbered = {"partialFilterExpression": {"candidate_number": {"$type": "string"}}, "name": "candidate_numbered_once"}
    db.candidacies.create_index(_ascending("exam", "session", "academy", "candidate_number"), unique=True, **numbered)
    db.candidacies.create_index(_ascending("person", "exam", "session"), unique=True)
    _without(db, "made_circulars", "circular_published_once", "circular_drafted_once")
    published = {"partialFilterExpression": {"version": {"$type": "string"}}, "name": "circular_published_once"}
    db.made_circulars.create_index(_ascending("exam", "session", "version"), unique=True, **published)
    drafted = {"partialFilterExpression": {"state": "draft"}, "name": "circular_drafted_once"}
    db.made_circulars.create_index(_ascending("exam", "session"), unique=True, **drafted)
    _without(db, "juries", "academy_1_session_1")
    db.juries.create_index(_ascending("academy", "exam", "session"), unique=True)


def _without(db: Database[dict[str, Any]], collection: str, *names: str) -> None:
    """Drops the indexes of these names that begin without the exam."""
    known = db[collection].index_information()
    for name in names:
        if name in known and "exam" not in dict(known[name]["key"]):
            db[collection].drop_index(name)


def _ascending(*fields: str) -> list[tuple[str, int]]:
    return [(field, ASCENDING) for field in fields]
