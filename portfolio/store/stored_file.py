"""Reads an object of the store like a file on disk, one block at a time."""

from __future__ import annotations

import io

from portfolio.errors import Refusal
from portfolio.store.connections import storage

BLOCK = 4 * 1024 * 1024
HELD = 2  # blocks: an inspection reads the file forwards while it looks back at its end


class StoredFile(io.RawIOBase):
    """A seekable file in constant memory.

    failure: the last refusal of the store. A C library that reads through this class swallows exceptions and reports a
    damaged file: check `failure` before trusting its verdict.
    """

    def __init__(self, key: str, size: int) -> None:
        self.failure: Refusal | None = None
        self._key, self._size, self._place = key, size, 0
        self._blocks: dict[int, bytes] = {}

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        """Fills the buffer, up to the end of the file, and returns the number of bytes read. Raises the refusals of
        `Storage.read_range`, and keeps them in `failure`.
        """
        wanted = max(0, min(len(buffer), self._size - self._place))
        done = 0
        while done < wanted:
            number, start = divmod(self._place, BLOCK)
            piece = self._block(number)[start : start + wanted - done]
            buffer[done : done + len(piece)] = piece
            done += len(piece)
            self._place += len(piece)
        return done

    def _block(self, number: int) -> bytes:
        if number not in self._blocks:
            try:
                block = storage().read_range(self._key, number * BLOCK, min(BLOCK, self._size - number * BLOCK))
            except Refusal as failure:
                self.failure = failure
                raise
            self._blocks = dict(list(self._blocks.items())[1 - HELD :]) | {number: block}
        return self._blocks[number]

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, origin + offset)
        return self._place

    def tell(self) -> int:
        return self._place

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True
