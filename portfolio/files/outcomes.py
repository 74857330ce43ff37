"""Remembers, in one process, what reading some bytes led to: the same bytes are read once."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Outcomes(Generic[T]):
    """The latest outcomes by their key, which holds the digest of the bytes. Safe with threads.

    A class deposits one handout thirty times, and a hostile file would cost its bound each time.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> T | None:
        """Returns the outcome, or None if it is not known any more."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: str, outcome: T) -> None:
        """Keeps an outcome; beyond the most that this object keeps, forgets those that were asked for longest ago."""
        with self._lock:
            self._kept[key] = outcome
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
