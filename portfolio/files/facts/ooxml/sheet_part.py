"""Facts of one sheet of an .xlsx: formulas, rules, filters, protection, links, hidden rows; the words of its cells."""

from __future__ import annotations

import re

from portfolio.files.facts.formulas import UsedFormula
from portfolio.files.facts.gathered import Gathering
from portfolio.files.facts.ooxml.part_reader import FactsPartReader, is_on
from portfolio.files.previews.renderers.workbooks.grid import column_name

_WITHIN = {"f", "v", "t", "is"}
_OTHER_WORKBOOK = re.compile(r"\[\d+\]")
_OTHER_SHEET = re.compile(r"[\w']!")
_ONCE = {
    "sparkline": "sparkline",
    "dataConsolidate": "consolidation",
    "scenario": "scenario",
    "oddHeader": "header",
    "oddFooter": "footer",
}
_WITH_AREA = {"autoFilter": "filter", "sortState": "sort", "hyperlink": "link", "mergeCell": "merged_cells"}


class SheetPart(FactsPartReader):
    """name: of the sheet. shared: texts that cells share, in order."""

    def __init__(self, name: str, shared: list[str], gathering: Gathering) -> None:
        self._name, self._shared, self._gathering = name, shared, gathering
        self._cell, self._kind, self._value, self._formula = "", "", list[str](), list[str]()
        self._formula_kind = self._formula_number = ""
        self._formulas: dict[str, UsedFormula] = {}  # by the number under which cells share them
        self._within = ""
        self._has_formula = False
        self._area = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._cell, self._kind = attributes.get("r", ""), attributes.get("t", "n")
            self._value, self._formula, self._has_formula = [], [], False
        elif tag == "f":
            self._has_formula, self._within = True, "f"
            self._formula_kind, self._formula_number = attributes.get("t", ""), attributes.get("si", "")
        elif tag in _WITHIN:
            self._within = tag
        elif tag == "row":
            if is_on(attributes, "hidden"):
                self._risk("hidden_cells", f"ligne {attributes.get('r', '')}")
            if attributes.get("outlineLevel", "0") != "0":
                self._use("outline")
        elif tag == "rPh":
            self._within = ""
        else:
            self._start_other(tag, attributes)

    def _start_other(self, tag: str, attributes: dict[str, str]) -> None:
        where = attributes.get("sqref", attributes.get("ref", ""))
        if tag == "conditionalFormatting":
            self._area = where
        elif tag == "cfRule":
            self._use("conditional_formatting", self._area, attributes.get("type", ""))
        elif tag == "dataValidation":
            self._use("data_validation", where, attributes.get("type", ""))
        elif tag in _WITH_AREA:
            if tag != "hyperlink" or "id" not in attributes:  # links to elsewhere are counted by their relations
                self._use(_WITH_AREA[tag], where)
        elif tag in _ONCE:
            self._use(_ONCE[tag])
        else:
            self._start_setting(tag, attributes)

    def _start_setting(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "col" and is_on(attributes, "hidden"):
            self._risk("hidden_cells", f"colonne {_columns(attributes)}")
        elif tag == "sheetProtection" and is_on(attributes, "sheet"):
            self._use("protection", "", "feuille")
        elif tag == "pane" and attributes.get("state", "").startswith("frozen"):
            self._use("frozen_panes", attributes.get("topLeftCell", ""))
        elif tag == "pageSetup" and attributes.get("orientation") == "landscape":
            self._use("landscape")

    def end(self, tag: str) -> None:
        if tag == "c":
            self._end_cell()
        elif tag in _WITHIN or tag == "rPh":
            self._within = "is" if tag in ("rPh", "t") and self._kind == "inlineStr" else ""

    def text(self, text: str) -> None:
        if self._within == "f":
            self._formula.append(text)
        elif self._within in ("v", "t"):
            self._value.append(text)

    def _end_cell(self) -> None:
        place = self._place(self._cell)
        if self._has_formula:
            self._end_formula(place)
        if not self._value:
            return
        value = "".join(self._value)
        if self._kind == "s":
            value = self._shared[int(value)] if value.isdigit() and int(value) < len(self._shared) else ""
        self._gathering.text(place, value)

    def _end_formula(self, place: str) -> None:
        if self._formula_kind == "dataTable":
            self._gathering.uses("what_if_table", place)
            return
        formula, number = "".join(self._formula), self._formula_number
        used = self._formulas.get(number) if not formula and number else None
        if used is None:
            used = UsedFormula(formula, other_sheets=_OTHER_SHEET.search(formula) is not None)
            if number and formula:
                self._formulas[number] = used
        used.note(self._gathering, place)
        if self._formula_kind == "array":
            self._gathering.uses("array_formula", place)
        if _OTHER_WORKBOOK.match(formula):
            self._gathering.risks("external_links", place)

    def _place(self, cell: str) -> str:
        return f"{self._name}!{cell}" if cell else self._name

    def _use(self, code: str, where: str = "", value: str = "") -> None:
        self._gathering.uses(code, self._place(where), value)

    def _risk(self, code: str, where: str) -> None:
        self._gathering.risks(code, self._place(where))


def _columns(attributes: dict[str, str]) -> str:
    """Returns « C » or « C:E » of a group of columns."""
    ends = [attributes.get(side, "") for side in ("min", "max")]
    names = [column_name(int(end)) for end in ends if end.isdigit() and len(end) < 6]
    return ":".join(dict.fromkeys(names))
