"""Lays out the cells of a sheet as a table: what is far apart comes near, what is hidden or left out is said."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace

from portfolio.counting import agrees, grouped, many
from portfolio.files.previews.preview_spec import ColumnView, LookView, RowView, SheetView
from portfolio.files.previews.renderers.documents.marks import WHITE_TEXT

MOST_SHEETS, MOST_ROWS, MOST_COLUMNS, MOST_CELLS, MOST_SIGNS = 20, 2_000, 60, 12_000, 2_000
MOST_FORMULAS, MOST_OBJECTS, MOST_MERGED, MOST_COMMENTS = 200, 50, 2_000, 200
FAR = 1_000  # empty rows between a value and the others
_GAP = 5  # empty rows or columns in a row: more are one line
UNSAVED = "valeur non enregistrée"
NUMBER, ERROR, MISSING = "number", "error", "missing"
_ERRORS = {  # as they are stored, in English, and as a French spreadsheet shows them
    "#NAME?": "#NOM?", "#NULL!": "#NUL!", "#NUM!": "#NOMBRE!", "#VALUE!": "#VALEUR!", "#FIELD!": "#CHAMP!",
    "#SPILL!": "#PROPAGATION!", "#BLOCKED!": "#BLOQUÉ!", "#UNKNOWN!": "#INCONNU!", "#CONNECT!": "#CONNEXION!",
}  # fmt: skip
_PLACE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")

Area = tuple[int, int, int, int]  # first row and column, last row and column, from 1


@dataclass(slots=True)
class Cell:
    """kind: nothing for words, or one of the three above. colour: of the number format, in English. struck: a line is
    drawn through all of it. unseen: French words on why it is not seen, or empty.
    """

    text: str
    kind: str = ""
    colour: str = ""
    struck: bool = False
    unseen: str = ""


@dataclass(slots=True)
class CellComment:
    """What somebody wrote on a cell, which may be empty. row, column: from 1. author: perhaps empty."""

    row: int
    column: int
    author: str
    text: str


@dataclass
class WorkbookSheet:
    """A sheet as read. cells: by row, then column, from 1. last_row: the last one with a value, read or not.

    formulas: (row, column, formula in French). objects: sentences on charts, pivot tables and pictures. coloured: where
    something else than a cell's own style may colour it.
    """

    name: str
    hidden: bool = False
    cells: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merged: list[Area] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    last_row: int = 0
    cut: bool = False
    formulas: list[tuple[int, int, str]] = field(default_factory=list)
    more_formulas: bool = False
    objects: list[str] = field(default_factory=list)
    comments: list[CellComment] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    coloured: list[Area] = field(default_factory=list)

    def put(self, row: int, column: int, cell: Cell) -> None:
        self.cells.setdefault(row, {})[column] = cell
        self.last_row = max(self.last_row, row)

    def is_coloured(self, row: int, column: int) -> bool:
        """Returns whether something else than the cell's own style may colour it: a table, a condition, a picture."""
        return any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in self.coloured)

    def has_white(self) -> bool:
        """Returns whether a cell has white words that would not be seen on paper."""
        return any(cell.unseen == WHITE_TEXT.label for cells in self.cells.values() for cell in cells.values())

    def show_coloured(self) -> None:
        """Takes for seen the white words of cells that something else may colour."""
        for row, cells in self.cells.items():
            for column, cell in cells.items():
                if cell.unseen == WHITE_TEXT.label and self.is_coloured(row, column):
                    cells[column] = replace(cell, unseen="")

    def note_formula(self, row: int, column: int, formula: str) -> None:
        if len(self.formulas) < MOST_FORMULAS:
            self.formulas.append((row, column, formula))
        else:
            self.more_formulas = True


@dataclass
class Room:
    """How many cells may still be shown, of all the sheets of a workbook."""

    cells: int = MOST_CELLS

    def takes(self, sheet: WorkbookSheet, row: int) -> bool:
        """Returns True if the sheet may show a cell more in this row; else notes that it is cut."""
        if self.cells > 0 and (row in sheet.cells or len(sheet.cells) < MOST_ROWS):
            self.cells -= 1
            return True
        sheet.cut = True
        return False


def error(code: str) -> Cell:
    return Cell(_ERRORS.get(code, code), ERROR)


def truth(value: bool) -> Cell:
    return Cell("VRAI" if value else "FAUX")


