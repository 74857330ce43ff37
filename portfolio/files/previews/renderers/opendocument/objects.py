"""Says what an object inside an OpenDocument file shows: a chart with its data, or a formula."""

from __future__ import annotations

from portfolio.files.previews.renderers.drawn_texts import LARGEST_DRAWING, LONGEST_TEXT, MOST_TEXTS, french_number
from portfolio.files.previews.renderers.office_names import Attributes, PartReader
from portfolio.files.previews.renderers.package import Package
from portfolio.files.previews.renderers.workbooks.object_words import chart_words

_MOST_ROWS = 40
_FORMULA = "http://www.w3.org/1998/Math/MathML annotation"


def object_lines(package: Package, part: str) -> tuple[str, list[str]]:
    """Returns the sentence that names a chart or formula, and lines with what it displays; ("", []) for another object.
    Raises CannotShow if it is too large, KeyError if the part is missing.
    """
    reader = _ObjectReader()
    reader.read(package.pieces(part, LARGEST_DRAWING), lambda: False)
    if reader.kinds:
        axes = [f"Axes : {', '.join(reader.axes)}"] if reader.axes else []
        rows = [" ; ".join(filter(None, map(french_number, row))) for row in reader.rows[:_MOST_ROWS] if any(row)]
        return chart_words(reader.kinds, " ".join(reader.title), "", []), axes + rows
    formula = "".join(reader.formula).strip()
    return (f"Formule : {formula}", []) if formula else ("", [])


class _ObjectReader(PartReader):
    """Reads the titles and the table of a chart; the formula of another object."""

    unread = frozenset({"office:automatic-styles", "office:meta"})

    def __init__(self) -> None:
        super().__init__()
        self.kinds: list[str] = []
        self.title: list[str] = []
        self.axes: list[str] = []
        self.rows: list[list[str]] = []
        self.formula: list[str] = []
        self._in_axis = self._in_title = self._in_cell = self._in_formula = False
        self.starts = {
            "chart:chart": self._note_kind,
            "chart:axis": lambda _: setattr(self, "_in_axis", True),
            "chart:title": lambda _: setattr(self, "_in_title", True),
            "chart:subtitle": lambda _: setattr(self, "_in_title", True),
            "table:table-row": lambda _: self.rows.append([]),
            "table:table-cell": self._start_cell,
        }
        self.ends = {
            "chart:axis": lambda: setattr(self, "_in_axis", False),
            "chart:title": lambda: setattr(self, "_in_title", False),
            "chart:subtitle": lambda: setattr(self, "_in_title", False),
            "table:table-cell": lambda: setattr(self, "_in_cell", False),
        }

    def _start(self, full: str, attributes: Attributes) -> None:
        self._in_formula = full == _FORMULA
        super()._start(full, attributes)

    def _end(self, full: str) -> None:
        self._in_formula = False
        super()._end(full)

    def _note_kind(self, attributes: Attributes) -> None:
        self.kinds.append(attributes.get("class", ""))

    def _start_cell(self, _attributes: Attributes) -> None:
        self._in_cell = True
        if self.rows and len(self.rows) <= _MOST_ROWS:
            self.rows[-1].append("")

    def characters(self, text: str) -> None:
        if self._in_formula and len(self.formula) < MOST_TEXTS:
            self.formula.append(text[:LONGEST_TEXT])
        elif self._in_title and text.strip() and len(self.title) + len(self.axes) < MOST_TEXTS:
            (self.axes if self._in_axis else self.title).append(text.strip()[:LONGEST_TEXT])
        elif self._in_cell and self.rows and self.rows[-1] and len(self.rows) <= _MOST_ROWS:
            self.rows[-1][-1] += text.strip()[:LONGEST_TEXT]
