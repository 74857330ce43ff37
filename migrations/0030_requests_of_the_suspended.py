"""Requests to sign off that wait for somebody whose account is suspended lapse: they are to be asked again."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database


def migrate(db: Database[dict[str, Any]]) -> None:
    suspended = [row["_id"] for row in db.persons.find({"state": "suspended"}, {"_id": 1})]
    waiting = {"person": {"$in": suspended}, "state": "requested"}
    db.attestations.update_many(waiting, {"$set": {"state": "lapsed"}, "$inc": {"revision": 1}})
