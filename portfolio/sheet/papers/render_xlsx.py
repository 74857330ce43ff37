"""Renders a sheet as a workbook: « Fiche » and « Annexe » to read and print, « Données » to compare with the JSON cell
by cell, hidden so that it is not printed.
"""

from __future__ import annotations

import textwrap
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, time
from decimal import Decimal
from io import BytesIO
from typing import TypedDict, Unpack

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import tostring

from portfolio.counting import many
from portfolio.papers.xlsx_writer import put
from portfolio.rules.marks import format_mark
from portfolio.sheet.content import MarkContent, SheetContent
from portfolio.sheet.papers.wording import drawn_up, put_in_words
from portfolio.sheet.papers.words import RowWords, SheetWords, SignatureWords
from portfolio.sheet.papers.xlsx_values import write_data
from portfolio.sheet.printed_values import Communicated, SheetSignature

WORDING_WIDTH, DEGREE_WIDTH, OBSERVATION_WIDTH, EVIDENCE_WIDTH = 46, 12, 44, 14  # in characters
FONT = "Arial"  # on every machine, or one of the same widths: a font that is missing would clip rows
SIZE = 10  # points
LINE_HEIGHT = 13  # points
DIGIT = 5.6  # points: a character of a width, in FONT at SIZE
PRINTED = (770, 490)  # points of a landscape A4 page inside its margins, with a header and a footer
MOST_LINES = 30  # Excel stops at 409 points: a longer text continues in the next row
MOST_IN_MARGIN = 200  # Excel refuses a header or a footer over 255 characters
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)

RULED = Border(*[Side(style="thin", color="8C8C8C")] * 4)
TINT = PatternFill("solid", fgColor="E8E8E8")
ALERT = "8A1C1C"


class FontStyle(TypedDict, total=False):
    """size: in points. color: RRGGBB."""

    bold: bool
    size: int
    color: str


def render_xlsx(
    content: SheetContent,
    signatures: Sequence[SheetSignature],
    banner: str | None,
    communicated: Communicated | None = None,
) -> bytes:
    """Returns the bytes of an xlsx; the same arguments give the same bytes. banner, communicated: as for `render_pdf`.
    No text becomes a formula. In « Données » each leaf of the JSON is a row (RFC 6901 pointer, exact value as text,
    type); a text too long for a cell continues in rows with the same pointer.
    """
    view = put_in_words(content, signatures, banner, communicated)
    workbook = Workbook()
    _default_font(workbook)
    fiche = workbook.active
    assert fiche is not None
    fiche.title = "Fiche"
    _write_fiche(_Printed(fiche, view), content["mark"])
    _write_annex(_Printed(workbook.create_sheet("Annexe"), view))
    data = workbook.create_sheet("Données")
    write_data(data, content)
    data.sheet_state = "hidden"
    for sheet in workbook.worksheets:
        _prepare_printing(sheet, view)
    workbook.properties.creator = "portfolio-e5"
    workbook.properties.title = view["name"]
    workbook.properties.language = "fr-FR"
    return _reproducible(workbook, datetime.combine(drawn_up(content), time()))


def _default_font(workbook: Workbook) -> None:
    """Sets the font of cells without one, whose digits are the unit of widths."""
    font = Font(name=FONT, size=SIZE)
    workbook._named_styles["Normal"].font = font
    workbook._fonts[0] = font


def _font(**style: Unpack[FontStyle]) -> Font:
    return Font(name=FONT, **{"size": SIZE, **style})


def _write_fiche(page: _Printed, mark: MarkContent | None) -> None:
    """Writes what the model of the circular holds."""
    view, headings = page.view, page.view["headings"]
    page.line(view["name"], bold=True, size=14)
    for words in (f"{view['exam']['diploma']} – {view['exam']['title']}", view["exam"]["terms"]):
        page.line(words)
    for notice in view["notices"]:
        page.line(notice, bold=True, color=ALERT)
    page.section(headings["candidate"], view["candidate"])
    page.section(headings["school"], view["school"])
    page.section(headings["commission"], [*_members(view), *view["commission"]["facts"]])
    page.grid()
    with page.together():
        page.section(headings["appreciation"], [("", view["appreciation"] or view["absent"]["appreciation"])])
        page.result(mark)
        page.section(headings["signatures"], [_signature(signature) for signature in view["signatures"]])
        for space in view["spaces"]:
            page.section("", [(space, "\n\n\n")])
    page.line(view["footer"], bold=True)
    page.paginate()


