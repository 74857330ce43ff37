"""The members of a jury are found by the session of their rights: an index, of those rights that name one."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def migrate(db: Database[dict[str, Any]]) -> None:
    db.persons.create_index([("grants.session", ASCENDING)], sparse=True)
