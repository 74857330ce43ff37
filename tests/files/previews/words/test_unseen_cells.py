"""White words in cells on nothing but paper, and tiny ones, are shown and marked, in every format of workbooks."""

from __future__ import annotations

import io
import struct

import odf.opendocument
import openpyxl
import pytest
import xlwt
from odf import style
from odf.table import Table, TableCell, TableRow
from odf.text import P, Span
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Color, Font, PatternFill
from openpyxl.worksheet.table import Table as XlsxTable
from openpyxl.worksheet.table import TableStyleInfo
from xlwt.CompoundDoc import XlsDoc

from portfolio.files.previews.hidden_in_view import SEARCHED, codes_in
from portfolio.files.previews.preview_spec import UNSEEN_IN_CELLS, Preview
from portfolio.files.previews.renderers import tables
from tests.files.previews.documents.reading import saved
from tests.files.previews.tables import cells_of
from tests.support import containers

WHITE, TINY = "texte blanc", "caractères minuscules"
BLUE, PAPER = PatternFill("solid", fgColor="FF1F3864"), PatternFill("solid", fgColor="FFFFFFFF")


def view_of(book: openpyxl.Workbook) -> Preview:
    buffer = io.BytesIO()
    book.save(buffer)
    return outline(buffer.getvalue(), "xlsx")


def outline(data: bytes, kind: str) -> Preview:
    return tables.show(io.BytesIO(data), kind, "")


def unseen(view: Preview) -> list[tuple[str, str]]:
    """(words, why they are not seen) of each cell with words, sheet by sheet."""
    cells = [cell for sheet in view.sheets for line in range(len(sheet["rows"])) for cell in cells_of(sheet, line)]
    return [(text, look.get("unseen", "")) for text, look in cells if text]


def test_white_and_tiny_words_of_an_xlsx_are_marked() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    cells = [
        ("vu", Font(), None),
        ("blanc", Font(color="FFFFFFFF"), None),
        ("du thème", Font(color=Color(theme=0)), None),
        ("de la palette", Font(color=Color(indexed=9)), None),
        ("sur blanc", Font(color="FFFFFFFF"), PAPER),
        (1250, Font(color="FFFFFFFF"), None),
        ("petit", Font(sz=1), None),
        ("sur bleu", Font(color="FFFFFFFF"), BLUE),
        ("petit sur bleu", Font(color="FFFFFFFF", sz=1), BLUE),
        ("grisé", Font(color=Color(theme=0, tint=-0.5)), None),
        ("—", Font(color="FFFFFFFF"), None),
    ]
    for row, (value, font, fill) in enumerate(cells, 1):
        cell = sheet.cell(row, 1, value)
        cell.font = font
        if fill:
            cell.fill = fill
    red = sheet.cell(12, 1, 5)
    red.font, red.number_format = Font(color="FFFFFFFF"), "[Red]0"
    view = view_of(book)
    assert unseen(view) == [
        ("vu", ""), ("blanc", WHITE), ("du thème", WHITE), ("de la palette", WHITE), ("sur blanc", WHITE),
        ("1250", WHITE), ("petit", TINY), ("sur bleu", ""), ("petit sur bleu", TINY), ("grisé", ""), ("—", ""),
        ("5", ""),
    ]  # fmt: skip
    assert UNSEEN_IN_CELLS in view.notes
    assert "hidden_text" in codes_in(view)
    assert {"xlsx", "xltx", "xls", "ods", "ots"} <= SEARCHED


def test_stretches_of_a_cell_of_an_xlsx_are_marked_where_they_stand() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    white_end = CellRichText("Prime ", TextBlock(InlineFont(color="FFFFFFFF"), "hors frais"))
    sheet["A1"], sheet["A2"] = white_end, CellRichText("Prime ", TextBlock(InlineFont(color="FFFFFFFF"), "hors frais"))
    sheet["A2"].fill = BLUE
    sheet["A3"] = CellRichText("Prime ", TextBlock(InlineFont(sz=1), "nette"))
    sheet["A4"] = CellRichText(TextBlock(InlineFont(color="FF000000"), "noir"))
    sheet["A4"].font = Font(color="FFFFFFFF")
    view = view_of(book)
    assert unseen(view) == [
        (f"Prime [{WHITE} : hors frais]", ""), ("Prime hors frais", ""), (f"Prime [{TINY} : nette]", ""), ("noir", ""),
    ]  # fmt: skip
    assert UNSEEN_IN_CELLS in view.notes


def test_white_words_of_an_xlsx_that_a_table_or_a_condition_may_colour_are_seen() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["A", "B"], ["a", "b"], ["c", "d"], ["e", "f"]):
        sheet.append(row)
    for cell in (sheet["A1"], sheet["A3"], sheet["B4"]):
        cell.font = Font(color="FFFFFFFF")
    table = XlsxTable(displayName="T", ref="A1:B2", tableStyleInfo=TableStyleInfo("TableStyleMedium2"))
    sheet.add_table(table)
    sheet.conditional_formatting.add("A3:A9", CellIsRule(operator="equal", formula=['"c"'], fill=BLUE))
    view = view_of(book)
    assert [text for text, why in unseen(view) if why] == ["f"]


def test_a_workbook_without_such_words_says_nothing() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "vu"
    assert UNSEEN_IN_CELLS not in view_of(book).notes


