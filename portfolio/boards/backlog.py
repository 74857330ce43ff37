"""Measures the background work that waits, in two queries, for the operators of the service."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from portfolio.store.connections import current
from portfolio.store.outbox import DRAWINGS, SOON


class Backlog(NamedTuple):
    """Outbox rows. waiting: not done. failing: those that already failed. late_s: the greatest delay, in seconds.

    drawings: files whose views are to be made, which count in no other figure.
    """

    waiting: int
    failing: int
    late_s: float
    drawings: int


def backlog(at: datetime) -> Backlog:
    """Returns how many rows of the lane SOON wait and fail, by how many seconds the oldest of them is late (0.0 if
    none), and how many drawings wait, in a lane of their own.
    """
    failed = {"$cond": [{"$gt": ["$failure", None]}, 1, 0]}
    counted: dict[str, object] = {"_id": None, "waiting": {"$sum": 1}, "failing": {"$sum": failed}}
    counted["due_at"] = {"$min": "$due_at"}
    rows = current().database.outbox.aggregate([{"$match": {"done_at": None, **SOON}}, {"$group": counted}])
    totals = next(iter(rows), None)
    drawings = current().database.outbox.count_documents({"done_at": None, **DRAWINGS})
    if totals is None:
        return Backlog(0, 0, 0.0, drawings)
    late_s = max(0.0, (at - totals["due_at"]).total_seconds())
    return Backlog(totals["waiting"], totals["failing"], late_s, drawings)
