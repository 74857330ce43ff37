"""Finds the text of a .doc and what holds for it, through the tables of its file ([MS-DOC] 2.4), within bounds."""

from __future__ import annotations

import struct
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from portfolio.files.previews.renderers.word97.properties import (
    CharacterShape,
    OldParagraphShape,
    character_shape,
    paragraph_shape,
)
from portfolio.files.previews.sandbox import CannotShow
from portfolio.files.recognition.ole import Compound

LARGEST_STREAM = 64 << 20
MOST_READ = 2_000_000  # signs, of the text and all that stands behind it
_MOST_PAGES = 40_000  # of 512 bytes, which say what holds for a stretch of text
_PAGE = 512
_LONGEST_FIELD = 64 << 10
_TABLES_AT = 154  # in the header: pairs of offset and length
CHARACTERS, PARAGRAPHS, CLX = 12, 13, 33
_PLAIN = CharacterShape()


@dataclass(frozen=True, slots=True)
class Piece:
    """Signs from `start` to `end` of the text stand at `offset` of the stream, by one byte each or by two."""

    start: int
    end: int
    offset: int
    width: int


class WordFile:
    """A .doc. lengths: signs of the text, footnotes, headers, (macros,) comments, endnotes, text boxes, theirs in
    headers. Raises CannotShow, Torn.
    """

    def __init__(self, file: Compound) -> None:
        top = file.top()
        self.stream = file.read(top["WordDocument"], LARGEST_STREAM)
        if len(self.stream) < _TABLES_AT + 8:
            raise CannotShow("damaged")
        self.version, flags = self._short(2), self._short(10)
        self.is_older = self.version < 0xC1
        self.lengths = [max(0, self._long(76 + 4 * index)) for index in range(8)]
        name = "1Table" if flags & 0x0200 else "0Table"
        self._table_stream = file.read(top[name], LARGEST_STREAM) if name in top and not self.is_older else b""
        self._file, self._data_entry = file, top.get("Data")
        self.pieces = [] if self.is_older else self._pieces()
        self._starts = [piece.start for piece in self.pieces]
        self._characters = _Stretches(self, CHARACTERS)
        self._paragraphs = _Stretches(self, PARAGRAPHS)

    def _short(self, at: int) -> int:
        return int.from_bytes(self.stream[at : at + 2], "little")

    def _long(self, at: int) -> int:
        return int.from_bytes(self.stream[at : at + 4], "little", signed=True)

    def table(self, index: int) -> bytes:
        """Returns the bytes of a table of the file; b"" for one that it does not have, or of a file of before Word 97.
        index: of the table in the header (FIB).
        """
        count = self._short(_TABLES_AT - 2)
        if index >= count or self.is_older:
            return b""
        offset, length = struct.unpack_from(
            "<II", self.stream.ljust(_TABLES_AT + 8 * count, b"\0"), _TABLES_AT + 8 * index
        )
        return self._table_stream[offset : offset + length]

    def data(self, at: int) -> bytes:
        """Returns what the stream of data has from there, _LONGEST_FIELD bytes at most. Raises Torn."""
        return self._data[at : at + _LONGEST_FIELD]

    @cached_property
    def _data(self) -> bytes:
        """Returns the stream of data, which holds pictures too: few documents need it. Raises Torn."""
        return self._file.read(self._data_entry, LARGEST_STREAM) if self._data_entry else b""

    def places(self, index: int, size: int) -> list[int]:
        """Returns the places of signs that head table `index` of the FIB, one more than its rows; [] if it is empty.
        size: bytes of a row beside its place."""
        data = self.table(index)
        count = max(0, (len(data) - 4) // (4 + size)) if data else -1
        return list(struct.unpack_from(f"<{count + 1}I", data)) if count >= 0 and data else []

    def _pieces(self) -> list[Piece]:
        data = self.table(CLX)
        at = 0
        while at < len(data) and data[at] == 1:
            at += 3 + int.from_bytes(data[at + 1 : at + 3], "little")
        if at + 5 > len(data) or data[at] != 2:
            raise CannotShow("damaged")
        table = data[at + 5 : at + 5 + int.from_bytes(data[at + 1 : at + 5], "little")]
        count = (len(table) - 4) // 12
        if count < 1:
            raise CannotShow("damaged")
        ends = struct.unpack_from(f"<{count + 1}I", table)
        pieces = []
        for index in range(count):
            offset = int.from_bytes(table[4 * (count + 1) + 8 * index + 2 :][:4], "little")
            narrow = bool(offset & 0x4000_0000)
            offset &= 0x3FFF_FFFF
            start, end = ends[index], min(ends[index + 1], MOST_READ)
            if start < end:
                pieces.append(Piece(start, end, offset // 2 if narrow else offset, 1 if narrow else 2))
        return pieces

    def text_with_shapes(self, start: int, end: int) -> list[tuple[int, str, CharacterShape]]:
        """Returns stretches of the text from the sign `start` to before `end`: (place of the first sign, signs, what
        holds for them)."""
        stretches: list[tuple[int, str, CharacterShape]] = []
        first = max(0, bisect_right(self._starts, start) - 1)
        for piece in self.pieces[first:]:
            if piece.start >= end:
                break
            at, last = max(start, piece.start), min(end, piece.end)
            while at < last:
                offset = piece.offset + (at - piece.start) * piece.width
                shape, until = self._characters.at(offset)
                count = max(1, min(last - at, (until - offset) // piece.width))
                raw = self.stream[offset : offset + count * piece.width]
                text = raw.decode("cp1252" if piece.width == 1 else "utf-16-le", "replace")
                if not raw:
                    return stretches
                stretches.append((at, text, character_shape(shape[1]) if shape else _PLAIN))
                at += count
        return stretches

    def paragraph_at(self, place: int) -> OldParagraphShape:
        """Returns what holds for the paragraph whose mark is the sign at this place."""
        index = bisect_right(self._starts, place) - 1
        if index < 0 or place >= self.pieces[index].end:
            return OldParagraphShape()
        piece = self.pieces[index]
        stretch, _ = self._paragraphs.at(piece.offset + (place - piece.start) * piece.width)
        return paragraph_shape(*stretch) if stretch else OldParagraphShape()


class _Stretches:
    """What holds for stretches of the stream: (style, changes) by offset, as pages of 512 bytes say it."""

    def __init__(self, file: WordFile, index: int) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._shapes: list[tuple[int, bytes] | None] = []
        data = file.table(index)
        count = max(0, (len(data) - 4) // 8)
        for number in range(min(count, _MOST_PAGES)):
            page = int.from_bytes(data[4 * (count + 1) + 4 * number :][:4], "little") & 0x3FFFFF
            self._read(file.stream[page * _PAGE : (page + 1) * _PAGE], paragraphs=index == PARAGRAPHS)

    def _read(self, page: bytes, *, paragraphs: bool) -> None:
        if len(page) < _PAGE:
            return
        count, width = page[-1], 13 if paragraphs else 1
        if 4 * (count + 1) + count * width > _PAGE - 1:
            return
        edges = struct.unpack_from(f"<{count + 1}I", page)
        for number in range(count):
            if self._starts and edges[number] < self._starts[-1]:
                continue  # pages are in order; a loop is not followed
            at = 2 * page[4 * (count + 1) + number * width]
            self._starts.append(edges[number])
            self._ends.append(edges[number + 1])
            self._shapes.append(_paragraph(page, at) if paragraphs else _characters(page, at))

    def at(self, offset: int) -> tuple[tuple[int, bytes] | None, int]:
        """Returns what holds at an offset of the stream, (style, changes) or None for what is usual, and the offset up
        to which it does.
        """
        index = bisect_right(self._starts, offset) - 1
        if index >= 0 and offset < self._ends[index]:
            return self._shapes[index], self._ends[index]
        following = self._starts[index + 1] if index + 1 < len(self._starts) else 1 << 40
        return None, following


def _characters(page: bytes, at: int) -> tuple[int, bytes] | None:
    return (0, page[at + 1 : at + 1 + page[at]]) if at else None


def _paragraph(page: bytes, at: int) -> tuple[int, bytes] | None:
    if not at or at + 4 > len(page):
        return None
    start, length = (at + 1, 2 * page[at] - 1) if page[at] else (at + 2, 2 * page[at + 1])
    data = page[start : start + length]
    return int.from_bytes(data[:2], "little"), data[2:]
