"""An evaluation of reality may be on what was done in class: one per candidate beside those of the placements."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

BEFORE = ("placement_1", "candidacy_1")


def migrate(db: Database[dict[str, Any]]) -> None:
    for name in BEFORE:
        if name in db.reality_evaluations.index_information():
            db.reality_evaluations.drop_index(name)
    keys = [("candidacy", ASCENDING), ("placement", ASCENDING)]
    db.reality_evaluations.create_index(keys, unique=True, name="one_evaluation_each")
