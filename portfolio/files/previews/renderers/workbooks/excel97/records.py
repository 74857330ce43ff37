"""Passes over the records of a workbook of Excel 97-2003, or of Excel 5 and 95 ([MS-XLS] 2.4)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_BEGIN, _END, _BOUND_SHEET = 0x809, 0x0A, 0x85
_WORKSHEET = 0


def worksheets(stream: bytes) -> Iterator[int]:
    """Yields where each worksheet begins, in their order. stream: that of the workbook."""
    for kind, data in records(stream, 0):
        if kind == _BOUND_SHEET and len(data) > 5 and data[5] == _WORKSHEET:
            yield int.from_bytes(data[:4], "little")


def records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yields the records of what begins at this offset, charts inside it included, until it ends."""
    inside = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length
        inside += (kind == _BEGIN) - (kind == _END)
        if inside <= 0:
            return
