"""The pages of a candidate whose portfolio holds the most that is allowed: processor time, ours alone."""

from __future__ import annotations

import time
from collections.abc import Iterator

from portfolio.documents import Evidence
from tests.benchmarks.harness import Line, Stage, at_most, median
from tests.support.browser.addresses import pages_of
from tests.support.country.brimful import ACTIVITIES, PIECES, fill

ROUNDS, SLOWEST_MS = 9, 150


def lines(stage: Stage) -> Iterator[Line]:
    fill(stage.world)
    client = stage.client(stage.world.candidate)
    pages = pages_of(stage.world, Evidence.objects(title="Pièce 2").get())

    def own_ms(path: str) -> float:
        start = time.process_time()
        stage.get(client, path)
        return (time.process_time() - start) * 1000

    for path in pages:
        own_ms(path)
    taken = {path: median([own_ms(path) for _ in range(ROUNDS)]) for path in pages}
    slowest = max(taken, key=taken.__getitem__)
    told = [{"page": path, "cpu_ms": round(ms, 1)} for path, ms in taken.items()]
    name = f"fullest portfolio ({PIECES} pieces, {ACTIVITIES} activities), slowest {slowest.rpartition('/')[2]}"
    yield at_most(name, taken[slowest], "ms", SLOWEST_MS, details=told)
