"""What a candidate goes on doing in their portfolio while somebody else acts on another part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

from portfolio.evidence import deposit
from tests.support.worlds.signing import edit, fresh
from tests.support.worlds.world import PDF, World


@contextmanager
def working(*acts: Callable[[int], Any]) -> Iterator[None]:
    """Each act again and again in a thread of its own, as long as the block lasts; their faults are raised after it."""
    over = Event()

    def again(act: Callable[[int], Any]) -> int:
        times = 0
        while not over.is_set():
            act(times)
            times += 1
        return times

    with ThreadPoolExecutor(len(acts)) as threads:
        running = [threads.submit(again, act) for act in acts]
        try:
            yield
        finally:
            over.set()
        assert all(work.result() for work in running)


def elsewhere(world: World) -> list[Callable[[int], Any]]:
    """What a candidate does beside the activities that are answered for: an upload, a piece, an activity, a text."""
    by, activity = world.actor(world.candidate), world.new_activity("classe")
    piece = world.new_piece(activity, title="Publication", context="classe")

    def upload(times: int) -> None:
        world.begin_with(world.candidacy, PDF + str(times).encode())

    def rename(times: int) -> None:
        edit(world, piece, f"Publication, essai {times}")

    def amend(times: int) -> None:
        deposit.amend_activity(by, fresh(activity), {"mission": f"Essai {times}"}, world.clock())

    return [upload, rename, amend]
