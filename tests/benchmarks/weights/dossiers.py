"""The dossier of a candidate on paper: what the worker weighs while it prints scans of twenty megabytes.

An absolute line, of this machine: the confined processes that draw the pages have bounds of their own.
"""

from __future__ import annotations

import io
import os
import random
import threading
from collections.abc import Iterator

from PIL import Image

from portfolio.documents import PrintedDossier
from portfolio.mail.outbox_handlers import DRAWERS
from portfolio.sheet.dossiers import printing
from portfolio.store.outbox import DRAW, DRAWINGS, deliver_due
from tests.benchmarks.files.views import left_undrawn
from tests.benchmarks.harness import Line, Stage, at_most
from tests.benchmarks.weights.process_memory import MIB, weight_of
from tests.support.worlds.commissions import convened

FILES = int(os.environ.get("FILES_OF", "10"))
PAGES, SIDE = 10, 1900  # noise of 1,900 x 1,900 pixels is some two megabytes as JPEG
MOST_MIB = 100


def lines(stage: Stage) -> Iterator[Line]:
    world = stage.world
    scan = _scan(random.Random(3))
    for number in range(FILES):
        file = world.upload(world.new_piece(title=f"Scan {number}"), scan, f"scan-{number}.pdf")
        assert file.state == "verified", file.reason
    world.sign_off()
    world.submit()
    deliver_due({DRAW: left_undrawn}, world.clock, lane=DRAWINGS)  # a dossier makes what it needs
    asked = printing.ask(world.actor(world.follower), convened(world), world.clock())
    before = weight_of(os.getpid())
    with _Watched() as watched:
        while PrintedDossier.objects(pk=asked.id, ready_at=None):
            deliver_due(DRAWERS, world.clock, lane=DRAWINGS)
    dossier = asked.reload()
    name = f"absolute: what a worker takes more while it prints {FILES} scans of {len(scan) / 1e6:.0f} MB"
    details = [{"sheets": dossier.sheets, "bytes": dossier.size, "before": before}]
    yield at_most(name, (watched.most - before) / MIB, "MiB", MOST_MIB, details=details)


def _scan(chance: random.Random) -> bytes:
    """Returns a PDF of PAGES pictures of noise, one a page."""
    size = (SIDE, SIDE)
    first, *others = (Image.frombytes("RGB", size, chance.randbytes(3 * SIDE * SIDE)) for _ in range(PAGES))
    written = io.BytesIO()
    first.save(written, "PDF", save_all=True, append_images=others, quality=70)
    return written.getvalue()


class _Watched:
    """Looks at the memory of this process every few milliseconds. most: bytes."""

    def __init__(self) -> None:
        self.most = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> _Watched:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.02):
            self.most = max(self.most, weight_of(os.getpid()))
