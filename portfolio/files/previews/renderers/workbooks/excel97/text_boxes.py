"""Reads the words of text boxes and other shapes of an .xls, which xlrd leaves out, by its records ([MS-XLS] 2.4)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from portfolio.files.previews.renderers.workbooks.grid import MOST_OBJECTS, place_name
from portfolio.files.previews.renderers.workbooks.object_words import box_words

_BOUND_SHEET, _END, _DRAWING, _OBJECT, _TEXT, _CONTINUED = 0x85, 0x0A, 0xEC, 0x5D, 0x1B6, 0x3C
_WORKSHEET = 0
_COMMENT = 0x19  # type of an object: its words stand with its cell
_ANCHOR = struct.pack("<HHI", 0, 0xF010, 18)  # head of OfficeArtClientAnchorSheet ([MS-XLS] 2.5.193)
_TEXT_HEAD = struct.pack("<HH", _TEXT, 18)
_LONGEST = 4_000


def sentences_of(stream: bytes) -> list[list[str]]:
    """Returns for each worksheet, in their order, French sentences with the words of its shapes; [] where none has any.
    stream: that of the workbook, of Excel 97 or later; of another one, whatever stands at its place.
    """
    if _TEXT_HEAD not in stream:  # most have none: their many cells are not passed over one by one
        return []
    return [_sheet(stream, start) for start in _worksheets(stream)]


def _worksheets(stream: bytes) -> Iterator[int]:
    for kind, data in _records(stream, 0):
        if kind == _BOUND_SHEET and len(data) > 5 and data[5] == _WORKSHEET:
            yield int.from_bytes(data[:4], "little")


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yields the records of what begins at this offset, charts inside it included, until it ends."""
    inside = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length
        inside += (kind == 0x809) - (kind == _END)
        if inside <= 0:
            return


@dataclass
class _Box:
    """A shape under way. left: signs that are still to come. area: of cells, perhaps empty."""

    area: str = ""
    comment: bool = False
    left: int = 0
    texts: list[str] = field(default_factory=list)


def _sheet(stream: bytes, start: int) -> list[str]:
    boxes: list[_Box] = []
    area, box = "", _Box()
    for kind, data in _records(stream, start):
        if kind == _DRAWING:
            area = _area(data)
        elif kind == _OBJECT:
            box = _Box(area, comment=data[4:6] == bytes([_COMMENT, 0]))
            area = ""
        elif kind == _TEXT and len(data) >= 12:
            box.left = min(int.from_bytes(data[10:12], "little"), _LONGEST)
            if box.left and not box.comment and len(boxes) < MOST_OBJECTS:
                boxes.append(box)
        elif kind == _CONTINUED and box.left > 0:
            text = data[1:].decode("utf-16-le" if data[:1] == b"\x01" else "latin-1", "replace")[: box.left]
            box.texts.append(text)
            box.left -= max(1, len(text))
    sentences = [("".join(box.texts), box.area) for box in boxes]
    return [box_words(text, area) for text, area in sentences if text.strip()]


def _area(data: bytes) -> str:
    """Returns the cells that a shape covers, « B2:D9 »; "" for a shape inside another."""
    at = data.rfind(_ANCHOR)
    if at < 0 or at + 26 > len(data):
        return ""
    left, _, top, _, right, _, bottom = struct.unpack_from("<7H", data, at + 10)
    return f"{place_name(top + 1, left + 1)}:{place_name(bottom + 1, right + 1)}"
