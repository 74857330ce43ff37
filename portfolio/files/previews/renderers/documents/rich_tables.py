"""Lays out the tables of an .rtf, whose rows say first what their cells are, then what is in them."""

from __future__ import annotations

from dataclasses import dataclass

from portfolio.files.previews.renderers.documents.edged_table import EdgedTable
from portfolio.files.previews.renderers.documents.prose_room import MOST_COLUMNS
from portfolio.files.previews.renderers.documents.prose_writer import ProseWriter

_WIDE = 10_000  # twentieths of a point, for a cell that no row defines


@dataclass
class _RichCell:
    """right: its edge, in twentieths of a point."""

    right: int = 0
    starts_down: bool = False
    continues_down: bool = False
    continues_across: bool = False


class RichTables:
    """The tables of a text, one after the other. next_cell: the one that is being defined."""

    def __init__(self, writer: ProseWriter) -> None:
        self.next_cell = _RichCell()
        self._writer = writer
        self._table: EdgedTable | None = None
        self._cells: list[_RichCell] = []
        self._column = -1  # of the cell that is open; -1: no row is
        self._covered = True  # whether that cell is one with another: nothing is open

    def start_row(self) -> None:
        self._cells, self.next_cell = [], _RichCell()

    def define_cell(self, right: int) -> None:
        self.next_cell.right = right
        if len(self._cells) < MOST_COLUMNS:
            self._cells.append(self.next_cell)
        self.next_cell = _RichCell()

    def place(self, *, in_table: bool) -> None:
        """Opens the table, the row and the cell that words stand in; closes the table before words outside it."""
        if not in_table:
            self.close()
            return
        if self._table is None:
            self._table = EdgedTable(self._writer)
        if self._column < 0:
            self._column = 0
            self._table.open_row()
            self._start_cell(self._table)

    def _start_cell(self, table: EdgedTable) -> None:
        cells, column = self._cells, self._column
        cell = cells[column] if column < len(cells) else _RichCell((column + 1) * _WIDE)
        left = cells[column - 1].right if 0 < column <= len(cells) else column * _WIDE
        last = column
        while last + 1 < len(cells) and cells[last + 1].continues_across:
            last += 1
        right = cells[last].right if last < len(cells) else cell.right
        self._covered = cell.continues_across or not table.open_cell(
            left, right, starts_down=cell.starts_down, continues_down=cell.continues_down
        )

    def end_cell(self) -> None:
        if self._table is None:
            return
        if not self._covered:
            self._table.close_cell()
        self._column += 1
        self._covered = True
        if self._column < max(len(self._cells), 1):
            self._start_cell(self._table)

    def end_row(self) -> None:
        if self._table is not None and self._column >= 0 and not self._covered:
            self._table.close_cell()
        self._column, self._covered = -1, True

    def close(self) -> None:
        if self._table is not None:
            self._table.close()
        self._table, self._column, self._covered = None, -1, True
