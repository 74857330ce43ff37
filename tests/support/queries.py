"""Counts the commands that the document store received, and the rows they looked at, as the store profiled them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mongoengine.context_managers import query_counter
from pymongo.database import Database

PROFILE_BYTES = 8_000_000
SHOWN = 400
under_way: list[Database] = []  # of which what is sent counts: nobody else asks anything meanwhile


@contextmanager
def counted(database: Database) -> Iterator[list[int]]:
    """The list holds the count once the block is left. The profile is dropped: nobody may empty it."""
    count: list[int] = []
    under_way.append(database)
    try:
        with query_counter() as queries:
            yield count
            count.append(int(queries))
    finally:
        under_way.pop()
        database["system.profile"].drop()


@dataclass(frozen=True)
class Reading:
    """commands: all of them; asked: but those that take the next batch of a list. examined, returned: rows.

    worst: the command that looked at most for what it gave.
    """

    commands: int
    asked: int
    examined: int
    returned: int
    worst: str

    def __str__(self) -> str:
        return f"{self.commands} commands, {self.examined} rows looked at for {self.returned}; {self.worst}"


def read_by(database: Database[dict[str, Any]], act: Callable[[], object]) -> Reading:
    """What the act asked for. The profile has room for commands that name a thousand rows each."""
    profile = database["system.profile"]
    database.command({"profile": 0})
    profile.drop()
    database.create_collection(profile.name, capped=True, size=PROFILE_BYTES)
    under_way.append(database)
    database.command({"profile": 2})
    try:
        act()
    finally:
        database.command({"profile": 0})
        under_way.pop()
    rows = list(profile.find({"ns": {"$ne": profile.full_name}, "op": {"$ne": "killcursors"}}))
    profile.drop()
    worst = max(rows, key=lambda row: row.get("docsExamined", 0) - row.get("nreturned", 0), default={})
    return Reading(
        len(rows),
        sum(row["op"] != "getmore" for row in rows),
        sum(row.get("docsExamined", 0) for row in rows),
        sum(row.get("nreturned", 0) for row in rows),
        f"{worst.get('docsExamined')} by {worst.get('planSummary')} for {str(worst.get('command'))[:SHOWN]}",
    )
