"""Reads an .xls of Excel 97-2003. Formulas, charts and pictures are stored as codes that no reader here writes out:
values, comments and words of shapes alone.
"""

from __future__ import annotations

import io
import re
from ast import literal_eval
from dataclasses import replace
from typing import BinaryIO

import xlrd

from portfolio.files.previews.renderers.words.on_paper import is_tiny, is_white
from portfolio.files.previews.renderers.words.struck_words import struck, tiny, white, whole_or_parts
from portfolio.files.previews.renderers.words.symbol_fonts import in_signs
from portfolio.files.previews.renderers.workbooks import grid
from portfolio.files.previews.renderers.workbooks.excel97 import conditions, text_boxes
from portfolio.files.previews.renderers.workbooks.grid import Cell, CellComment, Room, WorkbookSheet
from portfolio.files.previews.renderers.workbooks.number_formats import BUILT_IN, GENERAL, display_number, display_text

_OTHER_SHEET = re.compile(r"Ignoring non-worksheet data named ('.*?'|\".*?\") \(type 0x02")  # as xlrd notes it: a chart
CHART_SHEET = "Feuille de graphique : ce format ne le laisse pas lire. Téléchargez le fichier pour le voir."
NO_VALUE = "Aucune valeur ici. Un graphique ou une image peut s'y trouver, que ce format ne laisse pas lire."
_EXCEL_97 = 80  # xlrd's name of BIFF8
_SYSTEM_GROUND = 65  # number of the colour of windows
_OF_ITS_LANGUAGE = {*range(9, 12), *range(14, 23), *range(45, 50)}  # built-in formats that the file does not write out


def read(source: BinaryIO) -> list[WorkbookSheet]:
    source.seek(0)
    log = io.StringIO()  # standard output is the answer
    book = xlrd.open_workbook(
        file_contents=source.read(), formatting_info=True, ragged_rows=True, on_demand=True, logfile=log, verbosity=1
    )
    room = Room()
    charts = [WorkbookSheet(literal_eval(name), objects=[CHART_SHEET]) for name in _OTHER_SHEET.findall(log.getvalue())]
    sheets = [_sheet(book, number, room) for number in range(min(book.nsheets, grid.MOST_SHEETS + 1))]
    stream = bytes(book.mem[book.base : book.base + book.stream_len])
    is_older = book.biff_version < _EXCEL_97
    boxes = dict(enumerate(text_boxes.unread(stream) if is_older else text_boxes.sentences_of(stream)))
    for number, sheet in enumerate(sheets):
        sheet.objects += boxes.get(number) or [NO_VALUE] * (not sheet.cells)
    if not is_older and any(sheet.has_white() for sheet in sheets):
        for sheet, areas in zip(sheets, conditions.coloured_areas(stream), strict=False):
            sheet.coloured = areas
            sheet.show_coloured()
    return sheets + charts


def _sheet(book: xlrd.Book, number: int, room: Room) -> WorkbookSheet:
    read_sheet = book.sheet_by_index(number)
    sheet = WorkbookSheet(read_sheet.name, hidden=read_sheet.visibility != 0)
    for row in range(read_sheet.nrows):
        for column, cell in enumerate(read_sheet.row(row), 1):
            runs = read_sheet.rich_text_runlist_map.get((row, column - 1), [])
            display = _drawn(_displayed(cell, book), cell, runs, book)
            if display is not None and room.takes(sheet, row + 1):
                sheet.put(row + 1, column, display)
            elif display is not None:
                sheet.last_row = row + 1
        if sheet.cut and not room.cells:
            sheet.last_row = max(sheet.last_row, read_sheet.nrows)
            break
    sheet.merged = [(top + 1, left + 1, bottom, right) for top, bottom, left, right in read_sheet.merged_cells]
    sheet.hidden_rows = {row + 1 for row, height in read_sheet.rowinfo_map.items() if height.hidden}
    sheet.hidden_columns = [
        (column + 1, column + 1) for column, width in read_sheet.colinfo_map.items() if width.hidden
    ]
    sheet.comments = [
        CellComment(row + 1, column + 1, (note.author or "").strip(), note.text.strip())
        for (row, column), note in read_sheet.cell_note_map.items()
        if note.text.strip()
    ]
    book.unload_sheet(number)
    return sheet


def _displayed(cell: xlrd.sheet.Cell, book: xlrd.Book) -> Cell | None:
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return None
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return grid.error(xlrd.error_text_from_code.get(cell.value, "#N/A"))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return grid.truth(bool(cell.value))
    code = _code(book, cell.xf_index)
    if cell.ctype == xlrd.XL_CELL_TEXT:
        display = display_text(str(cell.value), code)
        return Cell(display.text, colour=display.colour) if cell.value else None
    display = display_number(float(cell.value), code, from_1904=book.datemode == 1)
    return Cell(display.text, grid.NUMBER, display.colour)


def _drawn(display: Cell | None, cell: xlrd.sheet.Cell, runs: list[tuple[int, int]], book: xlrd.Book) -> Cell | None:
    """Returns the cell with what its fonts do to its words. runs: (first sign, number of the font) of rich text."""
    if display is None or cell.xf_index is None or cell.xf_index >= len(book.xf_list):
        return display
    runs = [(0, book.xf_list[cell.xf_index].font_index), *(runs if display.text == cell.value else [])]
    ends = [start for start, _ in runs[1:]] + [len(display.text)]
    words = [
        _in_font(display.text[start:end], _font(book, number), book)
        for (start, number), end in zip(runs, ends, strict=True)
    ]
    ground = book.xf_list[cell.xf_index].background
    on_paper = not ground.fill_pattern or ground.fill_pattern == 1 and _is_white(book, ground.pattern_colour_index)
    text, whole, unseen = whole_or_parts("".join(words), on_paper=on_paper and not display.colour)
    return replace(display, text=text, struck=whole, unseen=unseen)


def _in_font(text: str, font: xlrd.formatting.Font, book: xlrd.Book) -> str:
    drawn = in_signs(font.name, text)
    if _is_white(book, font.colour_index):
        return white(drawn)
    if is_tiny(font.height / 20):  # twentieths of a point
        return tiny(drawn)
    return struck(drawn) if font.struck_out else drawn


def _is_white(book: xlrd.Book, colour: int) -> bool:
    return colour == _SYSTEM_GROUND or is_white("".join(f"{part:02x}" for part in book.colour_map.get(colour) or ()))


def _font(book: xlrd.Book, number: int) -> xlrd.formatting.Font:
    return book.font_list[number] if number < len(book.font_list) else xlrd.formatting.Font()


def _code(book: xlrd.Book, style: int | None) -> str:
    if style is None or style >= len(book.xf_list):
        return GENERAL
    key = book.xf_list[style].format_key
    if key in _OF_ITS_LANGUAGE:
        return BUILT_IN[key]
    return book.format_map[key].format_str if key in book.format_map else GENERAL
