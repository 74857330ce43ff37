"""A sheet says whether a decision gave its proposed mark to the candidate: of those that were there, none did."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database


def migrate(db: Database[dict[str, Any]]) -> None:
    db.sheets.update_many({"unmasked": {"$exists": False}}, {"$set": {"unmasked": False}})
