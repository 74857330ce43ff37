"""Reads a view of tables back, as a reader sees it."""

from __future__ import annotations

from portfolio.files.previews.preview_spec import CellView, SheetView


def text_of(cell: CellView) -> str:
    return cell if isinstance(cell, str) else str(cell["text"])


def texts_of(sheet: SheetView) -> list[list[str]]:
    """Returns the words of each row, without the number beside it."""
    return [[text_of(cell) for cell in row["cells"]] for row in sheet["rows"]]
