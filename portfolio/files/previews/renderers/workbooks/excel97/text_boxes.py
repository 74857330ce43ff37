"""Reads the words of text boxes and other shapes of an .xls, which xlrd leaves out, by its records ([MS-XLS] 2.4)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from portfolio.files.previews.renderers.workbooks.excel97.records import records, worksheets
from portfolio.files.previews.renderers.workbooks.grid import MOST_OBJECTS, place_name
from portfolio.files.previews.renderers.workbooks.object_words import box_words

_DRAWING, _OBJECT, _TEXT, _CONTINUED = 0xEC, 0x5D, 0x1B6, 0x3C
_OF_COMMENT = bytes([0x19, 0])  # type of an object: its words stand with its cell
_ANCHOR = struct.pack("<HHI", 0, 0xF010, 18)  # head of OfficeArtClientAnchorSheet ([MS-XLS] 2.5.193)
_TEXT_HEAD = struct.pack("<HH", _TEXT, 18)
_LONGEST = 4_000
UNREAD = (
    "Des dessins, des graphiques ou des zones de texte se trouvent ici, que ce format d'avant 1997 ne laisse pas lire."
)


def sentences_of(stream: bytes) -> list[list[str]]:
    """Returns for each worksheet, in their order, French sentences with the words of its shapes; [] where none has any.
    stream: that of the workbook, of Excel 97 or later.
    """
    if _TEXT_HEAD not in stream:  # most have none: their many cells are not passed over one by one
        return []
    return [_sheet(stream, start) for start in worksheets(stream)]


def unread(stream: bytes) -> list[list[str]]:
    """Returns for each worksheet, in their order, a sentence if it has shapes. stream: that of the workbook, of Excel 5
    or 95, where their words stand otherwise.
    """
    return [
        [UNREAD] * any(kind == _OBJECT and data[4:6] != _OF_COMMENT for kind, data in records(stream, start))
        for start in worksheets(stream)
    ]


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
    for kind, data in records(stream, start):
        if kind == _DRAWING:
            area = _area(data)
        elif kind == _OBJECT:
            box = _Box(area, comment=data[4:6] == _OF_COMMENT)
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
