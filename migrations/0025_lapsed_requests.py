"""Requests to sign off whose addressee left the seat lapse: they are to be asked again."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

Row = dict[str, Any]


def migrate(db: Database[Row]) -> None:
    requests = list(
        db.attestations.find(
            {"state": "requested"}, {"activity": 1, "placement": 1, "seat": 1, "person": 1, "school": 1}
        )
    )
    activities = _by_id(db, "activities", {one["activity"] for one in requests}, "withdrawn_at", "placement")
    placements = _by_id(db, "placements", {one.get("placement") for one in requests}, "cancelled_at", "tutor")
    people = _by_id(db, "persons", {one["person"] for one in requests}, "grants")
    over = [one["_id"] for one in requests if not _stands(one, activities, placements, people)]
    waiting = {"_id": {"$in": over}, "state": "requested"}
    db.attestations.update_many(waiting, {"$set": {"state": "lapsed"}, "$inc": {"revision": 1}})


def _by_id(db: Database[Row], collection: str, ids: set[Any], *fields: str) -> dict[Any, Row]:
    rows = db[collection].find({"_id": {"$in": list(ids)}}, dict.fromkeys(fields, 1))
    return {row["_id"]: row for row in rows}


def _stands(request: Row, activities: dict[Any, Row], placements: dict[Any, Row], people: dict[Any, Row]) -> bool:
    activity = activities.get(request["activity"], {})
    if activity.get("withdrawn_at") is not None:
        return False
    if request["seat"] == "teacher":
        grants = people.get(request["person"], {}).get("grants", [])
        return any(
            grant["role"] == "teacher" and grant.get("school") == request["school"] and not grant.get("revoked_at")
            for grant in grants
        )
    placement = placements.get(request.get("placement"), {})
    moved = activity.get("placement") != request.get("placement")
    return not moved and placement.get("cancelled_at") is None and placement.get("tutor") == request["person"]
