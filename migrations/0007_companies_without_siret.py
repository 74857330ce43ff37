"""A company abroad has no SIRET: only those that have one are known once by a school."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

BEFORE = "school_1_siret_1"


def migrate(db: Database[dict[str, Any]]) -> None:
    if BEFORE in db.companies.index_information():
        db.companies.drop_index(BEFORE)
    with_siret = {"partialFilterExpression": {"siret": {"$exists": True}}, "name": "siret_known_once"}
    db.companies.create_index([("school", ASCENDING), ("siret", ASCENDING)], unique=True, **with_siret)
