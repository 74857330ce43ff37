"""An object of the store that reads like a file on disk, block by block as it is asked for."""

from __future__ import annotations

import io

from portfolio.errors import Refusal
from portfolio.store.connections import storage

BLOCK = 4 * 1024 * 1024
HELD = 2  # blocks: whoever inspects a file goes through it while looking back at its end


class StoredFile(io.RawIOBase):
    """Seekable, in flat memory.

    failure: what the store last refused. A C library that reads through us swallows what we raise, and takes the file
    for a torn one: look here before believing it.
    """

    def __init__(self, key: str, size: int) -> None:
        self.failure: Refusal | None = None
        self._key, self._size, self._place = key, size, 0
        self._blocks: dict[int, bytes] = {}

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        """Fills the buffer, but at the end of the file."""
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
