"""How the background work stands, in one query: for whoever watches over the service."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from portfolio.store.connections import current


class Backlog(NamedTuple):
    """waiting: rows to be done. failing: those among them that failed already. late_s: of the row most overdue."""

    waiting: int
    failing: int
    late_s: float


def backlog(at: datetime) -> Backlog:
    failed = {"$cond": [{"$gt": ["$failure", None]}, 1, 0]}
    counted: dict[str, Any] = {"_id": None, "waiting": {"$sum": 1}, "failing": {"$sum": failed}}
    counted["due_at"] = {"$min": "$due_at"}
    rows = current().database.outbox.aggregate([{"$match": {"done_at": None}}, {"$group": counted}])
    found = next(iter(rows), None)
    if found is None:
        return Backlog(0, 0, 0.0)
    return Backlog(found["waiting"], found["failing"], max(0.0, (at - found["due_at"]).total_seconds()))
