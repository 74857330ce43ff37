"""Measures the background work that waits, in one query, for the operators of the service."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from portfolio.store.connections import current


class Backlog(NamedTuple):
    """Outbox rows. waiting: not done. failing: those that already failed. late_s: the greatest delay, in seconds."""

    waiting: int
    failing: int
    late_s: float


def backlog(at: datetime) -> Backlog:
    """Returns how many rows of the outbox wait and fail, and by how many seconds the oldest is late (0.0 if none)."""
    failed = {"$cond": [{"$gt": ["$failure", None]}, 1, 0]}
    counted: dict[str, object] = {"_id": None, "waiting": {"$sum": 1}, "failing": {"$sum": failed}}
    counted["due_at"] = {"$min": "$due_at"}
    rows = current().database.outbox.aggregate([{"$match": {"done_at": None}}, {"$group": counted}])
    totals = next(iter(rows), None)
    if totals is None:
        return Backlog(0, 0, 0.0)
    return Backlog(totals["waiting"], totals["failing"], max(0.0, (at - totals["due_at"]).total_seconds()))
