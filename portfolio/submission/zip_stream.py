"""Streams a ZIP to its reader: never whole in memory, never on disk, each entry digested on its way."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

# The same content gives the same bytes, whenever and wherever it is written.
EPOCH = (1980, 1, 1, 0, 0, 0)
PLAIN_FILE = 0o100644 << 16
UNIX = 3


@dataclass(frozen=True)
class ZipEntry:
    """size: in bytes, if known before reading; it must be above 2 GiB. packed: worth compressing."""

    path: str
    chunks: Iterable[bytes]
    size: int = 0
    packed: bool = False


@dataclass(frozen=True)
class Written:
    """An entry as it was written. size: in bytes. sha256: in hexadecimal."""

    path: str
    size: int
    sha256: str


class _Sink(io.RawIOBase):
    """The file that zipfile writes to: it cannot seek, so sizes and checksums follow each entry."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._waiting.append(bytes(data))
        return len(data)

    def drain(self) -> bytes:
        """Returns what was written since the last call."""
        drained = b"".join(self._waiting)
        self._waiting.clear()
        return drained


def zip_stream(entries: Iterable[ZipEntry], last: Callable[[list[Written]], ZipEntry]) -> Iterator[bytes]:
    """Yields a zip archive, chunk by chunk, of these entries. last: makes the final entry from what was written before
    it. Raises what an entry raises, in the middle of the stream.
    """
    sink, written = _Sink(), list[Written]()
    with zipfile.ZipFile(sink, "w") as archive:
        for entry in entries:
            yield from _write(archive, sink, entry, written)
        yield from _write(archive, sink, last(written), written)
    yield sink.drain()


def _write(archive: zipfile.ZipFile, sink: _Sink, entry: ZipEntry, written: list[Written]) -> Iterator[bytes]:
    measured, size = hashlib.sha256(), 0
    with archive.open(_header(entry), "w") as target:
        for chunk in entry.chunks:
            measured.update(chunk)
            size += len(chunk)
            target.write(chunk)
            yield sink.drain()
    written.append(Written(entry.path, size, measured.hexdigest()))
    yield sink.drain()


def _header(entry: ZipEntry) -> zipfile.ZipInfo:
    header = zipfile.ZipInfo(entry.path, EPOCH)
    header.compress_type = zipfile.ZIP_DEFLATED if entry.packed else zipfile.ZIP_STORED
    header.create_system, header.external_attr, header.file_size = UNIX, PLAIN_FILE, entry.size
    return header
