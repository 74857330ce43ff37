"""Reads a CSV as one sheet: its cells as they are written, which is what the file says."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from portfolio.files.previews.renderers.texts import decoded
from portfolio.files.previews.renderers.workbooks.grid import Cell, Room, WorkbookSheet
from portfolio.files.text_encoding import decode
from portfolio.identifiers import Malformed

_LARGEST = 2 << 20
_SEPARATORS = ("\t", ";", "|", ",")  # the rarest in words and figures first: it decides between equals
_RARE = "^~¦¬§:"  # taken only where they alone part all records alike
_NO_COLON = re.compile(r"\d:\d|://")  # hours and addresses
_TITLES_WITHIN = 4  # records: a few lines of words may stand above
_TRIED = 100  # records


def read(source: BinaryIO) -> WorkbookSheet:
    csv.field_size_limit(sys.maxsize)  # the file is bounded, not its fields
    data = source.read(_LARGEST + 1)
    text = _text(data[:_LARGEST])
    sheet, room = WorkbookSheet(""), Room()
    declared = text[:6].lower().startswith("sep=") and text[5:6] in "\r\n" and text[4:5]
    separator = declared or _separator(text)
    if declared:
        text = text[5:].lstrip("\r\n")
    for number, record in enumerate(_records(text, separator), 1):
        for column, value in enumerate(record, 1):
            if value and room.takes(sheet, number):
                sheet.put(number, column, Cell(value))
        if sheet.cut:
            break
    if len(data) > _LARGEST:
        sheet.cut = True
    return sheet


def _text(data: bytes) -> str:
    """Returns the text in the encoding that it makes sense in; of a file cut in a sign, or torn, what can be read."""
    try:
        return decode(data).text
    except Malformed:
        return decoded(data)


def _records(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator)


def _separator(text: str) -> str:
    """Returns the separator that gives the most records the same number of columns, beyond one."""
    widths = {sign: _widths(text, sign) for sign in _SEPARATORS}

    def agreement(separator: str) -> float:
        width, count = Counter(widths[separator]).most_common(1)[0] if widths[separator] else (0, 0)
        return count / len(widths[separator]) if width > 1 else 0.0

    best = max(_SEPARATORS, key=agreement)
    if agreement(best) == 1:
        return best
    rare = (sign for sign in _RARE if _is_constant(_widths(text, sign)))
    return next((sign for sign in rare if sign != ":" or not _NO_COLON.search(text)), best)


def _widths(text: str, separator: str) -> list[int]:
    """Returns the number of columns of the first records that are not empty."""
    return [len(record) for record in islice(_records(text, separator), _TRIED + 1) if record][:_TRIED]


def _is_constant(widths: list[int]) -> bool:
    """Returns whether two records or more have the same number of columns, beyond one, behind a few lines of one."""
    titles = next((at for at, width in enumerate(widths[:_TITLES_WITHIN]) if width > 1), len(widths))
    table = widths[titles:]
    return len(table) > 1 and len(set(table)) == 1
