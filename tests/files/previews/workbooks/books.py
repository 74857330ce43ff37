"""Workbooks that tests made, as they are shown."""

from __future__ import annotations

import io

import openpyxl

from portfolio.files.previews.preview_spec import Preview, SheetView
from tests.files.previews.drawn import outline


def view_of(book: openpyxl.Workbook) -> Preview:
    buffer = io.BytesIO()
    book.save(buffer)
    return outline(buffer.getvalue(), "xlsx")


def first_sheet(book: openpyxl.Workbook) -> SheetView:
    return view_of(book).sheets[0]