def opendocument(*cells: tuple[str, str], stretches: tuple[tuple[str, str], ...] = ()) -> bytes:
    document = odf.opendocument.OpenDocumentSpreadsheet()
    looks = {
        "Blanc": (style.TextProperties(color="#ffffff"),),
        "Petit": (style.TextProperties(fontsize="1pt"),),
        "Fond": (style.TextProperties(color="#ffffff"), style.TableCellProperties(backgroundcolor="#1f3864")),
        "Papier": (style.TextProperties(color="#ffffff"), style.TableCellProperties(backgroundcolor="transparent")),
        "Cas": (
            style.TextProperties(color="#ffffff"),
            style.Map(condition="cell-content()=1", applystylename="Fond", basecelladdress="F.A1"),
        ),
    }
    for name, properties in looks.items():
        made = style.Style(name=name, family="table-cell")
        for each in properties:
            made.addElement(each)
        document.automaticstyles.addElement(made)
    for name, colour in (("SBlanc", "#ffffff"), ("SNoir", "#000000")):
        made = style.Style(name=name, family="text")
        made.addElement(style.TextProperties(color=colour))
        document.automaticstyles.addElement(made)
    table = Table(name="F")
    for name, words in cells:
        row, cell = TableRow(), TableCell(valuetype="string", **({"stylename": name} if name else {}))
        cell.addElement(P(text=words))
        row.addElement(cell)
        table.addElement(row)
    for name, span in stretches:
        row, cell, words = TableRow(), TableCell(valuetype="string", **({"stylename": name} if name else {})), P()
        words.addText("Prime ") if span == "SBlanc" else None
        words.addElement(Span(stylename=span, text="hors frais"))
        cell.addElement(words)
        row.addElement(cell)
        table.addElement(row)
    document.spreadsheet.addElement(table)
    return saved(document)


def test_white_and_tiny_words_of_an_ods_are_marked() -> None:
    data = opendocument(
        ("", "vu"), ("Blanc", "blanc"), ("Petit", "petit"), ("Fond", "clair"), ("Papier", "net"), ("Cas", "parfois"),
        stretches=(("", "SBlanc"), ("Fond", "SBlanc"), ("Blanc", "SNoir")),
    )  # fmt: skip
    view = outline(data, "ods")
    assert unseen(view) == [
        ("vu", ""), ("blanc", WHITE), ("petit", TINY), ("clair", ""), ("net", WHITE), ("parfois", ""),
        (f"Prime [{WHITE} : hors frais]", ""), ("Prime hors frais", ""), ("hors frais", ""),
    ]  # fmt: skip
    assert UNSEEN_IN_CELLS in view.notes


def test_white_words_of_an_ods_that_a_condition_of_libreoffice_may_colour_are_seen() -> None:
    data = opendocument(("Blanc", "A1"), ("Blanc", "A2"))
    condition = (
        "<calcext:conditional-formats "
        'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
        '<calcext:conditional-format calcext:target-range-address="F.A2:F.A9"/></calcext:conditional-formats>'
    )
    content = containers.read_part(data, "content.xml").decode().replace("</table:table>", f"{condition}</table:table>")
    data = containers.rewritten(data, {"content.xml": content.encode()})
    assert unseen(outline(data, "ods")) == [("A1", WHITE), ("A2", "")]


@pytest.mark.parametrize(
    "look,why",
    [
        ("", ""),
        ("font: colour white", WHITE),
        ("font: colour white; pattern: pattern solid, fore_colour white", WHITE),
        ("font: colour white; pattern: pattern solid, fore_colour dark_blue", ""),
        ("font: height 20", TINY),
    ],
)
def test_white_and_tiny_words_of_an_xls_are_marked(look: str, why: str) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("F")
    sheet.write(0, 0, "mot", xlwt.easyxf(look))
    buffer = io.BytesIO()
    book.save(buffer)
    view = outline(buffer.getvalue(), "xls")
    assert unseen(view) == [("mot", why)]
    assert (UNSEEN_IN_CELLS in view.notes) is bool(why)


def test_white_words_of_an_xls_that_a_condition_may_colour_are_seen() -> None:
    book = xlwt.Workbook()
    for name in ("F", "G"):
        sheet = book.add_sheet(name)
        for row in range(3):
            sheet.write(row, 0, f"{name}{row}", xlwt.easyxf("font: colour white"))
    area = struct.pack("<4H", 1, 1, 0, 0)  # the second row
    of_97 = struct.pack("<HH", 1, 0) + area + struct.pack("<H", 1) + area
    of_2007 = bytes(12) + struct.pack("<HH", 1, 0) + area + struct.pack("<H", 1) + struct.pack("<4H", 2, 2, 0, 9)
    conditions = b"".join(
        struct.pack("<HH", kind, len(data)) + data for kind, data in ((0x1B0, of_97), (0x879, of_2007))
    )
    stream = book.get_biff_data()
    buffer = io.BytesIO()
    XlsDoc().save(buffer, stream[:-4] + conditions + stream[-4:])  # before the end of the last sheet
    white = [("F0", WHITE), ("F1", WHITE), ("F2", WHITE)]
    assert unseen(outline(buffer.getvalue(), "xls")) == [*white, ("G0", WHITE), ("G1", ""), ("G2", "")]
