"""Every page, for everybody who is shown it, at a class of 35: its time in the server, its database commands, and the
rows that these look at among the candidates of other schools, who have all they have.

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
from tests.support.country.copies import Copies
from tests.support.page_catalogue import READERS, Atlas, Page
from tests.support.queries import Reading, counted, read_by

CLASS, SLOWEST_MS, HEAVIEST_KB = 35, 100, 80
ROUNDS, WARM_UP = 9, 2
COUNTRY = 2_000
# Rows for each that a page is given, and what any may look at besides. One counts the commissions of an academy, and
# reads each with its academy, for the hour there.
FOR_EACH, BESIDES, COUNTS_COMMISSIONS = 3, 50, "/inspection"


def lines(stage: Stage) -> Iterator[Line]:
    atlas = Atlas(stage.app, stage.connections, stage.world.clock)
    pages = atlas.pages()
    few = {page: _commands(stage, page) for page in pages}
    atlas.grow(CLASS - atlas.size())
    measured = sorted(((page, _measured(stage, page)) for page in pages), key=lambda one: -one[1]["ms"])
    Copies(stage.connections.database).grow_to(COUNTRY)
    read = {page: read_by(stage.connections.database, page.get) for page in pages}
    for page, figures in measured:
        figures |= {"rows": read[page].examined, "rows_given": read[page].returned}
    for reader in (*READERS, "everyone"):
        theirs = [(page, figures) for page, figures in measured if page.reader == reader]
        slowest, figures = theirs[0]
        name = f"{reader}: {len(theirs)} pages, slowest {slowest}"
        told = [{"page": str(page), **figures} for page, figures in theirs]
        yield at_most(name, figures["ms"], "ms", SLOWEST_MS, details=told)
    more = max(figures["commands"] - few[page] for page, figures in measured)
    yield at_most(f"{len(pages)} pages, database commands more at {CLASS} than at 10", more, "cmd", 0)
    yield _rows_beside(stage, read)
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
    told = {"ms": round(median(wall), 1), "cpu_ms": round(median(own), 1), "commands": _commands(stage, page)}
    return told | {"ms_least": round(min(wall), 1), "ms_most": round(max(wall), 1)}


def _rows_beside(stage: Stage, read: dict[Page, Reading]) -> Line:
    """The most rows that a page looked at beyond FOR_EACH for each that it was given."""
    commissions = stage.connections.database.commissions.count_documents({"academy": "10"})
    beside = {
        page: of_it.examined - FOR_EACH * of_it.returned - (2 * commissions if page.rule == COUNTS_COMMISSIONS else 0)
        for page, of_it in read.items()
    }
    most = max(beside, key=beside.__getitem__)
    name = f"{COUNTRY:,} candidates, rows beyond {FOR_EACH} for each given, most {most}"
    return at_most(name, beside[most], "rows", BESIDES)


def _commands(stage: Stage, page: Page) -> int:
    with counted(stage.connections.database) as count:
        page.get()
    return count[0]