def column_name(number: int) -> str:
    """Returns the letters of a column: A for 1, AA for 27; "" for 0."""
    name = ""
    while number > 0:
        number, letter = divmod(number - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def place_name(row: int, column: int) -> str:
    return f"{column_name(column)}{row}"


def place(name: str) -> tuple[int, int] | None:
    """Returns (row, column), both from 1, of « B7 » or « $B$7 »; None for a name of another form."""
    match = _PLACE.fullmatch(name)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column


def area(name: str) -> Area | None:
    """Returns (first row, first column, last row, last column), from 1, of « A1:C3 » or « A1 »; None for a name of
    another form.
    """
    first, _, last = name.partition(":")
    start, end = place(first), place(last or first)
    return (*start, *end) if start and end else None


def laid_out(sheet: WorkbookSheet) -> SheetView:
    """Returns the sheet as `preview_spec.SheetView` describes it, cut at the bounds of this module, which its notes
    then say.
    """
    rows = sorted(sheet.cells)
    used = sorted({column for cells in sheet.cells.values() for column in cells})
    columns = _with_gaps(used[:MOST_COLUMNS])
    lines = _with_gaps(rows)
    looks = _Looks()
    notes = sheet.notes + _cuts(sheet, rows, used)
    return {
        "name": sheet.name[:MOST_SIGNS],
        "hidden": sheet.hidden,
        "columns": [_column(sheet, column) for column in columns],
        "rows": _rows(sheet, lines, columns, looks),
        "looks": looks.known,
        "notes": notes,
        "formulas": [_formula(sheet, *formula) for formula in sheet.formulas],
        "more_formulas": sheet.more_formulas,
        "objects": sheet.objects[:MOST_OBJECTS],
        "comments": [_comment(sheet, comment) for comment in _in_order(sheet.comments)[:MOST_COMMENTS]],
        "more_comments": len(sheet.comments) > MOST_COMMENTS,
    }


def _formula(sheet: WorkbookSheet, row: int, column: int, formula: str) -> list[str]:
    """Returns [name of the cell, `formula`, text that the cell displays]. row, column: from 1, as in the sheet.
    formula: in French.
    """
    cell = sheet.cells.get(row, {}).get(column)
    return [place_name(row, column), formula, cell.text if cell else ""]


def _in_order(comments: list[CellComment]) -> list[CellComment]:
    """Returns the comments by their cells; those of one cell, which answer each other, in their own order."""
    return sorted(comments, key=lambda comment: (comment.row, comment.column))


def _comment(sheet: WorkbookSheet, comment: CellComment) -> list[str]:
    """Returns [name of the cell, text that it displays, author, comment]."""
    cell = sheet.cells.get(comment.row, {}).get(comment.column)
    text = comment.text[:MOST_SIGNS] + "…" * (len(comment.text) > MOST_SIGNS)
    return [place_name(comment.row, comment.column), cell.text[:MOST_SIGNS] if cell else "", comment.author, text]


def _with_gaps(numbers: list[int]) -> list[tuple[int, int]]:
    """Returns (first, last) for each row or column to show: single ones, and long empty spans as one."""
    spans: list[tuple[int, int]] = []
    before = 0
    for number in numbers:
        if number - before - 1 > _GAP:
            spans.append((before + 1, number - 1))
        else:
            spans += [(empty, empty) for empty in range(before + 1, number)]
        spans.append((number, number))
        before = number
    return spans


def _column(sheet: WorkbookSheet, span: tuple[int, int]) -> ColumnView:
    first, last = span
    if first < last:
        return {"name": f"{column_name(first)} à {column_name(last)}", "empty": True, "hidden": False}
    hidden = any(start <= first <= end for start, end in sheet.hidden_columns)
    return {"name": column_name(first), "empty": False, "hidden": hidden}


class _Looks:
    """The looks of the cells of a sheet, each once."""

    def __init__(self) -> None:
        self.known: list[LookView] = []
        self._places: dict[tuple[str, str, bool, str, tuple[int, int] | None], int] = {}

    def place(self, cell: Cell | None, size: tuple[int, int] | None) -> int:
        """Returns the place of a look in `known`. size: (columns, lines) of a merged cell."""
        key = (cell.kind, cell.colour, cell.struck, cell.unseen, size) if cell else ("", "", False, "", size)
        if key not in self._places:
            self._places[key] = len(self.known)
            self.known.append(_look(*key))
        return self._places[key]


def _look(kind: str, colour: str, struck: bool, unseen: str, size: tuple[int, int] | None) -> LookView:
    look: LookView = {}
    if kind:
        look["kind"] = kind
    if colour:
        look["colour"] = colour
    if struck:
        look["struck"] = True
    if unseen:
        look["unseen"] = unseen
    if size:
        look["across"], look["down"] = size
    return look


def _rows(
    sheet: WorkbookSheet, lines: list[tuple[int, int]], columns: list[tuple[int, int]], looks: _Looks
) -> list[RowView]:
    across, covered = _merges(sheet, lines, columns)
    rows: list[RowView] = []
    for line, (first, last) in enumerate(lines):
        if first < last:
            name = f"{first} à {last}"
            rows.append({"name": name, "empty": True, "hidden": False, "texts": [], "looks": []})
            continue
        cells = sheet.cells.get(first, {})
        placed = [
            (cells.get(start) if start == end else None, across.get((line, order)))
            for order, (start, end) in enumerate(columns)
            if (line, order) not in covered
        ]
        rows.append(
            {
                "name": str(first),
                "empty": False,
                "hidden": first in sheet.hidden_rows,
                "texts": [_text(cell) for cell, _ in placed],
                "looks": [looks.place(cell, size) for cell, size in placed],
            }
        )
    return rows


def _text(cell: Cell | None) -> str:
    return cell.text[:MOST_SIGNS] + "…" * (len(cell.text) > MOST_SIGNS) if cell else ""


def _merges(
    sheet: WorkbookSheet, lines: list[tuple[int, int]], columns: list[tuple[int, int]]
) -> tuple[dict[tuple[int, int], tuple[int, int]], set[tuple[int, int]]]:
    """Returns {(line, column): (width, height)} of merged cells, in lines and columns of the table from 0, and the set
    of (line, column) that they cover.
    """
    sizes: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[tuple[int, int]] = set()
    starts, lefts = [first for first, _ in lines], [first for first, _ in columns]
    tried = 0
    for top, left, bottom, right in sheet.merged[:MOST_MERGED]:
        line, order = bisect_left(starts, top), bisect_left(lefts, left)
        height, width = bisect_right(starts, bottom) - line, bisect_right(lefts, right) - order
        empty = next((at for at in range(line, line + max(0, height)) if lines[at][0] < lines[at][1]), None)
        height = height if empty is None else empty - line
        if height < 1 or width < 1 or height * width < 2 or starts[line] != top or lefts[order] != left:
            continue
        if (line, order) in sizes or (line, order) in covered:
            continue
        tried += height * width
        if tried > 2 * MOST_CELLS:
            break
        places = {(line + down, order + across) for down in range(height) for across in range(width)}
        if places & covered or places & sizes.keys():
            continue
        sizes[line, order] = (width, height)
        covered |= places - {(line, order)}
    return sizes, covered


def _cuts(sheet: WorkbookSheet, rows: list[int], used: list[int]) -> list[str]:
    """Returns what the table does not show, or shows at a distance."""
    notes = []
    if sheet.cut:
        several = f"les {grouped(len(rows))} premières lignes remplies sont montrées"
        part = agrees(len(rows), "la première ligne remplie est montrée", several)
        far = f" : la feuille va jusqu'à la ligne {sheet.last_row}" if sheet.last_row > max(rows, default=0) else ""
        notes.append(f"De cette feuille, {part}{far}. Téléchargez le fichier pour voir la suite.")
    if len(used) > MOST_COLUMNS:
        notes.append(
            f"De cette feuille, les {MOST_COLUMNS} premières colonnes remplies sont montrées : "
            f"elle va jusqu'à la colonne {column_name(used[-1])}. Téléchargez le fichier pour voir la suite."
        )
    before = 0
    for row in rows:
        if before and row - before > FAR:
            far_below = [place_name(row, column) for column in sorted(sheet.cells[row])[:3]]
            notes.append(f"Loin sous les autres valeurs, cette feuille en a encore : {', '.join(far_below)}.")
            break
        before = row
    if any(len(cell.text) > MOST_SIGNS for cells in sheet.cells.values() for cell in cells.values()):
        notes.append(f"Les textes de plus de {grouped(MOST_SIGNS)} signes sont coupés.")
    blank = sum(1 for cells in sheet.cells.values() for cell in cells.values() if not cell.text and cell.kind == NUMBER)
    if blank:
        notes.append(
            f"{many(blank, 'cellule')} {agrees(blank, 'a', 'ont')} une valeur que "
            f"{agrees(blank, 'son', 'leur')} format n'affiche pas."
        )
    return notes