def _members(view: SheetWords) -> list[tuple[str, str]]:
    return [(quality, name) for name, quality in view["commission"]["members"]]


def _write_annex(page: _Printed) -> None:
    """Writes what the fiche rests on, under the same digest."""
    view, headings, absent = page.view, page.view["headings"], page.view["absent"]
    page.line(headings["annex"], bold=True, size=14)
    page.line(absent["annex"])
    total = [("", view["total"])] if view["total"] else []
    page.section(headings["placements"], [*(_placement(words) for words in view["placements"]), *total])
    evaluated = [(line["about"], f"{line['evaluated']}\n{line['text']}".strip()) for line in view["evaluations"]]
    page.section(headings["reality"], [*evaluated, *(("", words) for words in view["reality"])])
    page.section(headings["pieces"], [_piece(words) for words in view["pieces"]] or [("", absent["pieces"])])
    with page.together():
        page.section(headings["control"], view["control"])
    with page.together():
        page.section(headings["trace"], view["trace"])
        page.line(view["data"])
    page.paginate()


class _Printed:
    """Writes one worksheet from top to bottom: one column of wordings, then degrees, observations, pieces."""

    def __init__(self, sheet: Worksheet, view: SheetWords) -> None:
        self.sheet = sheet
        self.view = view
        degrees = len(view["grid"]["columns"])
        self.widths = [WORDING_WIDTH, *[DEGREE_WIDTH] * degrees, OBSERVATION_WIDTH, EVIDENCE_WIDTH]
        self.row = 0
        self.kept: list[tuple[int, int]] = []  # (first, last) rows that a page never parts
        for column, width in enumerate(self.widths):
            sheet.column_dimensions[chr(ord("A") + column)].width = width

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keeps on one page what is written inside, where a page holds it."""
        first = self.row + 1
        yield
        self.kept.append((first, self.row))

    def paginate(self) -> None:
        """Breaks pages between groups of rows that belong together, so that no row stands alone on the last one."""
        width, height = PRINTED
        room = height * max(1.0, sum(self.widths) * DIGIT / width)
        heights = {row: self.sheet.row_dimensions[row].height or LINE_HEIGHT for row in range(1, self.row + 1)}
        starts = {row: first for first, last in self.kept for row in range(first + 1, last + 1)}
        top, used = 1, 0.0
        for row in range(1, self.row + 1):
            if used + heights[row] > room:
                start = starts.get(row, row)
                top = start if start > top else row
                self.sheet.row_breaks.append(Break(id=top - 1))
                used = sum(heights[inside] for inside in range(top, row))
            used += heights[row]

    def line(self, words: str, **font: Unpack[FontStyle]) -> None:
        """Writes a text over the whole width, on as many rows as needed."""
        for part in _parts(words, sum(self.widths)):
            self.row += 1
            self.merged(1, part, **font)

    def section(self, title: str, pairs: Sequence[Sequence[str]]) -> None:
        if pairs:
            self.line("")
            self.line(title, bold=True, size=12)
        for label, value in pairs:
            parts = _parts(value, sum(self.widths[1:]))
            for number, part in enumerate(parts):
                self.row += 1
                heading = put(self.sheet.cell(self.row, 1), "" if number else label)
                heading.alignment = Alignment(vertical="top", wrap_text=True)
                self.merged(2, part, bold=bool(label))
                self.fit([(label, WORDING_WIDTH), (part, sum(self.widths[1:]))])

    def grid(self) -> None:
        grid, first = self.view["grid"], self.row + 1
        self.line("")
        self.line(self.view["headings"]["grid"], bold=True, size=12)
        if not grid["sections"]:
            self.line(self.view["absent"]["grid"])
            return
        columns = [f"{column['code']}\n{column['label']}".strip() for column in grid["columns"]]
        self.cells(["Compétence ou critère évalué", *columns, "Observations", "Preuves retenues"], heading=True)
        for section in grid["sections"]:
            self.line(section["title"], bold=True)
            for row in section["rows"]:
                self.appraised(row)
        self.kept += [(first, first + 4), (self.row - 2, self.row)]

    def appraised(self, row: RowWords) -> None:
        self.cells([f"{row['code']} {row['wording']}", *row["cells"], row["beside"], row["evidence"]])
        if row["chosen"] is not None:
            self.sheet.cell(self.row, 2 + row["chosen"]).fill = TINT
        if row["below"]:
            self.line(f"{row['code']} : {row['below']}")

    def cells(self, words: list[str], heading: bool = False) -> None:
        self.row += 1
        for column, text in enumerate(words, 1):
            cell = put(self.sheet.cell(self.row, column), text)
            degree = 1 < column < len(words) - 1
            cell.border = RULED
            cell.alignment = Alignment(horizontal="center" if degree else None, vertical="top", wrap_text=True)
            cell.font = _font(bold=heading or degree)
            if heading:
                cell.fill = TINT
        self.fit(list(zip(words, self.widths, strict=True)))

    def result(self, mark: MarkContent | None) -> None:
        """Writes the mark or the outcome; the mark is also a number, to sort and compare, formatted by its step."""
        result = self.view["result"]
        self.section(result["label"], [("", result["value"]), ("", result["detail"])])
        if mark:
            self.row += 1
            decimals = len(format_mark(Decimal(mark["step"])).partition(",")[2])
            put(self.sheet.cell(self.row, 1), "Note, en nombre")
            cell = self.sheet.cell(self.row, 2, Decimal(mark["proposed"]))
            cell.number_format = f'{"0." if decimals else "0"}{"0" * decimals}" / {mark["out_of"]}"'
            cell.font = _font(bold=True, size=16)
            cell.alignment = Alignment(horizontal="left")
            self.sheet.row_dimensions[self.row].height = 22

    def merged(self, first: int, words: str, **font: Unpack[FontStyle]) -> None:
        self.sheet.merge_cells(start_row=self.row, start_column=first, end_row=self.row, end_column=len(self.widths))
        cell = put(self.sheet.cell(self.row, first), words)
        cell.alignment = Alignment(horizontal="left", vertical="top", wrap_text=True)
        cell.font = _font(**font)
        self.fit([(words, sum(self.widths[first - 1 :]))], font.get("size", SIZE) / SIZE)

    def fit(self, texts: list[tuple[str, int]], scale: float = 1) -> None:
        """Sets the height of the row for these (text, width in characters): an unopened workbook does not fit merged or
        wrapped rows when printed. scale: of the font.
        """
        lines = max(len(_wrapped(text, width)) for text, width in texts)
        self.sheet.row_dimensions[self.row].height = (lines * LINE_HEIGHT + 3) * scale


def _wrapped(text: str, width: int) -> list[str]:
    return [line for paragraph in text.split("\n") for line in textwrap.wrap(paragraph, width) or [""]]


def _parts(text: str, width: int) -> list[str]:
    lines = _wrapped(text, width)
    if len(lines) <= MOST_LINES:
        return [text]
    return ["\n".join(lines[start : start + MOST_LINES]) for start in range(0, len(lines), MOST_LINES)]


def _placement(words: list[str]) -> tuple[str, str]:
    kind, company, city, period, days, tutor = words
    followed = f"tuteur ou tutrice : {tutor}" if tutor else ""
    return company, " – ".join(filter(None, [kind, city, period, many(int(days), "jour"), followed]))


def _signature(seal: SignatureWords) -> tuple[str, str]:
    signed = f"{seal['signed']}\nEmpreinte signée : {seal['digest']}" if seal["signed"] else "Non signée"
    return f"{seal['name']}\n{seal['quality']}", "\n".join(filter(None, [signed, seal["warning"]]))


def _piece(words: list[str]) -> tuple[str, str]:
    number, title, what, revision, digest = words
    return number, f"{title} – {what + ' – ' if what else ''}révision {revision} – empreinte {digest}…"


def _prepare_printing(sheet: Worksheet, view: SheetWords) -> None:
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    sheet.oddHeader.left.text = _margin(f"Fiche n° {view['number']}")
    sheet.oddHeader.right.text = _margin(" – ".join(view["marks"]))
    sheet.oddFooter.center.text = _margin(view["footer"])
    sheet.oddFooter.right.text = "&P / &N"


def _margin(text: str) -> str:
    short = text if len(text) <= MOST_IN_MARGIN else f"{text[: MOST_IN_MARGIN - 1]}…"
    return short.replace("&", "&&")


def _reproducible(workbook: Workbook, day: datetime) -> bytes:
    """Returns the bytes of the workbook, dated `day`: openpyxl writes the clock in properties and archive entries."""
    written, out = BytesIO(), BytesIO()
    workbook.save(written)
    workbook.properties.created = workbook.properties.modified = day
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            properties = name == "docProps/core.xml"
            data = tostring(workbook.properties.to_tree()) if properties else source.read(name)
            target.writestr(zipfile.ZipInfo(name, ZIP_EPOCH), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
