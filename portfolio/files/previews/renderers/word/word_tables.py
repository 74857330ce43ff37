"""Reads the tables of a .docx: rows, cells that span others, what was added or deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from portfolio.files.previews.renderers.documents.marks import TextMark
from portfolio.files.previews.renderers.documents.prose_writer import ProseWriter
from portfolio.files.previews.renderers.office_names import Attributes, is_on, number


@dataclass
class _Cell:
    """A cell whose properties are being read. begun: whether its content has begun. covered: by the cell above."""

    across: int = 1
    begins_span: bool = False
    continues_span: bool = False
    begun: bool = False
    covered: bool = False


class WordTables:
    """Handles the elements of tables for the reader of a part. skip: passes over the element that has begun."""

    def __init__(self, writer: ProseWriter, skip: Callable[[], None]) -> None:
        self._writer, self._skip = writer, skip
        self._cells: list[_Cell | None] = []  # None: outside any cell, in a table or a box inside one
        self.in_row_shape = False
        self.starts: dict[str, Callable[[Attributes], None]] = {
            "w:tbl": self._start_table,
            "w:tr": lambda _: writer.open_row(),
            "w:trPr": lambda _: setattr(self, "in_row_shape", True),
            "w:hidden": self._hide_row,
            "w:gridBefore": lambda a: writer.skip_columns(number(a.get("val"))),
            "w:tc": lambda _: self._cells.append(_Cell()),
            "w:gridSpan": self._note_across,
            "w:vMerge": self._note_span,
            "w:cellIns": lambda _: writer.label_row("cellule ajoutée"),
            "w:cellDel": lambda _: writer.label_row("cellule supprimée"),
        }
        self.ends: dict[str, Callable[[], None]] = {
            "w:tbl": self._end_table,
            "w:trPr": lambda: setattr(self, "in_row_shape", False),
            "w:tc": self._end_cell,
        }

    @property
    def is_open(self) -> bool:
        """Returns whether what is read now stands in a table."""
        return bool(self._cells)

    def begin_content(self) -> bool:
        """Opens the cell that a paragraph or table begins in. Returns False if it is covered: it is passed over."""
        cell = self._cells[-1] if self._cells else None
        if cell is None:
            return True
        self._begin(cell)
        if cell.covered:
            self._skip()
        return not cell.covered

    def note_change(self, mark: TextMark) -> bool:
        """Takes a tracked change that is one of the row. Returns False for one of words."""
        if self.in_row_shape:
            words = mark.label.replace("ajouté", "ajoutée").replace("supprimé", "supprimée")
            self._writer.label_row(f"ligne {words}")
        return self.in_row_shape

    def _begin(self, cell: _Cell) -> None:
        if cell.begun:
            return
        cell.begun = True
        cell.covered = cell.continues_span and self._writer.continue_span(cell.across)
        if not cell.covered:
            self._writer.open_cell(cell.across)
            if cell.begins_span:
                self._writer.begin_span()

    def _start_table(self, _attributes: Attributes) -> None:
        if self.begin_content():
            self._cells.append(None)
            self._writer.open_table()

    def _end_table(self) -> None:
        if self._cells:
            self._cells.pop()
        self._writer.close_table()

    def _end_cell(self) -> None:
        cell = self._cells.pop() if self._cells else None
        if cell is not None:
            self._begin(cell)
            if not cell.covered:
                self._writer.close_cell()

    def _hide_row(self, attributes: Attributes) -> None:
        if self.in_row_shape and is_on(attributes):
            self._writer.label_row("ligne masquée")

    def _note_across(self, attributes: Attributes) -> None:
        if self._cells and (cell := self._cells[-1]) is not None:
            cell.across = number(attributes.get("val"), 1)

    def _note_span(self, attributes: Attributes) -> None:
        if self._cells and (cell := self._cells[-1]) is not None:
            cell.begins_span = attributes.get("val") == "restart"
            cell.continues_span = not cell.begins_span
