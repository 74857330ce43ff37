"""A commission says how long it lasts; those convened before it could be said take the half hour of their calendars."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

HALF_AN_HOUR_MIN = 30


def migrate(db: Database[dict[str, Any]]) -> None:
    db["commissions"].update_many({"lasts_min": {"$exists": False}}, {"$set": {"lasts_min": HALF_AN_HOUR_MIN}})
