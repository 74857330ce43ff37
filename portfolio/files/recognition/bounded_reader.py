"""Reads an unchecked file within limits, never more than requested."""

from __future__ import annotations

import io
from typing import BinaryIO

from portfolio.rules.file_kinds import ZipBomb

BLOCK = 1 << 20
# The largest honest single read is the directory of a big Office file: some 100 bytes per part.
LARGEST_READ = 2 << 20


class Window(io.RawIOBase):
    """A seekable stream, with reads that can't exhaust memory.

    It is itself a file, so that zipfile and PDFium read through it; `at`, `tail` and `find` serve our own parsers. A
    read of more than LARGEST_READ bytes raises ZipBomb, but by `readinto`. Closing it leaves the stream open.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.size = stream.seek(0, io.SEEK_END)
        stream.seek(0)

    def at(self, offset: int, length: int) -> bytes:
        """Returns up to `length` bytes from `offset`, fewer at the end of the file."""
        if offset < 0 or length <= 0 or offset >= self.size:
            return b""
        self._stream.seek(offset)
        return self.read(min(length, self.size - offset))

    def tail(self, length: int) -> bytes:
        """Returns the last `length` bytes, fewer if the file is shorter."""
        return self.at(max(0, self.size - length), length)

    def find(self, pattern: bytes, start: int, end: int | None = None) -> int:
        """Returns the offset of the first occurrence that begins at or after `start`, or -1. Reads block by block."""
        end = self.size if end is None else min(end, self.size)
        while start < end:
            block = self.at(start, min(BLOCK + len(pattern), end - start))
            place = block.find(pattern)
            if place >= 0:
                return start + place
            start += BLOCK
        return -1

    # --- the file protocol --------------------------------------------------------------------------

    def read(self, length: int = -1) -> bytes:
        """Returns up to `length` bytes. Raises ZipBomb over LARGEST_READ: only hostile archives need more."""
        if length is None or length < 0:
            length = max(0, self.size - self.tell())
        if length > LARGEST_READ:
            raise ZipBomb
        pieces = []
        while length > 0 and (piece := self._stream.read(length)):
            pieces.append(piece)
            length -= len(piece)
        return b"".join(pieces)

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        # PDFium's only way in, with a buffer it has already made: nothing to bound, and it may not raise.
        piece = self._stream.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True
