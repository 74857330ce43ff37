"""Reads which cells of an .xls a condition may colour, which xlrd leaves out, by its records ([MS-XLS] 2.4)."""

from __future__ import annotations

import struct

from portfolio.files.previews.renderers.workbooks.excel97.records import records, worksheets
from portfolio.files.previews.renderers.workbooks.grid import Area

_CONDITIONS: dict[int, int] = {0x1B0: 12, 0x879: 24}  # {record: where it counts its areas}: of Excel 97, of 2007
_MOST = 1_000  # areas of a sheet


def coloured_areas(stream: bytes) -> list[list[Area]]:
    """Returns for each worksheet, in their order, the areas that have a condition, _MOST at most. stream: that of the
    workbook, of Excel 97 or later.
    """
    return [_of_sheet(stream, start) for start in worksheets(stream)]


def _of_sheet(stream: bytes, start: int) -> list[Area]:
    areas: list[Area] = []
    for kind, data in records(stream, start):
        at = _CONDITIONS.get(kind)
        if at is None or len(data) < at + 2:
            continue
        for place in range(at + 2, min(len(data) - 7, at + 2 + 8 * int.from_bytes(data[at : at + 2], "little")), 8):
            top, bottom, left, right = struct.unpack_from("<4H", data, place)
            areas.append((top + 1, left + 1, bottom + 1, right + 1))
        if len(areas) >= _MOST:
            break
    return areas[:_MOST]
