"""Lanes: how many requests of one kind work at once, who waits behind them, and who is told to come back."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import IO


class Rank(IntEnum):
    """Of who waits: a deposit that has begun goes before one that begins, so that it is over soon."""

    ENDS = 0
    GOES_ON = 1
    BEGINS = 2


class RequestLane:
    """at_work: how many go at once. waiting: how many wait for one of them to leave; of those that begin, half as many,
    so that whoever has begun finds a place.
    """

    def __init__(self, at_work: int, waiting: int) -> None:
        self._free, self._waiting = at_work, waiting
        self._line: list[tuple[int, int, threading.Lock]] = []
        self._numbers = itertools.count()
        self._looked_at = threading.Lock()

    @property
    def in_line(self) -> int:
        with self._looked_at:
            return len(self._line)

    def enter(self, rank: Rank = Rank.GOES_ON) -> bool:
        """Returns True once it is one's turn: the lowest rank first, in the order in which they came; False at once if
        too many wait.
        """
        return self._enter(rank, self._waiting // 2 if rank == Rank.BEGINS else self._waiting)

    def come_back(self) -> None:
        """Returns once it is the turn of who left it for a while: they wait before all others, however many wait."""
        self._enter(Rank.ENDS, None)

    def _enter(self, rank: Rank, most: int | None) -> bool:
        turn = threading.Lock()
        turn.acquire()
        with self._looked_at:
            if self._free:
                self._free -= 1
                return True
            if most is not None and len(self._line) >= most:
                return False
            heapq.heappush(self._line, (rank, next(self._numbers), turn))
        turn.acquire()
        return True

    def leave(self) -> None:
        """Hands the turn on to the first who waits."""
        with self._looked_at:
            if self._line:
                heapq.heappop(self._line)[-1].release()
            else:
                self._free += 1


class Verifying:
    """Verifications of files go apart from the lane of deposits: a long one keeps nobody from depositing.

    at_once: how many of them go at once. places: how many there may be apart, those that wait for that among them.
    """

    def __init__(self, lane: RequestLane, at_once: int, places: int) -> None:
        self._lane, self._at_once, self._places = lane, RequestLane(at_once, 0), RequestLane(places, 0)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Hands the turn on while the block runs, and takes one again after it. Where no place is left, whoever
        verifies keeps their turn: what begins then waits, instead of what has come to its end.
        """
        if not self._places.enter():
            yield
            return
        self._lane.leave()
        self._at_once.come_back()
        try:
            yield
        finally:
            self._at_once.leave()
            self._lane.come_back()
            self._places.leave()


class Arriving:
    """A body that comes in without a turn: a slow phone keeps nobody from theirs.

    receiving: how many bodies are read at once, each from its first byte until `close`: as much memory as they take.
    """

    def __init__(self, body: IO[bytes], lane: RequestLane, receiving: RequestLane) -> None:
        self._body, self._lane, self._receiving = body, lane, receiving
        self._has_place = False

    def read(self, size: int = -1) -> bytes:
        return self._without_turn(lambda: self._body.read(size))

    def readline(self, size: int = -1) -> bytes:
        return self._without_turn(lambda: self._body.readline(size))

    def _without_turn(self, read: Callable[[], bytes]) -> bytes:
        self._lane.leave()
        try:
            if not self._has_place:
                self._receiving.come_back()
                self._has_place = True
            return read()
        finally:
            self._lane.come_back()

    def close(self) -> None:
        if self._has_place:
            self._has_place = False
            self._receiving.leave()
