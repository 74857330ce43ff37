"""Reads an .ods by its XML, piece by piece. Each cell holds its display text, written by what saved it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO
from zipfile import ZipFile

from portfolio.files.previews.renderers.office_names import local_attributes, short_name
from portfolio.files.previews.renderers.opendocument.document import common_styles
from portfolio.files.previews.renderers.opendocument.styles import OdfLook, StyleHandlers
from portfolio.files.previews.renderers.package import Package
from portfolio.files.previews.renderers.words.struck_words import struck, tiny, white, whole_or_parts
from portfolio.files.previews.renderers.words.symbol_fonts import in_signs
from portfolio.files.previews.renderers.workbooks import grid
from portfolio.files.previews.renderers.workbooks.cell_comments import Annotation
from portfolio.files.previews.renderers.workbooks.grid import Cell, Room, WorkbookSheet, place_name
from portfolio.files.previews.renderers.workbooks.object_words import (
    box_words,
    chart_words,
    picture_words,
    pivot_words,
)
from portfolio.files.previews.renderers.workbooks.opendocument_cells import (
    area_name,
    displayed,
    formula_of,
    repetitions,
)
from portfolio.files.recognition.bounded_reader import Window

_MOST_READ = 64 << 20  # of the XML; what follows is said to be left out
_LARGEST_CHART = 8 << 20
_CONTENT = "content.xml"
_SPACES = {"text:tab": "\t", "text:line-break": "\n"}
_SHAPES = {f"draw:{name}" for name in (
    "caption", "circle", "connector", "custom-shape", "ellipse", "frame", "g", "line", "measure", "path", "polygon",
    "polyline", "rect", "regular-polygon",
)}  # fmt: skip
_ASIDE = {"office:annotation", *_SHAPES}  # in a cell, and not its words
_AREA = re.compile(r"\.(\$?[A-Z]{1,3}\$?\d{1,7})(?::(?:[^.:]{0,80}\.)?(\$?[A-Z]{1,3}\$?\d{1,7}))?")
_MOST_COLOURED = 200
_LONGEST_WORDS = 4_000  # texts of a shape


def read(source: BinaryIO) -> list[WorkbookSheet]:
    with ZipFile(Window(source)) as archive:
        package = Package(archive)
        reader = _SheetsReader(package)
        reader.read(_beginning(package.pieces(_CONTENT), reader))
        return reader.sheets


def _beginning(pieces: Iterator[bytes], reader: _SheetsReader) -> Iterator[bytes]:
    left = _MOST_READ
    for piece in pieces:
        yield piece
        left -= len(piece)
        if left < 0 or len(reader.sheets) > grid.MOST_SHEETS or not reader.room.cells:
            reader.stop()
            return


class _SheetsReader:
    """Collects the sheets. Names are written as the standard does, `table:table-cell`, whatever their prefix is."""

    def __init__(self, package: Package) -> None:
        self.sheets: list[WorkbookSheet] = []
        self.room = Room()
        self._package = package
        self._names: dict[str, str] = {}
        self._hidden_styles: set[str] = set()
        self._styles = common_styles(package)
        self._style_handlers = StyleHandlers(self._styles).starts
        self._inked = False  # a stretch of the cell has a colour of its own that is seen
        self._spans: list[str] = []  # styles of the stretches that are read, from the outside in
        self._default_styles: list[tuple[int, str]] = []  # (last column, style of its cells) of the sheet
        self._style = ""
        self._path: list[str] = []
        self._row = self._column = self._rows = self._columns = 0
        self._cell: dict[str, str] | None = None
        self._texts: list[str] | None = None
        self._aside = 0
        self._frame: tuple[str, str] | None = None
        self._words: list[str] = []  # of the shape that is read
        self._pivot = ("", "")
        self._annotation: Annotation | None = None

    def read(self, pieces: Iterator[bytes]) -> None:
        parser = self._package.parser(namespaces=True)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        for piece in pieces:
            parser.Parse(piece, False)

    def stop(self) -> None:
        """Notes that the last sheet was not read to its end, and that others may follow."""
        if self.sheets:
            self.sheets[-1].cut = True

    def _name(self, full: str) -> str:
        name = self._names.get(full)
        if name is None:
            name = self._names[full] = short_name(full)
        return name

    def _start(self, full: str, qualified: dict[str, str]) -> None:
        tag = self._name(full)
        self._start_aside(tag)
        attributes = {self._name(key): value for key, value in qualified.items()}
        if tag.startswith("style:"):
            self._start_style(tag, attributes, qualified)
        if tag == "text:p":
            self._start_paragraph()
        elif tag == "text:span":
            self._spans.append(attributes.get("text:style-name", ""))
        elif tag == "text:s" and self._texts is not None:
            self._texts.append(" " * min(repetitions(attributes.get("text:c")), grid.MOST_SIGNS))
        elif tag in _SPACES and self._texts is not None:
            self._texts.append(_SPACES[tag])
        elif tag == "text:ruby-text" and self._texts is not None:
            self._texts.append(" (")
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            self._cell, self._texts, self._inked = attributes, None, False
            self._columns = repetitions(attributes.get("table:number-columns-repeated"))
        elif tag == "table:table-row":
            self._start_row(attributes)
        elif tag == "table:table-column" and self.sheets:
            self._start_column(attributes)
        elif tag == "table:table":
            hidden = attributes.get("table:style-name") in self._hidden_styles
            self.sheets.append(WorkbookSheet(attributes.get("table:name", ""), hidden))
            self._row = self._column = self._rows = 0
            self._default_styles = []
        elif tag == "calcext:conditional-format" and self.sheets:
            self._note_condition(attributes.get("calcext:target-range-address", ""))
        else:
            self._start_object(tag, attributes)
        self._path.append(tag)

    def _start_style(self, tag: str, attributes: dict[str, str], qualified: dict[str, str]) -> None:
        if handle := self._style_handlers.get(tag):
            handle(local_attributes(qualified))
        if tag == "style:style":
            self._style = attributes.get("style:name", "")
        elif tag == "style:table-properties" and attributes.get("table:display") == "false":
            self._hidden_styles.add(self._style)

    def _note_condition(self, places: str) -> None:
        """Takes white words of cells that a condition may colour for seen. places: « Feuille.A1:Feuille.B2 … »."""
        areas = (grid.area(f"{first}:{last or first}") for first, last in _AREA.findall(places))
        room = max(_MOST_COLOURED - len(self.sheets[-1].coloured), 0)
        self.sheets[-1].coloured += [area for area in areas if area][:room]

    def _start_aside(self, tag: str) -> None:
        if tag in _ASIDE and self._path:
            self._aside += 1
        if tag == "office:annotation" and self._cell is not None:
            self._annotation = Annotation(self._row, self._column)
        if self._annotation is not None:
            self._annotation.start(tag)

    def _start_paragraph(self) -> None:
        if self._cell is None or self._aside:
            return
        if self._texts is None:
            self._texts = []
        else:
            self._texts.append("\n")

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._row += self._rows or 1
        self._rows = repetitions(attributes.get("table:number-rows-repeated"))
        self._column = 1
        if self.sheets and attributes.get("table:visibility", "visible") != "visible":
            self.sheets[-1].hidden_rows.update(range(self._row, self._row + min(self._rows, grid.MOST_ROWS)))

    def _start_column(self, attributes: dict[str, str]) -> None:
        count = repetitions(attributes.get("table:number-columns-repeated"))
        if attributes.get("table:visibility", "visible") != "visible":
            self.sheets[-1].hidden_columns.append((self._column + 1, self._column + count))
        self._column += count
        self._default_styles.append((self._column, attributes.get("table:default-cell-style-name", "")))

    def _start_object(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "draw:text-box":
            self._frame = None  # no picture: its words are said
        elif tag == "draw:frame":
            last = attributes.get("table:end-cell-address", "").rpartition(".")[2]
            first = place_name(self._row, self._column) if self._cell is not None else ""
            self._frame = (f"{first}:{last}" if first and last else first, picture_words(first))
        elif tag == "draw:object" and self._frame:
            sources = [area_name(area) for area in attributes.get("draw:notify-on-update-of-ranges", "").split()]
            part = attributes.get("xlink:href", "").removeprefix("./")
            self._frame = (self._frame[0], self._chart(f"{part}/{_CONTENT}", self._frame[0], sources))
        elif tag == "table:data-pilot-table":
            self._pivot = (attributes.get("table:name", ""), attributes.get("table:target-range-address", ""))
        elif tag == "table:source-cell-range":
            self._note_pivot(area_name(attributes.get("table:cell-range-address", "")))

    def _note_pivot(self, source: str) -> None:
        name, target = self._pivot
        sheet_name = target.rpartition(":")[0].rpartition(".")[0].strip("$'")
        sheet = next((sheet for sheet in self.sheets if sheet.name == sheet_name), self.sheets[-1:][0])
        sheet.objects.append(pivot_words(name, area_name(target).replace(f"{sheet_name}.", ""), source))

    def _end(self, _full: str) -> None:
        tag = self._path.pop()
        if tag in _ASIDE and self._path:
            self._aside -= 1
        if tag == "office:annotation" and self._annotation is not None:
            self._note(self._annotation)
            self._annotation = None
        if tag == "text:ruby-text" and self._texts is not None:
            self._texts.append(")")
        if tag == "text:span" and self._spans:
            self._spans.pop()
        self._end_shape(tag)
        if tag == "draw:frame" and self._frame and self.sheets:
            self.sheets[-1].objects.append(self._frame[1])
            self._frame = None
        elif tag in ("table:table-cell", "table:covered-table-cell") and self._cell is not None and self.sheets:
            self._keep(self.sheets[-1], self._cell)
            self._column += self._columns
            self._cell = self._texts = None
        elif tag == "table:table" and self.sheets and self.sheets[-1].coloured:
            self.sheets[-1].show_coloured()

    def _end_shape(self, tag: str) -> None:
        """Says the words of a shape, or of several that are one, once it ends."""
        if tag == "text:p" and self._words:
            self._words.append("\n")
        elif tag in _SHAPES and not self._aside:
            text, self._words = "".join(self._words), []
            if text.strip() and self.sheets:
                where = place_name(self._row, self._column) if self._cell is not None else ""
                self.sheets[-1].objects.append(box_words(text, where))

    def _note(self, annotation: Annotation) -> None:
        comment = annotation.comment()
        if comment is not None and self.sheets and len(self.sheets[-1].comments) <= grid.MOST_COMMENTS:
            self.sheets[-1].comments.append(comment)

    def _characters(self, text: str) -> None:
        if self._annotation is not None:
            self._annotation.characters(text, self._path)
        elif self._aside and "text:p" in self._path and len(self._words) < _LONGEST_WORDS:
            self._words.append(text[:_LONGEST_WORDS])
        elif self._texts is not None and self._path[-1] != "table:table-cell" and not self._aside:
            self._texts.append(self._in_style(text[: 2 * grid.MOST_SIGNS]))

    def _in_style(self, text: str) -> str:
        if not self._spans:
            return text
        looks = [self._styles.look("text", span) for span in reversed(self._spans)]
        drawn = in_signs(next((look.font for look in looks if look.font), ""), text)
        is_white = next((look.white for look in looks if look.white is not None), None)
        self._inked = self._inked or is_white is False
        if is_white and not any(look.shaded for look in looks):
            return white(drawn)
        if next((look.tiny for look in looks if look.tiny is not None), False):
            return tiny(drawn)
        lines = (look.struck for look in looks)
        return struck(drawn) if next((line for line in lines if line is not None), False) else drawn

    def _look_of_cell(self, attributes: dict[str, str]) -> OdfLook:
        name = attributes.get("table:style-name", "")
        name = name or next((style for last, style in self._default_styles if self._column <= last), "")
        return self._styles.look("table-cell", name)

    def _drawn(self, cell: Cell, attributes: dict[str, str]) -> Cell:
        """Returns a cell with what its style does to its words."""
        look = self._look_of_cell(attributes)
        text = in_signs(look.font, cell.text)
        if look.white and not look.shaded and not self._inked and cell.kind != grid.MISSING:
            text = white(text)
        elif look.tiny:
            text = tiny(text)
        text, whole, unseen = whole_or_parts(text, on_paper=not look.shaded)
        return replace(cell, text=text, struck=whole or bool(look.struck), unseen=unseen)

    def _keep(self, sheet: WorkbookSheet, attributes: dict[str, str]) -> None:
        display = displayed(attributes, None if self._texts is None else "".join(self._texts))
        across = repetitions(attributes.get("table:number-columns-spanned"))
        down = repetitions(attributes.get("table:number-rows-spanned"))
        if across * down > 1:
            sheet.merged.append((self._row, self._column, self._row + down - 1, self._column + across - 1))
        if display is None:
            return
        display = self._drawn(display, attributes)
        sheet.last_row = max(sheet.last_row, self._row + self._rows - 1)
        for row in range(self._row, self._row + min(self._rows, grid.MOST_ROWS + 1)):
            for column in range(self._column, self._column + min(self._columns, grid.MOST_COLUMNS + 1)):
                if not self.room.takes(sheet, row):
                    return
                sheet.put(row, column, display)
        if formula := attributes.get("table:formula"):
            sheet.note_formula(self._row, self._column, formula_of(formula))

    def _chart(self, part: str, area: str, sources: list[str]) -> str:
        kinds: list[str] = []
        titles: list[str] = []
        path: list[str] = []

        def start(full: str, attributes: dict[str, str]) -> None:
            path.append(self._name(full))
            if path[-1] == "chart:chart":
                kinds.extend(value for key, value in attributes.items() if self._name(key) == "chart:class")

        def end(_name: str) -> None:
            path.pop()

        def characters(text: str) -> None:
            if "chart:title" in path and "chart:axis" not in path:
                titles.append(text)

        if self._package.has(part):
            parser = self._package.parser(namespaces=True)
            parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, characters
            for piece in self._package.pieces(part, _LARGEST_CHART):
                parser.Parse(piece, False)
        return chart_words(kinds, "".join(titles), area, sources)
