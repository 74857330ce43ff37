"""Renders workbooks and CSV: the saved values, as tables. Formulas are never computed."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, BinaryIO

from python_calamine import CalamineWorkbook, PasswordError, SheetVisibleEnum

from portfolio.files.previews.preview_spec import View
from portfolio.files.previews.renderers.texts import decoded
from portfolio.files.previews.sandbox import CannotShow, run

MOST_SHEETS, MOST_ROWS, MOST_COLUMNS, MOST_SIGNS = 5, 200, 30, 300
LARGEST_CSV = 2 << 20
_VALUES = "Valeurs enregistrées dans le classeur : les formules ne sont pas recalculées."
_HIDDEN = "Ce classeur a des feuilles masquées ({names}) : elles ne sont pas montrées ici."
_MORE = "Seules les {most} premières feuilles sont montrées, sur {count}."


def show(source: BinaryIO, kind: str, _what: str) -> View:
    return _csv(source) if kind == "csv" else _workbook(source)


def _workbook(source: BinaryIO) -> View:
    try:
        book = CalamineWorkbook.from_filelike(source)
    except PasswordError:
        raise CannotShow("locked") from None
    visible = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
    hidden = [name for name in book.sheet_names if name not in visible]
    notes = [_VALUES]
    if hidden:
        notes.append(_HIDDEN.format(names=", ".join(hidden[:MOST_SHEETS])))
    if len(visible) > MOST_SHEETS:
        notes.append(_MORE.format(most=MOST_SHEETS, count=len(visible)))
    sheets = []
    for name in visible[:MOST_SHEETS]:
        sheet = book.get_sheet_by_name(name)
        rows = sheet.to_python(skip_empty_area=False, nrows=MOST_ROWS)
        sheets.append(_sheet(name, rows, more=sheet.total_height > MOST_ROWS))
    return View("tables", notes, sheets=sheets)


def _sheet(name: str, rows: Iterable[Sequence[object]], *, more: bool) -> dict[str, Any]:
    """Returns the used corner of a sheet. cut: True if some of it was left out."""
    texts = [[_text(value) for value in row] for row in rows]
    while texts and not any(texts[-1]):
        texts.pop()
    widest = max((_width(row) for row in texts), default=0)
    width = min(widest, MOST_COLUMNS)
    corner = [row[:width] + [""] * (width - len(row)) for row in texts]
    return {"name": name[:MOST_SIGNS], "rows": corner, "cut": more or widest > MOST_COLUMNS}


def _width(row: list[str]) -> int:
    return max((place for place, cell in enumerate(row, 1) if cell), default=0)


def _text(value: object) -> str:
    """Returns the value in French notation."""
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    if isinstance(value, float):
        return f"{value:.10g}".replace(".", ",")
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%Y" if value.time() == time() else "%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, time | timedelta):
        return str(value)
    text = str(value)
    return text if len(text) <= MOST_SIGNS else text[:MOST_SIGNS] + "…"


def _csv(source: BinaryIO) -> View:
    data = source.read(LARGEST_CSV + 1)
    text = decoded(data[:LARGEST_CSV])
    lines = text.splitlines(keepends=True)
    rows = list(islice(csv.reader(lines, delimiter=_delimiter(lines)), MOST_ROWS + 1))
    more = len(rows) > MOST_ROWS or len(data) > LARGEST_CSV
    return View("tables", sheets=[_sheet("", rows[:MOST_ROWS], more=more)])


def _delimiter(lines: list[str]) -> str:
    """Returns the separator that the first lines agree on."""
    counts = Counter({sign: sum(line.count(sign) for line in lines[:20]) for sign in ";,\t|"})
    return counts.most_common(1)[0][0]


if __name__ == "__main__":
    run(show)
