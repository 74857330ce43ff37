"""Lays out tables whose cells say where they end, as in .rtf and .doc, not how many columns they span."""

from __future__ import annotations

from bisect import bisect_right

from portfolio.files.previews.preview_spec import TableCellView
from portfolio.files.previews.renderers.documents.prose_room import MOST_COLUMNS
from portfolio.files.previews.renderers.documents.prose_writer import ProseWriter

_NEAR = 20  # twentieths of a point: edges of two rows that are this near are one


class EdgedTable:
    """A table that is written row by row. Edges: in twentieths of a point from the left."""

    def __init__(self, writer: ProseWriter) -> None:
        self._writer = writer
        self._placed: list[tuple[TableCellView, int, int]] = []
        self._above: dict[int, TableCellView] = {}  # by its left edge, the last cell that may go on below
        writer.open_table()

    def open_row(self, label: str = "") -> None:
        self._writer.open_row(label)

    def open_cell(self, left: int, right: int, *, starts_down: bool = False, continues_down: bool = False) -> bool:
        """Opens a cell between two edges, in twentieths of a point from the left. starts_down, continues_down: whether
        it begins, or goes on with, a cell over several rows. Returns False for one that goes on: nothing is opened, and
        what stands in it is to be left out.
        """
        above = self._above.get(left)
        if continues_down and above is not None:
            above["down"] += 1
            return False
        self._above.pop(left, None)
        cell = self._writer.open_cell()
        if cell is not None:
            self._placed.append((cell, left, right))
            if starts_down:
                self._above[left] = cell
        return True

    def close_cell(self) -> None:
        self._writer.close_cell()

    def close(self) -> None:
        edges: list[int] = []
        for edge in sorted({right for _, _, right in self._placed}):
            if not edges or edge - edges[-1] > _NEAR:
                edges.append(edge)
        for cell, left, right in self._placed:
            across = bisect_right(edges, right) - bisect_right(edges, left + _NEAR // 2)
            cell["across"] = min(max(across, 1), MOST_COLUMNS)
        self._writer.close_table()
