"""Reads an .xlsx by its XML, piece by piece: no part is held whole, and no formula is computed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import BinaryIO
from xml.parsers import expat
from zipfile import ZipFile

from portfolio.files.previews.renderers.package import Package
from portfolio.files.previews.renderers.words.struck_words import tiny, white, whole_or_parts
from portfolio.files.previews.renderers.words.symbol_fonts import in_signs
from portfolio.files.previews.renderers.words.theme_colours import white_names
from portfolio.files.previews.renderers.workbooks import grid
from portfolio.files.previews.renderers.workbooks.calendar_formats import days_of
from portfolio.files.previews.renderers.workbooks.cell_comments import comments_of, people_of
from portfolio.files.previews.renderers.workbooks.grid import Cell, Room, WorkbookSheet
from portfolio.files.previews.renderers.workbooks.number_formats import display_number, display_text
from portfolio.files.previews.renderers.workbooks.ooxml_formulas import Formulas
from portfolio.files.previews.renderers.workbooks.ooxml_objects import objects_of
from portfolio.files.previews.renderers.workbooks.ooxml_styles import CellStyle, styles_of, whole_number
from portfolio.files.previews.renderers.workbooks.ooxml_words import RichRun, SharedWords, shared_words, unescaped
from portfolio.files.previews.sandbox import CannotShow
from portfolio.files.recognition.bounded_reader import Window

_LONGEST_VALUE = 2 * grid.MOST_SIGNS
_END_OF_CELLS = re.compile(rb"</(?:\w+:)?sheetData\s*>")
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=\"(\d{1,7})\"")
_MOST_COLOURED, _MOST_TABLES, _LARGEST_TABLE = 200, 50, 4 << 20
_WHOLE_SHEET = "A1:XFD1048576"
_OVERLAP = 512  # bytes kept between two pieces: a tag may begin in one and end in the other


@dataclass
class _Book:
    """What the sheets share. styles: by their numbers. white_of_theme: names of its white colours."""

    package: Package
    sheets: list[tuple[str, bool, str]] = field(default_factory=list)  # name, whether hidden, id of the relation
    styles: list[CellStyle] = field(default_factory=list)
    from_1904: bool = False
    white_of_theme: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Stored:
    """A cell as stored. kind: the attribute t. style: its number. row, column: from 1. spills: its formula fills the
    cells that it needs, as those of Excel since 2020. is_rich: its words have fonts of their own.
    """

    row: int
    column: int
    kind: str
    style: int
    spills: bool
    has_formula: bool = False
    is_rich: bool = False
    value: str = ""


def read(source: BinaryIO) -> list[WorkbookSheet]:
    with ZipFile(Window(source)) as archive:
        package = Package(archive)
        main = package.first("", "officeDocument")
        if main is None or not package.has(main):
            raise CannotShow("damaged")
        book = _book(package, main)
        relations, people = package.relations(main), people_of(package, main)
        room, read_sheets, waiting = Room(), {}, []
        for name, hidden, relation in sorted(book.sheets[: grid.MOST_SHEETS + 1], key=lambda sheet: sheet[1]):
            sheet = read_sheets[relation] = WorkbookSheet(name, hidden)
            part = relations[relation].target if relation in relations else ""
            if package.has(part) and relations[relation].kind == "worksheet":
                waiting.append((sheet, _SheetReader(sheet, room, book.white_of_theme).read(package.pieces(part))))
            sheet.objects += objects_of(package, part)
            sheet.coloured += _tables(package, part)
            sheet.comments += comments_of(package, part, people)
        _fill(book, waiting, package.first(main, "sharedStrings"))
        return [read_sheets[relation] for _, _, relation in book.sheets if relation in read_sheets]


def _book(package: Package, main: str) -> _Book:
    book = _Book(package)

    def note(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            hidden = attributes.get("state", "visible") != "visible"
            book.sheets.append((attributes.get("name", ""), hidden, attributes.get("id", "")))
        elif tag == "workbookPr":
            book.from_1904 = attributes.get("date1904") in ("1", "true")

    package.each_tag(main, note)
    book.white_of_theme = white_names(package, package.first(main, "theme"))
    book.styles = styles_of(package, package.first(main, "styles"), book.white_of_theme)
    return book


def _tables(package: Package, part: str) -> list[grid.Area]:
    """Returns where tables stand on a sheet, whose styles colour their cells. Raises as `Package.relations`."""
    areas: list[grid.Area] = []

    def note(tag: str, attributes: dict[str, str]) -> None:
        if tag == "table" and (area := grid.area(attributes.get("ref", ""))):
            areas.append(area)

    for relation in [each for each in package.relations(part).values() if each.kind == "table"][:_MOST_TABLES]:
        package.each_tag(relation.target, note, limit=_LARGEST_TABLE)
    return areas


class _SheetReader:
    """Collects the stored cells of a sheet, up to the room that is left, and what the sheet says around them."""

    def __init__(self, sheet: WorkbookSheet, room: Room, white_of_theme: frozenset[str]) -> None:
        self._sheet, self._room, self._white_of_theme = sheet, room, white_of_theme
        self._stored: list[_Stored] = []
        self._formulas = Formulas(sheet)
        self._names: dict[str, str] = {}
        self._root = ""
        self._row = self._column = 0
        self._cell: _Stored | None = None
        self._within = ""
        self._run = RichRun(white_of_theme)
        self._texts: list[str] = []
        self._signs = 0

    def read(self, pieces: Iterable[bytes]) -> list[_Stored]:
        parser = self._parser()
        pieces = iter(pieces)
        for piece in pieces:
            parser.Parse(piece, False)
            if self._sheet.cut:
                self._skip(piece, pieces)
                return self._stored
        parser.Parse(b"", True)
        return self._stored

    def _parser(self) -> expat.XMLParserType:
        parser = Package.parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        return parser

    def _skip(self, piece: bytes, pieces: Iterable[bytes]) -> None:
        """Passes over the cells that are not displayed: notes the number of the last row, then parses what stands
        behind all cells; nothing of it where a prefix is declared in what was passed over. piece: the one in hand.
        pieces: those that follow it.
        """
        for row in _ROW.finditer(piece):
            self._sheet.last_row = max(self._sheet.last_row, int(row[1]))
        kept = piece
        for piece in pieces:
            if _END_OF_CELLS.search(kept):
                break
            kept = kept[-_OVERLAP:] + piece
            for row in _ROW.finditer(kept):
                self._sheet.last_row = max(self._sheet.last_row, int(row[1]))
        else:
            piece = b""
        end = _END_OF_CELLS.search(kept)
        if end is None:
            return
        parser = self._parser()
        try:
            parser.Parse(f"<{self._root}>".encode() + kept[end.end() :] + piece, False)
            for piece in pieces:
                parser.Parse(piece, False)
        except expat.ExpatError:  # a prefix or an encoding that only the beginning declares
            return

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = self._names.get(name)
        if tag is None:
            self._root = self._root or name
            tag = self._names[name] = name.rpartition(":")[2]
        if tag == "c":
            self._start_cell(attributes)
        elif tag in ("v", "f", "t") and self._within != "rPh":
            self._within, self._texts, self._signs = tag, self._texts if tag == "t" else [], 0
            if tag == "f" and self._cell:
                self._cell.has_formula = True
                self._formulas.start(self._cell.row, self._cell.column, attributes, self._cell.spills)
        elif tag == "row":
            self._row = whole_number(attributes.get("r")) or self._row + 1
            self._column = 0
            if attributes.get("hidden") in ("1", "true"):
                self._sheet.hidden_rows.add(self._row)
        elif tag == "is":
            self._texts, self._run = [], RichRun(self._white_of_theme)
        elif tag in RichRun.TAGS:
            self._run.note(tag, attributes)
        elif tag == "rPh":  # how a word of Chinese signs is read
            self._within = "rPh"
        else:
            self._note_beside(tag, attributes)

    def _note_beside(self, tag: str, attributes: dict[str, str]) -> None:
        """Notes what the sheet says around its cells."""
        if tag == "col" and attributes.get("hidden") in ("1", "true"):
            self._sheet.hidden_columns.append(
                (whole_number(attributes.get("min")), whole_number(attributes.get("max")))
            )
        elif tag == "mergeCell" and (merged := grid.area(attributes.get("ref", ""))):
            self._sheet.merged.append(merged)
        elif tag in ("conditionalFormatting", "picture"):
            self._note_coloured(attributes.get("sqref", _WHOLE_SHEET))

    def _note_coloured(self, places: str) -> None:
        """Notes what a condition, or a picture under the cells, may colour. places: « A1:B2 D4 »."""
        areas = (grid.area(name) for name in places.split()[:_MOST_COLOURED])
        room = max(_MOST_COLOURED - len(self._sheet.coloured), 0)
        self._sheet.coloured += [area for area in areas if area][:room]

    def _start_cell(self, attributes: dict[str, str]) -> None:
        where = grid.place(attributes.get("r", ""))
        self._row, self._column = where or (self._row, self._column + 1)
        kind, style, spills = attributes.get("t", "n"), whole_number(attributes.get("s")), "cm" in attributes
        self._cell = _Stored(self._row, self._column, kind, style, spills)
        self._texts = []

    def _end(self, name: str) -> None:
        tag = self._names.get(name, name)
        if tag in ("v", "t") and self._within == tag and self._cell:
            self._cell.value = "".join(self._texts)
            self._cell.is_rich = tag == "t" and self._run.is_rich
        elif tag == "f" and self._cell:
            self._formulas.end("".join(self._texts))
        elif tag == "c" and self._cell:
            self._keep(self._cell)
            self._cell = None
        if tag in (self._within, "rPh"):
            self._within = ""

    def _keep(self, cell: _Stored) -> None:
        if not cell.value and not cell.has_formula:
            return
        self._sheet.last_row = max(self._sheet.last_row, cell.row)
        if self._room.takes(self._sheet, cell.row):
            self._sheet.put(cell.row, cell.column, Cell(""))  # filled in once the shared words are read
            self._stored.append(cell)

    def _characters(self, text: str) -> None:
        if self._within in ("v", "f", "t") and self._signs < _LONGEST_VALUE:
            text = text[:_LONGEST_VALUE]
            self._texts.append(self._run.words(text) if self._within == "t" else text)
            self._signs += len(text)


def _fill(book: _Book, waiting: list[tuple[WorkbookSheet, list[_Stored]]], shared: str | None) -> None:
    """Puts in each sheet the displayed form of its waiting cells. shared: name of the part of shared words; without it
    (None), cells that refer to it are empty.
    """
    wanted = {whole_number(cell.value) for _, cells in waiting for cell in cells if cell.kind == "s"}
    shared_texts = shared_words(book.package, shared, wanted, book.white_of_theme) if wanted else SharedWords({}, set())
    for sheet, cells in waiting:
        for cell in cells:
            style = book.styles[cell.style] if cell.style < len(book.styles) else CellStyle()
            displayed = _displayed(cell, style.code, shared_texts.words, from_1904=book.from_1904)
            is_rich = cell.is_rich or cell.kind == "s" and whole_number(cell.value) in shared_texts.rich
            may_be_white = style.white or is_rich or bool(displayed.colour)
            on_paper = may_be_white and not (style.shaded or sheet.is_coloured(cell.row, cell.column))
            sheet.put(cell.row, cell.column, _drawn(displayed, style, is_rich=is_rich, on_paper=on_paper))


def _drawn(cell: Cell, style: CellStyle, *, is_rich: bool, on_paper: bool) -> Cell:
    """Returns the cell with what its font does to its words. is_rich: they have fonts of their own."""
    text = in_signs(style.font, cell.text)
    is_white = cell.colour.lower() == "white" if cell.colour else style.white
    if not is_rich and cell.kind != grid.MISSING and (is_white or style.tiny):
        text = white(text) if is_white and on_paper else tiny(text) if style.tiny else text
    text, whole, unseen = whole_or_parts(text, on_paper=on_paper)
    return replace(cell, text=text, struck=whole or style.struck, unseen=unseen)


def _displayed(cell: _Stored, code: str, words: dict[int, str], *, from_1904: bool) -> Cell:
    value = cell.value
    if cell.kind in ("s", "str", "inlineStr"):
        display = display_text(unescaped(words.get(whole_number(value), "") if cell.kind == "s" else value), code)
        return Cell(display.text, colour=display.colour)
    if not value:
        return Cell(grid.UNSAVED, grid.MISSING)
    if cell.kind == "b":
        return grid.truth(value in ("1", "true"))
    if cell.kind == "e":
        return grid.error(value)
    try:
        number = days_of(value) if cell.kind == "d" else float(value)
    except ValueError:
        return Cell(value)
    display = display_number(number, code, from_1904=from_1904 and cell.kind != "d")
    return Cell(display.text, grid.NUMBER, display.colour)
