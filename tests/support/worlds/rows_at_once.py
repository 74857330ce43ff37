"""Writes rows of many collections in one command: a command costs the server, and us, more than a row does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pymongo.database import Database

Rows = Mapping[str, Iterable[dict[str, Any]]]


def insert(database: Database[dict[str, Any]], rows: Rows) -> None:
    """rows: {collection: rows that it does not hold}."""
    _apply(database, "i", rows)


def remove(database: Database[dict[str, Any]], rows: Rows) -> None:
    """rows: {collection: rows that go, of which `_id` is enough}."""
    _apply(database, "d", {name: ({"_id": row["_id"]} for row in of_one) for name, of_one in rows.items()})


def _apply(database: Database[dict[str, Any]], operation: str, rows: Rows) -> None:
    operations = [
        {"op": operation, "ns": f"{database.name}.{name}", "o": row} for name, of_one in rows.items() for row in of_one
    ]
    if operations:
        # As one act it would stop the databases of the other workers, which this server has too.
        database.command("applyOps", operations, allowAtomic=False, writeConcern={"w": "majority"})
