"""Shares what the clock calls between workers: each turn of a task is taken by one of them, under a lease.

Like the leases of the outbox, these writes bypass the journal: they state nothing about the exam.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from portfolio.documents.fields import instant
from portfolio.store import engine_metrics
from portfolio.store.connections import current
from portfolio.store.outbox import free_at

SHORTEST_LEASE, LONGEST_LEASE = timedelta(minutes=2), timedelta(minutes=15)
MIDNIGHT = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Task:
    """What the clock calls. It may be begun twice after a kill, so doing it again must change nothing.

    every, after: its turns come at midnight (UTC) and `after`, and each `every` from there. at_start: also when a
    worker starts.
    """

    name: str
    work: Callable[[datetime], object]
    every: timedelta
    after: timedelta = timedelta()
    at_start: bool = False

    @property
    def lease(self) -> timedelta:
        """Returns how long one worker may take over a turn (2 to 15 minutes); that of a killed one is taken up after
        it.
        """
        return min(max(self.every, SHORTEST_LEASE), LONGEST_LEASE)

    def next_turn(self, at: datetime) -> datetime:
        """Returns the first turn after that instant."""
        first = MIDNIGHT + self.after
        return first + ((at - first) // self.every + 1) * self.every


def expect(task: Task, at: datetime) -> None:
    """Writes that the next turn is due at its hour (at once where it is `at_start`), unless an earlier one waits
    already.
    """
    due = at if task.at_start else task.next_turn(at)
    current().database.turns.update_one({"_id": task.name}, {"$min": {"due_at": instant(due)}}, upsert=True)


def take_turn(task: Task, clock: Callable[[], datetime]) -> bool:
    """Does the turn if it is due and no other worker has it; returns whether it did.

    Raises what the work raises: the turn is then still due.
    """
    at, turns = clock(), current().database.turns
    lease = {"leased_until": instant(at + task.lease)}
    if turns.find_one_and_update({"_id": task.name, "due_at": {"$lte": at}, **free_at(at)}, {"$set": lease}) is None:
        return False
    ours = {"_id": task.name, **lease}
    try:
        task.work(at)
    except Exception:
        engine_metrics.TURNS.labels(task.name, "failed").inc()
        turns.update_one(ours, {"$set": {"leased_until": None}})
        raise
    engine_metrics.TURNS.labels(task.name, "done").inc()
    done_at = clock()
    after = {"due_at": instant(task.next_turn(done_at)), "done_at": instant(done_at), "leased_until": None}
    turns.update_one(ours, {"$set": after})
    return True


def note_done(name: str, at: datetime) -> None:
    """Records that a command which a timer of the machine calls has ended well."""
    current().database.turns.update_one({"_id": name}, {"$max": {"done_at": instant(at)}}, upsert=True)


def last_done() -> dict[str, datetime]:
    """Returns {name of a task: when its last turn was done, by whichever worker}; a task without one is absent."""
    return {row["_id"]: row["done_at"] for row in current().database.turns.find({"done_at": {"$exists": True}})}
