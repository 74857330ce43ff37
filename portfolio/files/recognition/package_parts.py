"""Reads a part of an Office document piece by piece, up to a limit."""

from __future__ import annotations

from collections.abc import Iterator
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

PIECE = 1 << 16


def pieces(archive: ZipFile, name: str, limit: int) -> Iterator[bytes]:
    """Yields the first `limit` bytes of a part, inflated. Raises BadZipFile for a compression that no office program
    uses, and what zipfile raises on damaged input.
    """
    part = archive.getinfo(name)
    # The other methods inflate without a limit in Python, and no office program uses them.
    if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise BadZipFile("a compression no office program uses")
    with archive.open(part) as stream:
        while limit > 0 and (piece := stream.read(min(PIECE, limit))):
            yield piece
            limit -= len(piece)
