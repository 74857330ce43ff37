"""Lays out the tables of an .rtf, which may stand in cells of each other. A row says first what its cells are, then
what is in them; a row of a table inside another says it last.
"""

from __future__ import annotations

from portfolio.files.previews.renderers.documents.edged_table import EdgedCell, EdgedTable
from portfolio.files.previews.renderers.documents.prose_room import DEEPEST, MOST_COLUMNS
from portfolio.files.previews.renderers.documents.prose_writer import ProseWriter


class RichTables:
    """The tables of a text, one after the other. next_cell: the one that is being defined."""

    def __init__(self, writer: ProseWriter) -> None:
        self.next_cell = EdgedCell()
        self._writer = writer
        self._open: list[EdgedTable] = []  # from the outside in
        self._outermost: list[EdgedCell] = []  # the row of the outermost table
        self._inner: list[list[EdgedCell]] = []  # rows of tables inside others, from the outside in, that did not end
        self._defines_inner = False

    def start_row(self) -> None:
        self.next_cell = EdgedCell()
        if self._defines_inner:
            self._inner = [*self._inner, []][-DEEPEST:]
        else:
            self._outermost = []

    def define_cell(self, right: int) -> None:
        self.next_cell.right = right
        defined = self._outermost
        if self._defines_inner:
            defined = self._inner[-1] if self._inner else []
        if len(defined) < MOST_COLUMNS:
            defined.append(self.next_cell)
        self.next_cell = EdgedCell()

    def define_inner_rows(self) -> None:
        """Takes the rows that are defined until `end_inner_row` for those of tables inside others."""
        self._defines_inner = True

    def place(self, depth: int) -> None:
        """Opens the tables, the rows and the cells that words stand in, and closes those that they do not stand in.
        depth: how many tables they stand in; 0 for words outside all.
        """
        depth = min(depth, DEEPEST)
        while len(self._open) > depth:
            self._close_innermost()
        while len(self._open) < depth:
            if self._open:
                self._open[-1].place()
            self._open.append(EdgedTable(self._writer))
        if self._open:
            self._open[-1].place()

    def end_cell(self) -> None:
        if self._open:
            self._open[-1].end_cell()

    def end_row(self) -> None:
        while len(self._open) > 1:
            self._close_innermost()
        if self._open:
            self._open[-1].end_row(0, self._outermost)

    def end_inner_row(self) -> None:
        cells = self._inner.pop() if self._inner else []
        if len(self._open) > 1:
            self._open[-1].end_row(0, cells)
        self._defines_inner = False

    def close(self) -> None:
        while self._open:
            self._close_innermost()

    def _close_innermost(self) -> None:
        table = self._open.pop()
        table.end_row(0, [] if self._open else self._outermost)
        table.close()
