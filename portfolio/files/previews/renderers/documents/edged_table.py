"""Lays out tables whose cells say where they end, as in .rtf and .doc, not how many columns they span."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from portfolio.files.previews.preview_spec import TableCellView
from portfolio.files.previews.renderers.documents.prose_room import MOST_COLUMNS
from portfolio.files.previews.renderers.documents.prose_writer import ProseWriter

_NEAR = 20  # twentieths of a point: edges of two rows that are this near are one
_WIDE = 10_000  # twentieths of a point, for a cell that no row defines


@dataclass(slots=True)
class EdgedCell:
    """right: its edge, in twentieths of a point."""

    right: int = 0
    starts_down: bool = False
    continues_down: bool = False
    continues_across: bool = False


class EdgedTable:
    """A table that is written row by row, whose rows may say last what their cells are. Edges: in twentieths of a point
    from the left.
    """

    def __init__(self, writer: ProseWriter) -> None:
        self._writer = writer
        self._placed: list[tuple[TableCellView, int, int]] = []
        self._above: dict[int, TableCellView] = {}  # by its left edge, the last cell that may go on below
        self._row: list[TableCellView | None] | None = None
        self._in_cell = False
        writer.open_table()

    def place(self) -> None:
        """Opens the row and the cell that words stand in, where they are not open."""
        if self._row is None:
            self._row = []
            self._writer.open_row()
        if not self._in_cell:
            self._in_cell = True
            self._row.append(self._writer.open_cell())

    def end_cell(self) -> None:
        self.place()
        self._writer.close_cell()
        self._in_cell = False

    def end_row(self, left: int, cells: Sequence[EdgedCell]) -> None:
        """Ends the row that is open, if one is. left: the edge of its first cell. cells: what its cells are; one that
        goes on with another is not shown, nor what stands in it.
        """
        if self._in_cell:
            self.end_cell()
        row, self._row = self._row or [], None
        covered: list[TableCellView] = []
        for number, view in enumerate(row):
            cell = cells[number] if number < len(cells) else EdgedCell(left + _WIDE)
            right = cell.right
            for after in cells[number + 1 :]:
                if not after.continues_across:
                    break
                right = after.right
            if view is not None and (cell.continues_across or not self._stands(view, left, right, cell)):
                covered.append(view)
            left = cell.right
        self._writer.drop_cells(covered)

    def _stands(self, view: TableCellView, left: int, right: int, cell: EdgedCell) -> bool:
        """Returns whether this cell is one of its own, and not the lower part of the one above."""
        above = self._above.get(left)
        if cell.continues_down and above is not None:
            above["down"] += 1
            return False
        self._above.pop(left, None)
        self._placed.append((view, left, right))
        if cell.starts_down:
            self._above[left] = view
        return True

    def close(self) -> None:
        edges: list[int] = []
        for edge in sorted({right for _, _, right in self._placed}):
            if not edges or edge - edges[-1] > _NEAR:
                edges.append(edge)
        for cell, left, right in self._placed:
            across = bisect_right(edges, right) - bisect_right(edges, left + _NEAR // 2)
            cell["across"] = min(max(across, 1), MOST_COLUMNS)
        self._writer.close_table()
