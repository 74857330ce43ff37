"""Shares the places where views are made while their readers wait: one for each person. Nobody holds them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from portfolio.errors import Unavailable

AT_ONCE = 2  # per process of the application
MOST_ASKED = 4  # of one person, waiting or under way: each holds a thread of the process
LONGEST_WAIT_S = 10


class TooManyViews(Unavailable):
    code = "views_busy"
    detail = "Beaucoup d'aperçus se préparent en ce moment. Réessayez dans {wait}."


class Places:
    """The places of one process."""

    def __init__(self, count: int = AT_ONCE) -> None:
        self._changed = Condition()
        self._free = count
        self._at_work: set[str] = set()
        self._asked: Counter[str] = Counter()

    @contextmanager
    def taken(self, person: str) -> Iterator[None]:
        """Holds a place for this person while the block runs, once they have no other. Raises TooManyViews after
        LONGEST_WAIT_S seconds, or at once where they wait for MOST_ASKED already.
        """
        with self._changed:
            if self._asked[person] >= MOST_ASKED:
                raise TooManyViews(retry_after=5)
            self._asked[person] += 1
        try:
            with self._changed:
                if not self._changed.wait_for(lambda: self._may_begin(person), timeout=LONGEST_WAIT_S):
                    raise TooManyViews(retry_after=5)
                self._free -= 1
                self._at_work.add(person)
            try:
                yield
            finally:
                with self._changed:
                    self._free += 1
                    self._at_work.discard(person)
                    self._changed.notify_all()
        finally:
            with self._changed:
                self._asked[person] -= 1
                self._asked += Counter()  # forgets whoever asks for nothing more

    def _may_begin(self, person: str) -> bool:
        return self._free > 0 and person not in self._at_work


PLACES = Places()
