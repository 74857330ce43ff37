"""Drawing sheets: one at a time, and a thousand on two cores."""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from portfolio.sheet.papers.render_pdf import render_pdf
from tests.benchmarks.harness import Line, Stage, at_most, median, timed
from tests.support.worlds import commissions

A_THOUSAND = 1000


def lines(stage: Stage) -> Iterator[Line]:
    sheet = commissions.drafted(stage.world)
    content = json.loads(sheet.content)
    numbers = iter(range(10_000_000))
    times = timed(lambda: render_pdf(_numbered(content, next(numbers)), [], None), rounds=40)
    yield at_most("sheet drawn as PDF/A-3 + PDF/UA, median", median(times), "ms", 50)
    client = stage.client(stage.world.follower)
    path = f"/api/v1/sheets/{sheet.id}.pdf"
    assert client.get(path).status_code == 200
    start = time.perf_counter()
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        sizes = list(pool.map(_draw, [(content, rank) for rank in range(A_THOUSAND)], chunksize=50))
    assert min(sizes) > 10_000
    yield at_most("1,000 different sheets on 2 processes", time.perf_counter() - start, "s", 60)


def _numbered(content: dict[str, Any], rank: int) -> dict[str, Any]:
    return content | {"number": f"2027-0690026D-{rank:07d}"}


def _draw(asked: tuple[dict[str, Any], int]) -> int:
    return len(render_pdf(_numbered(*asked), [], None))
