"""Writes lists as workbooks whose cells are text: a number keeps its leading zeros, and no text becomes a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from config.on_demand import on_demand

if TYPE_CHECKING:
    import openpyxl
    from openpyxl.cell import Cell
else:
    openpyxl = on_demand("openpyxl")


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
WIDEST = 50  # characters
AS_TEXT = "@"  # a cell that is typed over stays text


def listed_xlsx(sheet_name: str, header: Sequence[str], rows: Iterable[Sequence[str]], empty_rows: int = 0) -> bytes:
    """Returns an XLSX of one sheet: the header, then the rows, each value on one line. empty_rows: cells below them
    that are text already, for whoever types there.
    """
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = sheet_name[:31]
    empty = [("",) * len(header)] * empty_rows
    lines = [tuple(map(_on_one_line, row)) for row in (header, *rows, *empty)]
    for number, values in enumerate(lines, 1):
        for column, value in enumerate(values, 1):
            cell = sheet.cell(number, column)
            cell.number_format = AS_TEXT
            if value:
                put(cell, value)
            if number == 1:
                cell.font = openpyxl.styles.Font(bold=True)
    for column in range(1, len(header) + 1):
        longest = max(len(values[column - 1]) for values in lines)
        sheet.column_dimensions[openpyxl.utils.get_column_letter(column)].width = min(longest + 3, WIDEST)
    sheet.freeze_panes = "A2"
    out = BytesIO()
    workbook.save(out)
    return out.getvalue()


def _on_one_line(value: str) -> str:
    return " ".join(openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", value).split())


def put(cell: Cell, text: str) -> Cell:
    """Writes a text that is never a formula, even after an edit in Excel, and returns the cell; « _x0041_ » stays as
    typed.
    """
    cell.value = ESCAPE_LIKE.sub("_x005F_", text)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
