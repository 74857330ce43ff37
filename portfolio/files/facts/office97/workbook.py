"""Facts of an .xls by its records ([MS-XLS] 2.3): formulas by their tokens, and what each sheet uses."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

from xlrd.formula import func_defs, szdict

from portfolio.files.facts.gathered import Gathering
from portfolio.files.facts.office97.summary import read_summary
from portfolio.files.previews.renderers.tables import READERS
from portfolio.files.previews.renderers.workbooks.french_formulas import functions_in
from portfolio.files.previews.renderers.workbooks.grid import place_name
from portfolio.files.recognition.bounded_reader import Window
from portfolio.files.recognition.ole import Compound

LARGEST = 64 << 20  # bytes of the stream of the workbook
_BOF, _EOF, _BOUNDSHEET, _FORMULA, _SHARED, _NAME = 0x809, 0x0A, 0x85, 0x06, 0x4BC, 0x18
_PROTECT, _NOTE, _MERGED, _OTHER_BOOK = 0x12, 0x1C, 0xE5, 0x1AE
_CODES: Final = {  # number of a record: code of what it stands for, once each
    0x1B1: "conditional_formatting",
    0x1BE: "data_validation",
    0x9D: "filter",
    0xB0: "pivot_table",
    0x1B8: "link",
    _NOTE: "comment",
}
_SHEET, _CHART_SHEET = 0x10, 0x20
_BUILT_IN = 0x20  # flag of a name that Excel made itself
_VAR, _FIXED, _SHARED_TOKEN, _ATTRIBUTE = 0x22, 0x21, 0x01, 0x19
_TEXT = 0x17
_CHOOSE, _SUM = 0x04, 0x10


def read(source: BinaryIO, kind: str, gathering: Gathering) -> None:
    """Gathers the facts of an .xls. Raises Torn, CannotShow, and what xlrd raises for what is damaged."""
    file = Compound(Window(source))
    read_summary(file, gathering)
    top = file.top()
    data = file.read(top.get("Workbook") or top["Book"], LARGEST)
    _Records(gathering).read(data)
    source.seek(0)
    for sheet in READERS[kind](source):
        for row, cells in sheet.cells.items():
            for column, cell in cells.items():
                gathering.text(f"{sheet.name}!{place_name(row, column)}", cell.text)
        for comment in sheet.comments:
            gathering.text(f"{sheet.name}!{place_name(comment.row, comment.column)} (commentaire)", comment.text)
        for line in sorted(sheet.hidden_rows):
            gathering.risks("hidden_cells", f"{sheet.name}!ligne {line}")
        for first, last in sheet.hidden_columns:
            gathering.risks("hidden_cells", f"{sheet.name}!colonne {first}", last - first + 1)


class _Records:
    def __init__(self, gathering: Gathering) -> None:
        self._gathering = gathering
        self._sheets: list[str] = []
        self._number = -1
        self._depth = 0
        self._place, self._first = "", (0, 0)  # of the last formula
        self._names: dict[tuple[int, int, int], list[str]] = {}  # of shared formulas, by sheet and first cell

    def read(self, data: bytes) -> None:
        for record, content in _records(data):
            self._read(record, content)

    @property
    def _sheet(self) -> str:
        return self._sheets[self._number] if 0 <= self._number < len(self._sheets) else ""

    def _read(self, record: int, content: bytes) -> None:
        if record == _BOF:
            self._begin(content)
        elif record == _EOF:
            self._depth -= 1
        elif record == _BOUNDSHEET and len(content) > 8:
            name = _short_text(content, 6)
            self._sheets.append(name)
            self._gathering.uses("sheet", name)
            if content[4] & 3:
                self._gathering.risks("hidden_sheets", name)
        elif record == _FORMULA and len(content) >= 22:
            row, column = struct.unpack_from("<HH", content)
            self._formula(row, column, content[20:])
        elif record == _SHARED and len(content) > 8:
            self._share(content[8:])
        elif record == _NAME and len(content) > 15 and not struct.unpack_from("<H", content)[0] & _BUILT_IN:
            self._gathering.uses("defined_name")
        else:
            self._other(record, content)

    def _other(self, record: int, content: bytes) -> None:
        if record == _PROTECT and content[:2] == b"\1\0" and self._number >= 0:
            self._gathering.uses("protection", self._sheet, "feuille")
        elif record == _MERGED and len(content) >= 2:
            self._gathering.uses("merged_cells", self._sheet, count=struct.unpack_from("<H", content)[0])
        elif record in _CODES:
            self._gathering.uses(_CODES[record], self._sheet)
            if record == _NOTE:
                self._gathering.risks("comments", self._sheet)
        elif record == _OTHER_BOOK and len(content) > 8:  # not this one (four bytes), nor an add-in
            self._gathering.risks("external_links", "autre classeur")

    def _begin(self, content: bytes) -> None:
        self._depth += 1
        kind = struct.unpack_from("<H", content, 2)[0] if len(content) >= 4 else 0
        if kind == _CHART_SHEET:
            if self._depth == 1:
                self._number += 1
            self._gathering.uses("chart", self._sheet)
        elif kind == _SHEET and self._depth == 1:
            self._number += 1

    def _formula(self, row: int, column: int, rule: bytes) -> None:
        self._place, self._first = f"{self._sheet}!{place_name(row + 1, column + 1)}", (row, column)
        self._gathering.uses("formula", self._place)
        if rule[2:3] == bytes([_SHARED_TOKEN]) and len(rule) >= 7:  # it is written once, by its first cell
            row, column = struct.unpack_from("<HH", rule, 3)
            self._note(self._names.get((self._number, row, column), []))
        else:
            self._note(list(dict.fromkeys(_functions(rule))))

    def _share(self, rule: bytes) -> None:
        """Takes a formula that several cells share, behind the first of them."""
        names = list(dict.fromkeys(_functions(rule)))
        self._names[self._number, *self._first] = names
        self._note(names)

    def _note(self, names: list[str]) -> None:
        for name in names:
            self._gathering.uses("formula_function", self._place, name)
        if len(names) > 1:
            self._gathering.uses("nested_functions", self._place)


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(data):
        record, length = struct.unpack_from("<HH", data, at)
        yield record, data[at + 4 : at + 4 + length]
        at += 4 + length


def _short_text(content: bytes, at: int) -> str:
    length, wide = content[at], content[at + 1] & 1
    raw = content[at + 2 : at + 2 + length * (1 + wide)]
    return raw.decode("utf-16-le" if wide else "latin-1", "replace")


def _functions(rule: bytes) -> Iterator[str]:
    """Yields the French names of the functions that the tokens of a formula call, as far as they can be followed. rule:
    its length, then its tokens, as Excel 97 writes them.
    """
    if len(rule) < 2:
        return
    end = 2 + int.from_bytes(rule[:2], "little")
    at = 2
    while at < min(end, len(rule)):
        token = rule[at]
        plain = token if token < 0x20 else token & 0x1F | 0x20
        number = None
        if plain == _FIXED:
            number = int.from_bytes(rule[at + 1 : at + 3], "little")
        elif plain == _VAR:
            number = int.from_bytes(rule[at + 2 : at + 4], "little") & 0x7FFF
        elif token == _ATTRIBUTE and at + 1 < len(rule) and rule[at + 1] & _SUM:
            number = 4
        if number is not None and number in func_defs:
            yield from functions_in(f"{func_defs[number][0]}(")
        size = _size(rule, at, token, plain)
        if size <= 0:
            return
        at += size


def _size(rule: bytes, at: int, token: int, plain: int) -> int:
    """Returns how many bytes a token takes; 0 where that is not known."""
    if token == _TEXT and at + 2 < len(rule):
        return 3 + rule[at + 1] * (1 + (rule[at + 2] & 1))
    if token == _ATTRIBUTE and at + 3 < len(rule):
        places = int.from_bytes(rule[at + 2 : at + 4], "little") + 1
        return 4 + 2 * places * bool(rule[at + 1] & _CHOOSE)
    sizes = szdict[80]
    return int(sizes[plain]) if plain < len(sizes) else 0
