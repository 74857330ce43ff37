"""Facts of a workbook of OpenDocument: formulas, pivot tables, rules, filters, protection, hidden rows."""

from __future__ import annotations

import re
from typing import Final

from portfolio.files.facts.formulas import UsedFormula
from portfolio.files.facts.opendocument.content import ContentReader
from portfolio.files.previews.renderers.workbooks.grid import place_name

_PREFIX = re.compile(r"^(?:\w+:)?=")
_PLACE = re.compile(r"\[\.?([^\]]*)\]")
_OTHER_SHEET = re.compile(r"\[\$?[^.\]]+\.")
_ELSEWHERE = re.compile(r"'(?:file|https?):", re.IGNORECASE)
_BUILT_IN = ("__Anonymous_Sheet_DB__", "_xlnm")
_CODES: Final = {"calcext:sparkline": "sparkline", "table:scenario": "scenario", "table:consolidation": "consolidation"}
_GROUPS = ("table:table-row-group", "table:table-column-group")


class SpreadsheetContent(ContentReader):
    _table = ""
    _row = _column = 0
    _row_repeats = 1
    _area = ""

    def place(self) -> str:
        if not self._table:
            return "en-tête ou pied de page" if self.around else ""
        return f"{self._table}!{place_name(self._row, self._column)}" if self._row and self._column else self._table

    def starts(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("table:table-cell", "table:covered-table-cell"):
            self._start_cell(attributes)
        elif tag == "table:table-row":
            self._row += self._row_repeats
            self._row_repeats, self._column = _number(attributes, "number-rows-repeated"), 0
            self._hidden(attributes, f"ligne {self._row}", self._row_repeats)
        elif tag == "table:table-column":
            self._hidden(attributes, "colonne", _number(attributes, "number-columns-repeated"))
        elif tag == "table:table" and not self.inside("table:dde-link"):
            self._start_table(attributes)
        else:
            self._start_other(tag, attributes)

    def ends(self, tag: str) -> None:
        if tag == "table:table":
            self._table = ""
        elif tag == "table:table-row":
            self._column = 0

    def _start_table(self, attributes: dict[str, str]) -> None:
        self._table, self._row, self._column, self._row_repeats = attributes.get("name", ""), 0, 0, 1
        if self._table.startswith("'file:"):  # a copy of a sheet of another workbook
            self.gathering.risks("external_links", self._table)
            return
        self.uses("sheet")
        if attributes.get("style-name", "") in self.styles.hides:
            self.gathering.risks("hidden_sheets", self._table)
        if attributes.get("protected") == "true":
            self.uses("protection", "feuille")

    def _start_cell(self, attributes: dict[str, str]) -> None:
        repeats = _number(attributes, "number-columns-repeated")
        self._column += 1
        if "formula" in attributes:
            formula = _PREFIX.sub("", attributes["formula"])
            other_sheets = _OTHER_SHEET.search(formula) is not None
            UsedFormula(_PLACE.sub(r"\1", formula), other_sheets=other_sheets).note(self.gathering, self.place())
            if "number-matrix-columns-spanned" in attributes:
                self.uses("array_formula")
            if _ELSEWHERE.search(formula):
                self.gathering.risks("external_links", self.place())
        if "content-validation-name" in attributes:
            self.uses("data_validation", count=repeats if repeats < 1000 else 1)
        if _number(attributes, "number-columns-spanned") * _number(attributes, "number-rows-spanned") > 1:
            self.uses("merged_cells")
        self._column += repeats - 1

    def _hidden(self, attributes: dict[str, str], line: str, count: int) -> None:
        if attributes.get("visibility") in ("collapse", "filter") and self._table:
            self.gathering.risks("hidden_cells", f"{self._table}!{line}", count if count < 10_000 else 1)

    def _start_other(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "calcext:conditional-format":
            self._area = attributes.get("target-range-address", "")
        elif tag in ("calcext:condition", "calcext:color-scale", "calcext:data-bar", "calcext:icon-set"):
            kind = tag.partition(":")[2].replace("-", " ") if tag != "calcext:condition" else ""
            self.gathering.uses("conditional_formatting", self._area, kind)
        elif tag == "table:data-pilot-table":
            self.gathering.uses("pivot_table", attributes.get("target-range-address", ""))
        elif tag == "table:database-range":
            self._start_range(attributes)
        elif tag == "table:filter":
            self.uses("filter")
        elif tag == "table:sort":
            self.uses("sort")
        elif tag == "table:named-range" and not attributes.get("name", "").startswith(_BUILT_IN):
            self.gathering.uses("defined_name", attributes.get("name", ""))
        elif tag == "office:spreadsheet" and attributes.get("structure-protected") == "true":
            self.gathering.uses("protection", "classeur", "classeur")
        elif tag in _GROUPS:
            self.uses("outline")
        elif tag in _CODES:
            self.uses(_CODES[tag])

    def _start_range(self, attributes: dict[str, str]) -> None:
        area = attributes.get("target-range-address", "")
        if attributes.get("display-filter-buttons") == "true":
            self.gathering.uses("filter", area)
        if not attributes.get("name", "").startswith(_BUILT_IN):
            self.gathering.uses("table", area, attributes.get("name", ""))


def _number(attributes: dict[str, str], name: str) -> int:
    value = attributes.get(name, "1")
    return max(1, int(value)) if value.isascii() and value.isdigit() and len(value) < 9 else 1
