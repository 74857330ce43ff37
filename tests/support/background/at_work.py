"""Somebody who works on while the service is copied or restored."""

from __future__ import annotations

import threading
from typing import Any

from portfolio.documents import EvidenceFile
from tests.support.both_stores import different
from tests.support.worlds.world import World


class AtWork:
    """Somebody who deposits without end, and notes what was acknowledged."""

    def __init__(self, world: World) -> None:
        self.world, self.pieces, self.files = world, list[Any](), list[EvidenceFile]()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        while not self._ended.is_set():
            piece = self.world.new_piece(title=f"Preuve {len(self.pieces)}")
            self.pieces.append(piece.id)
            self.files.append(self.world.upload(piece, different(len(self.files))))

    def __enter__(self) -> AtWork:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
