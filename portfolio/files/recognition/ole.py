"""Reads the directory of an OLE compound file ([MS-CFB]) and the first bytes of a stream.

The usual readers load the whole directory and allocation table first, so that a hostile file decides how much memory
they take; this one does not.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from portfolio.files.recognition.bounded_reader import Window

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# A message with a hundred attachments has some five thousand entries.
MOST_ENTRIES = 20_000
_LAST_SECTOR = 0xFFFFFFFA
_NOBODY = 0xFFFFFFFF
_ENTRY = 128
_MINI_SECTOR = 64
_MINI_CUTOFF = 4096
_IN_HEADER = 109


class Torn(Exception):
    """The file is truncated, or its chains loop."""


@dataclass(frozen=True, slots=True)
class OleEntry:
    name: str
    left: int
    right: int
    child: int
    clsid: bytes
    start: int
    size: int


class Compound:
    """A compound file. Raises Torn if its directory, or a part that it declares, is missing."""

    def __init__(self, window: Window) -> None:
        self._window = window
        header = window.at(0, 512)
        if len(header) < 512:
            raise Torn
        shift = int.from_bytes(header[30:32], "little")
        if shift not in (9, 12):
            raise Torn
        self._sector = 1 << shift
        tables = int.from_bytes(header[44:48], "little")
        directory, mini_cutoff, self._mini_fat, _, self._difat, _ = struct.unpack_from("<I4xIIIII", header, 48)
        if mini_cutoff != _MINI_CUTOFF:
            raise Torn
        self._table_in_header: tuple[int, ...] = struct.unpack_from(f"<{_IN_HEADER}I", header, 76)
        self._tables: dict[int, tuple[int, ...]] = {}
        self._extra_tables: list[int] | None = None
        self._refuse_if_cut(tables)
        self.entries = self._read_directory(directory)
        self.root = self.entries[0]

    def top(self) -> dict[str, OleEntry]:
        """Returns {name: entry} directly under the root, without deeper embedded objects."""
        return self.under(self.root)

    def under(self, storage: OleEntry) -> dict[str, OleEntry]:
        """Returns {name: entry} directly in a storage."""
        entries: dict[str, OleEntry] = {}
        waiting, visited = [storage.child], set[int]()
        while waiting:
            number = waiting.pop()
            if number == _NOBODY or number in visited or number >= len(self.entries):
                continue
            visited.add(number)
            entry = self.entries[number]
            entries[entry.name] = entry
            waiting += [entry.left, entry.right]
        return entries

    def read(self, entry: OleEntry, limit: int) -> bytes:
        """Returns the first `limit` bytes of a stream, fewer if it is shorter. Raises Torn."""
        return b"".join(self.pieces(entry, limit))

    def pieces(self, entry: OleEntry, limit: int) -> Iterator[bytes]:
        """Yields the first `limit` bytes of a stream, by sectors. Raises Torn where one is missing."""
        wanted = min(limit, entry.size)
        if entry.size < _MINI_CUTOFF:
            yield from self._mini_pieces(entry.start, wanted)
            return
        for sector in self._chain(entry.start):
            if wanted <= 0:
                return
            yield self._read_sector(sector)[:wanted]
            wanted -= self._sector

    # --- sectors ------------------------------------------------------------------------------------

    def _mini_pieces(self, mini: int, wanted: int) -> Iterator[bytes]:
        """Yields the first `wanted` bytes of a short stream, by 64-byte sectors inside the stream of the root. mini:
        number of its first one. Raises Torn for a number outside the tables.
        """
        container = list(self._chain(self.root.start, self._sectors_for(self.root.size)))
        table = list(self._chain(self._mini_fat))
        per_table, per_sector = self._sector // 4, self._sector // _MINI_SECTOR
        while wanted > 0 and mini < _LAST_SECTOR:
            if mini // per_sector >= len(container) or mini // per_table >= len(table):
                raise Torn
            where = (mini % per_sector) * _MINI_SECTOR
            yield self._read_sector(container[mini // per_sector])[where : where + min(wanted, _MINI_SECTOR)]
            wanted -= _MINI_SECTOR
            mini = self._table(table[mini // per_table])[mini % per_table]

    def _sectors_for(self, size: int) -> int:
        return min(size, self._window.size) // self._sector + 1

    def _read_sector(self, number: int) -> bytes:
        data = self._window.at((number + 1) * self._sector, self._sector)
        if not data:
            raise Torn
        return data

    def _chain(self, sector: int, longest: int | None = None) -> Iterator[int]:
        """Yields sector numbers in order, from `sector`; `longest` at most, if given. Raises Torn for a chain without
        `longest` that is longer than the file, which is a loop.
        """
        for _ in range(longest or self._window.size // self._sector + 1):
            if sector >= _LAST_SECTOR:
                return
            yield sector
            sector = self._next(sector)
        if longest is None:
            raise Torn

    def _next(self, sector: int) -> int:
        per_table = self._sector // 4
        return self._table(self._table_sector(sector // per_table))[sector % per_table]

    def _table(self, sector: int) -> tuple[int, ...]:
        if sector not in self._tables:
            data = self._read_sector(sector)
            if len(data) < self._sector:
                raise Torn
            self._tables[sector] = struct.unpack(f"<{self._sector // 4}I", data)
        return self._tables[sector]

    def _table_sector(self, index: int) -> int:
        """Returns the index-th sector of the allocation table: 109 are listed in the header, then a chain. Raises Torn
        beyond its end.
        """
        if index < _IN_HEADER:
            return self._table_in_header[index]
        if self._extra_tables is None:
            self._extra_tables = self._read_extra_tables()
        if index - _IN_HEADER >= len(self._extra_tables):
            raise Torn
        return self._extra_tables[index - _IN_HEADER]

    def _read_extra_tables(self) -> list[int]:
        sectors: list[int] = []
        sector = self._difat
        while sector < _LAST_SECTOR and len(sectors) <= self._most_tables():
            table = self._table(sector)
            sectors += table[:-1]
            sector = table[-1]
        return sectors

    def _most_tables(self) -> int:
        """Returns the limit of tables: a valid file needs no more; a longer chain is a loop."""
        per_table = self._sector // 4
        return self._window.size // self._sector // per_table + per_table

    def _refuse_if_cut(self, tables: int) -> None:
        """Checks that the last sector that the allocation table marks as used is in the file. tables: how many sectors
        the allocation table takes. Raises Torn.
        """
        per_table = self._sector // 4
        if tables > self._most_tables():
            raise Torn
        for index in reversed(range(tables)):
            used = [place for place, after in enumerate(self._table(self._table_sector(index))) if after != _NOBODY]
            if used:
                if (index * per_table + used[-1] + 1) * self._sector >= self._window.size:
                    raise Torn
                return

    # --- directory ----------------------------------------------------------------------------------

    def _read_directory(self, start: int) -> list[OleEntry]:
        entries: list[OleEntry] = []
        for sector in self._chain(start):
            data = self._read_sector(sector)
            entries += [_entry(data[at : at + _ENTRY]) for at in range(0, len(data) - _ENTRY + 1, _ENTRY)]
            if len(entries) > MOST_ENTRIES:
                raise Torn
        if not entries:
            raise Torn
        return entries


def _entry(raw: bytes) -> OleEntry:
    name_length, left, right, child = struct.unpack_from("<HxxIII", raw, 64)
    start, size = struct.unpack_from("<II", raw, 116)
    name = raw[: min(64, max(0, name_length - 2))].decode("utf-16-le", "replace")
    return OleEntry(name, left, right, child, raw[80:96], start, size)
