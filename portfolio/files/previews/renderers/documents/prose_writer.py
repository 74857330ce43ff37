"""Collects the blocks of a document while it is read, within bounds that hold whatever the file says."""

from __future__ import annotations

from portfolio.files.previews.preview_spec import (
    BlockView,
    ItemView,
    MarkedRun,
    SectionView,
    TableCellView,
)
from portfolio.files.previews.renderers.documents.marks import LINK, PICTURE, TextMark, merged
from portfolio.files.previews.renderers.documents.prose_blocks import plain_lines
from portfolio.files.previews.renderers.documents.prose_room import (
    DEEPEST,
    MOST_COLUMNS,
    OpenContainer,
    OpenParagraph,
    OpenTable,
    ProseRoom,
)


class ProseWriter:
    """Collects sections. A call that comes out of place (a cell without a table) is taken as if it were not there."""

    def __init__(self, room: ProseRoom | None = None) -> None:
        self.room = room or ProseRoom()
        self.sections: list[SectionView] = []
        self._stack = [OpenContainer()]
        self._tables: list[OpenTable] = []
        self._open: list[tuple[str, bool]] = []  # box, table or cell, from the outside in; whether it is shown as one

    @property
    def full(self) -> bool:
        return self.room.full

    # --- text -------------------------------------------------------------------------------------

    def text(self, text: str, marks: list[TextMark] | None = None) -> None:
        """Adds words to the paragraph that is open, as far as there is room. marks: what is particular about them."""
        text = text[: max(0, self.room.signs)]
        if not text:
            return
        self.room.signs -= len(text)
        paragraph = self._stack[-1].paragraph
        mark = merged(marks) if marks else None
        if mark != paragraph.mark:
            self._close_run(paragraph)
            paragraph.mark = mark
        elif mark is not None and mark.kind == PICTURE and paragraph.texts:
            paragraph.texts.append(" ")  # another picture
        paragraph.texts.append(text)

    def _close_run(self, paragraph: OpenParagraph) -> None:
        if not paragraph.texts:
            return
        text, mark = "".join(paragraph.texts), paragraph.mark
        paragraph.texts = []
        self.room.runs -= 1
        if self.room.runs < 0:
            return
        if mark is None:
            paragraph.runs.append(text)
        else:
            label = "" if mark.kind == LINK and mark.label == text.strip() else mark.label
            self.room.signs -= len(label)
            paragraph.runs.append({"text": text, "kind": mark.kind, "label": label})

    def end_paragraph(self) -> None:
        self._add("paragraph", {})

    def end_heading(self, level: int, marker: str = "") -> None:
        """Ends the paragraph as a heading. level: from 1, held to 9. marker: its number, perhaps empty."""
        paragraph = self._stack[-1].paragraph
        if marker and (paragraph.runs or paragraph.texts):
            paragraph.runs.insert(0, f"{marker[:40]} ")
        self._add("heading", {"level": min(max(level, 1), 9)})

    def end_item(self, level: int, marker: str) -> None:
        """Ends the paragraph as an item of the list that is open, or of a new one. level: from 1, held to 9. marker:
        what stands before it, perhaps empty.
        """
        container = self._stack[-1]
        runs = self._taken_runs(container)
        if runs is not None:
            item: ItemView = {"level": min(max(level, 1), 9), "marker": marker[:40], "runs": runs}
            if container.blocks and container.blocks[-1]["kind"] == "list":
                container.blocks[-1]["items"].append(item)
            else:
                container.blocks.append({"kind": "list", "items": [item]})
        self._release(container)

    def _add(self, kind: str, more: BlockView) -> None:
        container = self._stack[-1]
        runs = self._taken_runs(container)
        if runs is not None:
            container.blocks.append({"kind": kind, "runs": runs, **more})
        self._release(container)

    def _taken_runs(self, container: OpenContainer) -> list[str | MarkedRun] | None:
        """Returns the runs of the paragraph that ends; None for an empty one, or where there is no room."""
        paragraph = container.paragraph
        self._close_run(paragraph)
        container.paragraph = OpenParagraph()
        if paragraph.runs and isinstance(first := paragraph.runs[0], str):
            paragraph.runs[0] = first.lstrip(" \t")
        if not any(not isinstance(run, str) or run.strip() for run in paragraph.runs):
            return None
        self.room.blocks -= 1
        return paragraph.runs if self.room.blocks >= 0 else None

    def _release(self, container: OpenContainer) -> None:
        container.blocks += container.waiting
        container.waiting = []

    # --- boxes and sections -----------------------------------------------------------------------

    def open_box(self, title: str) -> None:
        """Begins a text box, a note or a comment. What is in it stands behind the paragraph that it was met in."""
        self.room.blocks -= 1
        if self._opened("box", self._shallow()):
            self._stack.append(OpenContainer())
            self._stack[-2].waiting.append({"kind": "box", "title": title[:300], "blocks": self._stack[-1].blocks})

    def close_box(self) -> None:
        if self._closed("box"):
            self.end_paragraph()
            box = self._stack.pop()
            container = self._stack[-1]
            if not box.blocks:
                container.waiting = [block for block in container.waiting if block.get("blocks") is not box.blocks]
            paragraph = container.paragraph
            if not (paragraph.texts or paragraph.runs):
                self._release(container)

    def add_box(self, title: str, blocks: list[BlockView]) -> None:
        """Adds a box whose blocks another writer made. They count against the room of this one; without room, nothing
        is added.
        """
        signs = sum(map(len, plain_lines(blocks)))
        self.room.signs -= signs
        self.room.blocks -= 1
        if self.room.signs > 0:
            self._stack[-1].waiting.append({"kind": "box", "title": title[:300], "blocks": blocks})
            if not (self._stack[-1].paragraph.texts or self._stack[-1].paragraph.runs):
                self._release(self._stack[-1])

    def end_section(self, title: str = "", *, hidden: bool = False, even_if_empty: bool = False) -> None:
        """Ends a part of the document, or a slide; adds nothing for an empty one, unless `even_if_empty`. title: cut at
        300 characters. hidden: whether the document hides it.
        """
        while self._open:
            self._close_innermost()
        self.end_paragraph()
        blocks, self._stack = self._stack[0].blocks, [OpenContainer()]
        if blocks or even_if_empty:
            self.sections.append({"title": title[:300], "hidden": hidden, "blocks": blocks})

    # --- tables -----------------------------------------------------------------------------------

    def open_table(self) -> None:
        if self._opened("table", self._shallow()):
            container = self._stack[-1]
            self._close_run(container.paragraph)
            self._tables.append(OpenTable())

    def open_row(self, label: str = "") -> None:
        """Begins a row. label: French words on all of it, such as « ligne masquée »."""
        if self._in("table"):
            self.room.blocks -= 1
            self._tables[-1].rows.append({"label": label, "cells": []})
            self._tables[-1].column = 0

    def label_row(self, label: str) -> None:
        if self._in("table") and self._tables[-1].rows:
            row = self._tables[-1].rows[-1]
            row["label"] = f"{row['label']}, {label}" if row["label"] else label

    def skip_columns(self, count: int) -> None:
        """Adds `count` empty cells to the row, MOST_COLUMNS at most and as long as there is room."""
        for _ in range(min(count, MOST_COLUMNS)):
            if self.full:
                return
            self.open_cell()
            self.close_cell()

    def open_cell(self, across: int = 1, down: int = 1) -> TableCellView | None:
        """Begins a cell, `across` columns wide and `down` rows high. Returns it; None outside a row, or where it is not
        displayed as a cell.
        """
        if not self._opened("cell", self._in("table") and bool(self._tables[-1].rows)):
            return None
        across = min(max(across, 1), MOST_COLUMNS)
        cell: TableCellView = {"across": across, "down": min(max(down, 1), 1000), "blocks": []}
        table = self._tables[-1]
        table.covers.pop(table.column, None)
        table.column += across
        self.room.cells -= 1
        if table.column <= MOST_COLUMNS and self.room.cells >= 0:
            table.rows[-1]["cells"].append(cell)
        self._stack.append(OpenContainer(cell["blocks"]))
        return cell

    def begin_span(self) -> None:
        """Notes that the cell just opened may go on in the rows below."""
        if self._in("cell") and self._tables[-1].rows[-1]["cells"]:
            cell, table = self._tables[-1].rows[-1]["cells"][-1], self._tables[-1]
            table.covers[table.column - cell["across"]] = cell

    def continue_span(self, across: int = 1) -> bool:
        """Lengthens the cell above by one row instead of opening one, and moves `across` columns on. Returns False, and
        does nothing, if there is none at this column.
        """
        if not self._in("table") or not self._tables[-1].rows:
            return False
        table = self._tables[-1]
        above = table.covers.get(table.column)
        if above is None:
            return False
        above["down"] += 1
        table.column += min(max(across, 1), MOST_COLUMNS)
        return True

    def close_cell(self) -> None:
        if self._closed("cell"):
            self.end_paragraph()
            self._stack.pop()

    def drop_cells(self, cells: list[TableCellView]) -> None:
        """Takes these cells out of the row, those that it has."""
        if cells and self._in("table") and self._tables[-1].rows:
            row = self._tables[-1].rows[-1]
            row["cells"] = [cell for cell in row["cells"] if not any(cell is other for other in cells)]

    def close_table(self) -> None:
        if self._closed("table"):
            rows = self._tables.pop().rows
            container = self._stack[-1]
            if any(cell["blocks"] for row in rows for cell in row["cells"]):
                waits = container.paragraph.texts or container.paragraph.runs
                (container.waiting if waits else container.blocks).append({"kind": "table", "rows": rows})

    # --- what is inside what ----------------------------------------------------------------------

    def _shallow(self) -> bool:
        return len(self._stack) + len(self._tables) <= 2 * DEEPEST

    def _in(self, what: str) -> bool:
        return bool(self._open) and self._open[-1] == (what, True)

    def _opened(self, what: str, is_shown: bool) -> bool:
        self._open.append((what, is_shown))
        return is_shown

    def _closed(self, what: str) -> bool:
        """Closes what was left open inside. Returns False if there is nothing to close, or it is not shown."""
        if not any(kind == what for kind, _ in self._open):
            return False
        while self._open[-1][0] != what:
            self._close_innermost()
        _, is_shown = self._open.pop()
        if not is_shown:
            self.end_paragraph()
        return is_shown

    def _close_innermost(self) -> None:
        {"box": self.close_box, "cell": self.close_cell, "table": self.close_table}[self._open[-1][0]]()


def write_lines(writer: ProseWriter, title: str, lines: list[str]) -> None:
    """Writes a box with a title and a paragraph for each line; without lines, a box without a title whose paragraph is
    `title`.
    """
    writer.open_box(title if lines else "")
    for line in lines or [title]:
        writer.text(line)
        writer.end_paragraph()
    writer.close_box()
