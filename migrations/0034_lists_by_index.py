"""What lists of the API ask for is found by an index in the order that they are read in, whatever the country holds."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

FIELDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "activities": (("candidacy", "_id"), ("school", "_id")),
    "evidence": (("candidacy", "_id"), ("school", "_id")),
    "candidacies": (("academy", "session", "division", "name_key", "_id"),),
    "commissions": (("school", "session", "meets_at", "_id"), ("academy", "session", "meets_at", "_id")),
    "results": (("school", "_id"),),
    "submissions": (("candidacy", "_id"), ("school", "_id")),
}
# What those of the same collection do as well.
REPLACED = {
    "activities": ("candidacy_1",),
    "evidence": ("candidacy_1",),
    "commissions": ("school_1_session_1_meets_at_1", "academy_1_session_1_meets_at_1"),
}


def migrate(db: Database[dict[str, Any]]) -> None:
    for name, indexes in FIELDS.items():
        for fields in indexes:
            db[name].create_index([(field, ASCENDING) for field in fields])
    for name, replaced in REPLACED.items():
        for index in set(replaced) & set(db[name].index_information()):
            db[name].drop_index(index)
