"""Counts the commands that the document store received, as the store itself profiled them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mongoengine.context_managers import query_counter
from pymongo.database import Database


@contextmanager
def counted(database: Database) -> Iterator[list[int]]:
    """The list holds the count once the block is left. The profile is dropped: nobody may empty it."""
    count: list[int] = []
    try:
        with query_counter() as queries:
            yield count
            count.append(int(queries))
    finally:
        database["system.profile"].drop()
