"""What pages ask for is found by an index, however many candidates the country has."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

FIELDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "commissions": (("candidacy", "_id"),),
    "companies": (("school", "name"),),
    "grids": (("candidacy", "_id"),),
    "office_outcomes": (("candidacy", "_id"),),
    "persons": (
        ("grants.school", "grants.role"),
        ("grants.academy", "grants.role"),
        ("grants.academies", "grants.role"),
        ("family_name", "_id"),
    ),
    "reality_evaluations": (("placement",),),
    "reserves": (("candidacy", "_id"),),
    "sheets": (("candidacy", "_id"),),
    "sign_off_links": (("row",),),
}


def migrate(db: Database[dict[str, Any]]) -> None:
    for name, indexes in FIELDS.items():
        for fields in indexes:
            db[name].create_index([(field, ASCENDING) for field in fields])
    db.reality_evaluations.create_index([("concurrences.person", ASCENDING)], sparse=True)
    owed = {"partialFilterExpression": {"payload.person": {"$exists": True}}, "name": "mails_owed"}
    db.outbox.create_index([("payload.person", ASCENDING)], **owed)
