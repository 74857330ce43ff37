"""Counts the commands that the document store received, as the store itself profiled them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mongoengine.context_managers import query_counter
from pymongo.database import Database

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
