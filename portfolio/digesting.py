"""The digest of bytes on their way: one chunk is digested while the next one comes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


class Digest:
    """Chunks must not change once they are given."""

    def __init__(self, algorithm: str, beside: ThreadPoolExecutor) -> None:
        self._measured = hashlib.new(algorithm, usedforsecurity=False)
        self._beside = beside
        self._latest = beside.submit(lambda: None)

    def update(self, chunk: bytes) -> None:
        """Returns once the chunk before this one is digested: at most two are held."""
        self._latest.result()
        self._latest = self._beside.submit(self._measured.update, chunk)

    def digest(self) -> bytes:
        self._latest.result()
        return self._measured.digest()


@contextmanager
def digesting(algorithm: str) -> Iterator[Digest]:
    """algorithm: as hashlib names it."""
    with ThreadPoolExecutor(1) as beside:
        yield Digest(algorithm, beside)
