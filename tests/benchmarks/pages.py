"""Every page, for everybody who is shown it, at a class of 35: its time in the server, and its database commands.

One line a reader, with the page that takes longest; all of them in var/bench.json, the slowest first. Processor time is
ours alone, without the engines': on a machine that is busy with something else, it tells what the page itself costs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from tests.benchmarks.harness import Line, Stage, at_most
from tests.support.browser.page_weight import first_load
from tests.support.page_catalogue import READERS, Atlas, Page
from tests.support.queries import counted

CLASS, SLOWEST_MS, HEAVIEST_KB = 35, 100, 80
ROUNDS, WARM_UP = 9, 2


def lines(stage: Stage) -> Iterator[Line]:
    atlas = Atlas(stage.app, stage.connections, stage.world.clock)
    pages = atlas.pages()
    few = {page: _commands(stage, page) for page in pages}
    atlas.grow(CLASS - atlas.size())
    measured = sorted(((page, _measured(stage, page)) for page in pages), key=lambda one: -one[1]["ms"])
    for reader in (*READERS, "everyone"):
        theirs = [(page, figures) for page, figures in measured if page.reader == reader]
        slowest, figures = theirs[0]
        name = f"{reader}: {len(theirs)} pages, slowest {slowest}"
        told = [{"page": str(page), **figures} for page, figures in theirs]
        yield at_most(name, figures["ms"], "ms", SLOWEST_MS, details=told)
    more = max(figures["commands"] - few[page] for page, figures in measured)
    yield at_most(f"{len(pages)} pages, database commands more at {CLASS} than at 10", more, "cmd", 0)
    weights = {page: first_load(page.get()) / 1000 for page in pages if page.is_html}
    heaviest = max(weights, key=weights.__getitem__)
    yield at_most(f"first load, compressed, heaviest {heaviest}", weights[heaviest], "kB", HEAVIEST_KB)


def _measured(stage: Stage, page: Page) -> dict[str, Any]:
    for _ in range(WARM_UP):
        page.get()
    wall, own = [], []
    for _ in range(ROUNDS):
        start, start_own = time.perf_counter(), time.process_time()
        page.get()
        wall.append((time.perf_counter() - start) * 1000)
        own.append((time.process_time() - start_own) * 1000)
    return {"ms": round(median(wall), 1), "cpu_ms": round(median(own), 1), "commands": _commands(stage, page)}


def _commands(stage: Stage, page: Page) -> int:
    with counted(stage.connections.database) as count:
        page.get()
    return count[0]
