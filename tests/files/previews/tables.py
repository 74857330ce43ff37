"""Reads a view of tables back, as a reader sees it."""

from __future__ import annotations

from portfolio.files.previews.preview_spec import LookView, SheetView


def texts_of(sheet: SheetView) -> list[list[str]]:
    """Returns the words of each row, without the number beside it."""
    return [row["texts"] for row in sheet["rows"]]


def cells_of(sheet: SheetView, line: int) -> list[tuple[str, LookView]]:
    """Returns (words, look) of each cell of a row. line: its place among the rows shown, from 0."""
    row = sheet["rows"][line]
    return [(text, sheet["looks"][place]) for text, place in zip(row["texts"], row["looks"], strict=True)]
