"""Describes what a table of any file is read as: data for both sides of the process boundary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MOST_SHEETS: Final = 20
MOST_LINES: Final = 3_000  # of a sheet, filled
MOST_COLUMNS: Final = 200
MOST_SIGNS: Final = 500  # of a cell


@dataclass(frozen=True)
class Record:
    """line: where the record begins, as a spreadsheet or a text editor counts lines. cells: as people read them."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class TableSheet:
    """A sheet of a file. name: "" where the file has one only. records: without blank lines. cut: whether there are
    more than `MOST_LINES`.
    """

    name: str
    records: list[Record]
    cut: bool = False


@dataclass(frozen=True)
class TableFile:
    """A file as read. kind: "csv", "workbook", "xml" or "html". encoding, delimiter, had_bom: of a CSV alone."""

    kind: str
    sheets: list[TableSheet]
    encoding: str | None = None
    delimiter: str | None = None
    had_bom: bool = False


def cell_name(line: int, column: int) -> str:
    """Returns the name of a cell as a spreadsheet says it, « C7 ». line: from 1. column: from 0."""
    letters, number = "", column + 1
    while number > 0:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{line}"
