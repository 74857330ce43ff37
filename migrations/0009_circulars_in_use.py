"""The circulars that candidacies are held to are listed at each start, without reading the candidacies."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def migrate(db: Database[dict[str, Any]]) -> None:
    db.candidacies.create_index([("circular.sha256", ASCENDING)])
