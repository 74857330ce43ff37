"""Reads a view of tables back, as a reader sees it."""

from __future__ import annotations

from portfolio.files.previews.preview_spec import CellView, SheetView


def text_of(cell: CellView) -> str:
    return cell if isinstance(cell, str) else str(cell["text"])


def texts_of(sheet: SheetView) -> list[list[str]]:
    """Returns the words of each row, without the number beside it."""
    return [[text_of(cell) for cell in row["cells"]] for row in sheet["rows"]]


def named(sheet: SheetView) -> dict[str, CellView]:
    """Returns {place: cell} of a sheet without merged cells."""
    names = [column["name"] for column in sheet["columns"]]
    return {
        f"{name}{row['name']}": cell
        for row in sheet["rows"]
        for name, cell in zip(names, row["cells"], strict=not row["empty"])
    }
