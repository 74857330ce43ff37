"""Look-ups by support are found by their academy, for the administrator who reads them."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database


def migrate(db: Database[dict[str, Any]]) -> None:
    of_support = {"partialFilterExpression": {"name": "person_looked_up"}, "name": "looked_up_in"}
    db.events.create_index([("data.academy", ASCENDING), ("_id", DESCENDING)], **of_support)
