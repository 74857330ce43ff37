"""Periods that candidates and tutors propose are found by candidate, by author, and listed by school."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

KEYS = (("candidacy", "state"), ("author",), ("school", "_id"))


def migrate(db: Database[dict[str, Any]]) -> None:
    for names in KEYS:
        db.proposed_placements.create_index([(name, ASCENDING) for name in names])
