"""Splits an iteration into batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yields the items in lists of at most `size`, reading no further than needed; nothing if there are none."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
