"""Reads what holds for characters, paragraphs and rows of a .doc: changes ([MS-DOC] 2.6) to what is usual."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from portfolio.files.previews.renderers.documents.edged_table import EdgedCell
from portfolio.files.previews.renderers.documents.prose_room import DEEPEST
from portfolio.files.previews.renderers.word97.looks import LOOKS, is_shaded
from portfolio.files.previews.renderers.words.raised_signs import ABOVE, BELOW

_SIZES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}  # of an operand, by the kind of its change
_TABLE_DEFINITION, _TABS = 0xD608, 0xC615
_SWITCHES = {
    0x083C: "hidden", 0x0837: "struck", 0x2A53: "struck", 0x0800: "deleted", 0x0801: "inserted", 0x0855: "special",
}  # fmt: skip
_PARAGRAPH_SWITCHES = {0x2416: "in_table", 0x2417: "ends_row", 0x244B: "ends_inner_cell", 0x244C: "ends_inner_row"}
_NUMBERS = {
    0x4804: "author", 0x6805: "moment", 0x4863: "deleter", 0x6864: "deleted_at", 0x4A4F: "font", 0x4A51: "other_font",
    0x6A03: "data_at",
}  # fmt: skip
_MOST_CELLS = 64
_CELL = 20  # bytes that describe one


@dataclass(slots=True)
class CharacterShape:
    """white: its words; shaded: what is under them; tiny: smaller than anybody reads. author…: of a tracked change: a
    number in the list of authors, and when. symbol: the letter of the font with the number symbol_font. font,
    other_font: of letters without and with accents, by number; -1 for the usual one. data_at: where what its sign
    stands for is stored.
    """

    hidden: bool = False
    struck: bool = False
    inserted: bool = False
    deleted: bool = False
    author: int = 0
    moment: int = 0
    deleter: int = 0
    deleted_at: int = 0
    special: bool = False
    data_at: int = -1
    white: bool = False
    shaded: bool = False
    tiny: bool = False
    symbol: int = 0
    symbol_font: int = -1
    font: int = -1
    other_font: int = -1
    shifted: str = ""


@dataclass(slots=True)
class OldParagraphShape:
    """style: its number; 1 to 9 are the headings. nesting: how many tables it says it stands in. ends_inner_cell,
    ends_inner_row: of a table inside another. level: of a list, from 0. cells: of the row that it ends.
    """

    style: int = 0
    in_table: bool = False
    nesting: int = 0
    ends_row: bool = False
    ends_inner_cell: bool = False
    ends_inner_row: bool = False
    outline: int | None = None
    level: int = 0
    listed: bool = False
    shaded: bool = False
    left: int = 0
    cells: list[EdgedCell] = field(default_factory=list)

    @property
    def depth(self) -> int:
        """Returns how many tables it stands in, DEEPEST at most."""
        return min(max(self.nesting, int(self.in_table)), DEEPEST)


def _changes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 2 <= len(data):
        code = int.from_bytes(data[at : at + 2], "little")
        at += 2
        kind = code >> 13
        if kind != 6:
            size = _SIZES[kind]
        elif code == _TABLE_DEFINITION:
            size = int.from_bytes(data[at : at + 2], "little") + 1
        elif at < len(data):
            size = data[at] + 1
            if code == _TABS and size == 256:
                return  # its length is said inside; nothing that we show stands behind it
        else:
            return
        yield code, data[at : at + size]
        at += size


def character_shape(data: bytes) -> CharacterShape:
    shape = CharacterShape()
    for code, operand in _changes(data):
        number = int.from_bytes(operand[:4], "little")
        if switch := _SWITCHES.get(code):
            setattr(shape, switch, number in (1, 0x81))  # on, or the opposite of its style
        elif name := _NUMBERS.get(code):
            setattr(shape, name, number)
        elif (look := LOOKS.get(code)) and operand:
            setattr(shape, look[0], look[1](operand))
        elif code == 0x2A48:
            shape.shifted = {1: ABOVE, 2: BELOW}.get(number, "")
        elif code == 0x6A09:
            shape.symbol, shape.symbol_font = number >> 16, number & 0xFFFF
    return shape


def paragraph_shape(style: int, data: bytes) -> OldParagraphShape:
    shape = OldParagraphShape(style)
    for code, operand in _changes(data):
        number = int.from_bytes(operand[:4], "little")
        if switch := _PARAGRAPH_SWITCHES.get(code):
            setattr(shape, switch, number == 1)
        elif code == 0x6649:
            shape.nesting = number
        elif code == 0x2640:
            shape.outline = number
        elif code == 0x260A:
            shape.level = number
        elif code == 0x460B:
            shape.listed = 0 < number < 0xF801
        elif code in (0x442D, 0xC64D):
            shape.shaded = is_shaded(operand)
        elif code == _TABLE_DEFINITION:
            _define(shape, operand[2:])
        elif code == 0xD62B and len(operand) >= 3 and operand[1] < len(shape.cells):
            _span(shape.cells[operand[1]], operand[2])
    return shape


def _define(shape: OldParagraphShape, data: bytes) -> None:
    count = data[0] if data else 0
    if not 0 < count < _MOST_CELLS or len(data) < 1 + 2 * (count + 1):
        return
    edges = struct.unpack_from(f"<{count + 1}h", data, 1)
    shape.left, shape.cells = edges[0], [EdgedCell(edge) for edge in edges[1:]]
    start = 1 + 2 * (count + 1)
    for number, cell in enumerate(shape.cells):
        flags = int.from_bytes(data[start + number * _CELL :][:2], "little")
        cell.continues_across = flags & 3 == 1
        _span(cell, flags >> 5 & 3)


def _span(cell: EdgedCell, flags: int) -> None:
    cell.continues_down, cell.starts_down = flags == 1, flags == 3
