"""Collects the formulas of a sheet: those that several cells share are written out for each."""

from __future__ import annotations

from portfolio.files.previews.renderers.workbooks.french_formulas import french
from portfolio.files.previews.renderers.workbooks.grid import WorkbookSheet, place_name

_LONGEST = 2_000


class Formulas:
    def __init__(self, sheet: WorkbookSheet) -> None:
        self._sheet = sheet
        self._shared: dict[str, tuple[str, str]] = {}  # number: formula and the cell that it was written for
        self._row = self._column = 0
        self._number = ""
        self._array = False

    def start(self, row: int, column: int, attributes: dict[str, str], spills: bool) -> None:
        """Begins the formula of a cell. spills: it is no formula in braces, though stored as one."""
        self._row, self._column = row, column
        self._number = attributes.get("si", "") if attributes.get("t") == "shared" else ""
        self._array = attributes.get("t") == "array" and not spills

    def end(self, text: str) -> None:
        if self._sheet.more_formulas:
            return
        name = place_name(self._row, self._column)
        if self._number and text:
            self._shared[self._number] = (text, name)
        elif self._number in self._shared:
            text = _moved(*self._shared[self._number], name)
        if text:
            formula = french(text[:_LONGEST])
            self._sheet.note_formula(self._row, self._column, f"{{{formula}}}" if self._array else formula)


def _moved(formula: str, origin: str, name: str) -> str:
    from openpyxl.formula.translate import Translator, TranslatorError  # noqa: PLC0415  # slow to load, seldom needed

    try:
        return str(Translator(f"={formula}", origin).translate_formula(name))[1:]
    except TranslatorError:
        return formula
