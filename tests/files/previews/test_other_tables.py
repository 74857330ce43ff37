"""OpenDocument, Excel 97-2003 and CSV as tables, like an .xlsx (`test_workbooks.py`)."""

from __future__ import annotations

import io
import struct
from datetime import date

import pytest
import xlwt
from odf import style as odf_style
from odf import table as odf
from odf.dc import Creator
from odf.office import Annotation
from odf.opendocument import OpenDocumentSpreadsheet
from odf.text import P
from xlwt.CompoundDoc import XlsDoc

from portfolio.files.previews.preview_spec import Preview
from portfolio.files.previews.renderers.workbooks.excel97.workbook import CHART_SHEET, NO_VALUE
from tests.files.previews.drawn import outline
from tests.files.previews.tables import cells_of, texts_of
from tests.support import containers

# --- .ods -----------------------------------------------------------------------------------------


def _saved(document: OpenDocumentSpreadsheet) -> Preview:
    buffer = io.BytesIO()
    document.save(buffer)
    return outline(buffer.getvalue(), "ods")


def _row(*cells: odf.TableCell, **attributes: object) -> object:
    row = odf.TableRow(**attributes)
    for cell in cells:
        row.addElement(cell)
    return row


def _cell(text: str | None = None, **attributes: object) -> object:
    cell = odf.TableCell(**attributes)
    for line in (text or "").split("\n") if text else []:
        cell.addElement(P(text=line))
    return cell


def test_a_cell_of_opendocument_shows_its_own_display_text() -> None:
    document = OpenDocumentSpreadsheet()
    sheet = odf.Table(name="Primes")
    sheet.addElement(odf.TableColumn(numbercolumnsrepeated=2))
    sheet.addElement(odf.TableColumn(visibility="collapse"))
    sheet.addElement(
        _row(
            _cell("12,50 %", valuetype="percentage", value="0.125"),
            _cell("1 234,50 €", valuetype="currency", currency="EUR", value="1234.5"),
            _cell("Zoé\nMartin", valuetype="string"),
        )
    )
    sheet.addElement(_row(_cell(numbercolumnsrepeated=16384), numberrowsrepeated=4))
    sheet.addElement(_row(_cell("x", valuetype="string", numbercolumnsrepeated=2), visibility="collapse"))
    sheet.addElement(_row(_cell("Titre", numbercolumnsspanned=2, numberrowsspanned=1), odf.CoveredTableCell()))
    sheet.addElement(_row(_cell(numbercolumnsrepeated=16384), numberrowsrepeated=1048569))
    document.spreadsheet.addElement(sheet)
    view = _saved(document)
    (first,) = view.sheets
    assert texts_of(first) == [
        ["12,50 %", "1 234,50 €", "Zoé\nMartin"],
        *[["", "", ""]] * 4,
        ["x", "x", ""],
        ["Titre", ""],
    ]
    assert [row["name"] for row in first["rows"] if row["hidden"]] == ["6"]
    assert [column["name"] for column in first["columns"] if column["hidden"]] == ["C"]


def test_a_cell_of_opendocument_without_display_text_shows_its_value() -> None:
    document = OpenDocumentSpreadsheet()
    sheet = odf.Table(name="Valeurs")
    sheet.addElement(
        _row(
            _cell(valuetype="percentage", value="0.125"),
            _cell(valuetype="currency", currency="EUR", value="1234.5"),
            _cell(valuetype="date", datevalue="2026-11-30"),
            _cell(valuetype="date", datevalue="2026-11-30T08:30:00"),
            _cell(valuetype="time", timevalue="PT30H15M00S"),
            _cell(valuetype="boolean", booleanvalue="true"),
            _cell(valuetype="float", value="12345678901234"),
            _cell(formula="of:=SUM([.A1:.B1];0.5)"),
        )
    )
    document.spreadsheet.addElement(sheet)
    (first,) = _saved(document).sheets
    assert [text.replace("\u00a0", " ") for text in texts_of(first)[0]] == [
        "12,50 %",
        "1 234,50 €",
        "30/11/2026",
        "30/11/2026 08:30",
        "30:15:00",
        "VRAI",
        "12345678901234",
        "valeur non enregistrée",
    ]
    assert first["formulas"] == [["H1", "=SOMME(A1:B1;0,5)", "valeur non enregistrée"]]


def test_a_hidden_sheet_of_opendocument_is_marked() -> None:
    document = OpenDocumentSpreadsheet()
    masked = odf_style.Style(name="ta2", family="table")
    masked.addElement(odf_style.TableProperties(display="false"))
    document.automaticstyles.addElement(masked)
    for name, attributes in (("Suivi", {}), ("Listes", {"stylename": masked})):
        sheet = odf.Table(name=name, **attributes)
        sheet.addElement(_row(_cell("a")))
        document.spreadsheet.addElement(sheet)
    view = _saved(document)
    assert [(sheet["name"], sheet["hidden"]) for sheet in view.sheets] == [("Suivi", False), ("Listes", True)]


def test_an_annotation_of_opendocument_stands_with_its_cell_and_is_no_word_of_it() -> None:
    document, note = OpenDocumentSpreadsheet(), Annotation()
    note.addElement(Creator(text="Marie Curie"))
    for line in ("À vérifier", "avec l'agence."):
        note.addElement(P(text=line))
    cell = _cell("mot", valuetype="string")
    cell.addElement(note)
    sheet = odf.Table(name="A")
    sheet.addElement(_row(cell))
    document.spreadsheet.addElement(sheet)
    (view,) = _saved(document).sheets
    assert texts_of(view) == [["mot"]]
    assert view["comments"] == [["A1", "mot", "Marie Curie", "À vérifier\navec l'agence."]]


def test_a_million_repeated_cells_of_opendocument_are_shown_in_part() -> None:
    document = OpenDocumentSpreadsheet()
    sheet = odf.Table(name="Plein")
    sheet.addElement(_row(_cell("x", numbercolumnsrepeated=16384), numberrowsrepeated=1048576))
    document.spreadsheet.addElement(sheet)
    (first,) = _saved(document).sheets
    assert 0 < len(first["rows"]) <= 2000 and "jusqu'à la ligne 1048576" in first["notes"][0]


# --- .xls -----------------------------------------------------------------------------------------


def test_a_workbook_of_excel_97_is_displayed_alike() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Contrats")
    for row, (value, code) in enumerate(
        [
            (12345678901234, "General"),
            (0.125, "0.00%"),
            (1234.5, '#,##0.00\\ "€"'),
            (612345678, '0#" "##" "##" "##" "##'),
            (date(2027, 3, 2), "DD/MM/YYYY"),
            (1.2604166666666667, "[h]:mm:ss"),
            ("Zoé", "General"),
            (True, "General"),
        ]
    ):
        sheet.write(row, 0, value, xlwt.easyxf(num_format_str=code))
    sheet.write_merge(9, 9, 0, 2, "Total")
    sheet.write(9, 3, "fin")
    sheet.row(6).hidden = True
    book.add_sheet("Listes").visibility = 1
    buffer = io.BytesIO()
    book.save(buffer)
    view = outline(buffer.getvalue(), "xls")
    first = view.sheets[0]
    assert [row[0].replace("\u00a0", " ") for row in texts_of(first)] == [
        "12345678901234",
        "12,50 %",
        "1 234,50 €",
        "06 12 34 56 78",
        "02/03/2027",
        "30:15:00",
        "Zoé",
        "VRAI",
        "",
        "Total",
    ]
    assert cells_of(first, 9) == [("Total", {"across": 3, "down": 1}), ("fin", {})]
    assert [row["name"] for row in first["rows"] if row["hidden"]] == ["7"]
    assert [sheet["hidden"] for sheet in view.sheets] == [False, True]


def test_a_sheet_of_excel_97_without_values_is_not_called_empty() -> None:
    book = xlwt.Workbook()
    book.add_sheet("Données").write(0, 0, "mot")
    for name in ("L'an 2026", "Images"):
        book.add_sheet(name)
    buffer = io.BytesIO()
    book.save(buffer)
    data, at = bytearray(buffer.getvalue()), 0
    for _ in range(2):
        at = data.index(b"\x85\0", at + 1)  # the record of a sheet, of which the second becomes a chart
    assert data[at + 12 : at + 21] == b"L'an 2026"
    data[at + 9] = 2
    sheets = outline(bytes(data), "xls").sheets
    assert [(sheet["name"], sheet["objects"]) for sheet in sheets] == [
        ("Données", []),
        ("Images", [NO_VALUE]),
        ("L'an 2026", [CHART_SHEET]),
    ]


def drawn_box(words: str, kind: int, corners: tuple[int, int, int, int], *, wide: bool) -> bytes:
    """The records of a shape of Excel 97 with words. kind: 6, a text box; 0x19, the box of a comment; 0x1E, another
    shape. corners: column and row of the first cell and of the last, from 0. wide: words stored in two bytes.
    """
    left, top, right, bottom = corners
    place = struct.pack("<9H", 0, left, 0, top, 0, right, 0, bottom, 0)
    anchor = struct.pack("<HHI", 0, 0xF010, len(place)) + place
    head = struct.pack("<HHHHH", 0x15, 18, kind, 1, 0x6011) + bytes(12)
    text = b"\1" + words.encode("utf-16-le") if wide else b"\0" + words.encode("latin-1")
    about_text = struct.pack("<HH6xHHI", 0x212, 0, len(words), 16, 0)
    runs = struct.pack("<HHIHHI", 0, 0, 0, len(words), 0, 0)
    records = ((0xEC, anchor), (0x5D, head + bytes(4)), (0xEC, b""), (0x1B6, about_text), (0x3C, text), (0x3C, runs))
    return b"".join(struct.pack("<HH", number, len(data)) + data for number, data in records)


def workbook_with_boxes() -> bytes:
    """A workbook of Excel 97 with a text box, another shape and a comment on its second sheet."""
    book = xlwt.Workbook()
    book.add_sheet("Suivi").write(0, 0, "mot")
    book.add_sheet("Notes")
    stream = book.get_biff_data()
    boxes = [
        drawn_box("Hors taxes\npar an", 6, (1, 2, 3, 7), wide=False),
        drawn_box("Écart > 10 € — à revoir", 0x1E, (0, 0, 0, 0), wide=True),
        drawn_box("d'un commentaire", 0x19, (0, 0, 1, 1), wide=False),
    ]
    stream = stream[:-4] + b"".join(boxes) + stream[-4:]  # before the end of the last sheet
    buffer = io.BytesIO()
    XlsDoc().save(buffer, stream)
    return buffer.getvalue()


def test_words_of_text_boxes_of_excel_97_are_said_with_their_place() -> None:
    first, second = outline(workbook_with_boxes(), "xls").sheets
    assert (texts_of(first), first["objects"]) == ([["mot"]], [])
    assert second["objects"] == [
        "Texte dans une forme, en B3:D8 : « Hors taxes\npar an ».",
        "Texte dans une forme, en A1:A1 : « Écart > 10 € — à revoir ».",
    ]


# --- .csv -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [";", ",", "\t", "|"])
def test_a_csv_is_a_table_whatever_separates_it(sign: str) -> None:
    view = outline(f'Nom{sign}Prime\n"Dupont{sign} Zoé"{sign}412\n'.encode("cp1252"), "csv")
    assert texts_of(view.sheets[0]) == [["Nom", "Prime"], [f"Dupont{sign} Zoé", "412"]]
    assert not view.sheets[0]["notes"]


@pytest.mark.parametrize(
    "text,rows",
    [
        ("Client;Prime\nDupont, Jean;120,50\nMartin, Léa;98,20\n", [["Client", "Prime"], ["Dupont, Jean", "120,50"]]),
        ("a,1;b,1\nc,2;d,2\n", [["a,1", "b,1"], ["c,2", "d,2"]]),
        ("a\t1,5\t2,5\nb\t2,5\t3,5\n", [["a", "1,5", "2,5"], ["b", "2,5", "3,5"]]),
        ("Suivi des sinistres\nn°;date\n1;3/3\n", [["Suivi des sinistres", ""], ["n°", "date"]]),
        ("sep=,\na,b;c\nd,e\n", [["a", "b;c"], ["d", "e"]]),
        ("un mot\nun autre\n", [["un mot"], ["un autre"]]),
        ('"saut\nde ligne";2\n"b";3\n', [["saut\nde ligne", "2"], ["b", "3"]]),
    ],
)
def test_the_separator_is_the_one_that_gives_equal_rows(text: str, rows: list[list[str]]) -> None:
    assert texts_of(outline(text.encode(), "csv").sheets[0])[:2] == rows


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso8859-15", "mac-roman"]
)
def test_a_csv_of_any_usual_encoding_is_read(encoding: str) -> None:
    text = "Prénom;Échéance\nZoé;février\nFrançois;août\nAnaïs;décembre\n"
    assert texts_of(outline(text.encode(encoding), "csv").sheets[0])[1:] == [
        ["Zoé", "février"],
        ["François", "août"],
        ["Anaïs", "décembre"],
    ]


def test_a_field_of_any_length_is_read() -> None:
    view = outline(("a;" + "x" * 300_000 + "\nb;2\n").encode(), "csv")
    assert [len(text) for text in texts_of(view.sheets[0])[0]] == [1, 2001]
    assert texts_of(view.sheets[0])[1] == ["b", "2"]


def test_a_long_csv_says_that_more_follows() -> None:
    view = outline(b"a;b\n" * 5000, "csv")
    assert len(view.sheets[0]["rows"]) == 2000 and "Téléchargez" in view.sheets[0]["notes"][0]


def test_what_stands_on_an_opendocument_sheet_is_named_whatever_the_prefixes() -> None:
    names = "urn:oasis:names:tc:opendocument:xmlns:"
    spaces = " ".join(
        f'xmlns:{prefix}="{names}{name}:1.0"'
        for prefix, name in (("o", "office"), ("x", "text"), ("t", "table"), ("d", "drawing"), ("c", "chart"))
    )
    chart = (
        f'<o:document-content {spaces}><o:body><o:chart><c:chart c:class="chart:bar">'
        "<c:title><x:p>Ventes</x:p></c:title></c:chart></o:chart></o:body></o:document-content>"
    )
    cell = (
        "<t:table-cell><x:p>mot</x:p><d:frame><d:image/></d:frame>"
        '<d:frame t:end-cell-address="A.C9"><d:object h:href="./Object 1"/></d:frame>'
        "<d:frame><d:text-box><x:p>Hors taxes</x:p><x:p>par an</x:p></d:text-box></d:frame>"
        "<d:g><d:rect><x:p>Voir l'avenant</x:p></d:rect></d:g></t:table-cell>"
    )
    content = (
        f'<o:document-content {spaces} xmlns:h="http://www.w3.org/1999/xlink"><o:body><o:spreadsheet>'
        f'<t:table t:name="A"><t:table-row>{cell}</t:table-row></t:table></o:spreadsheet></o:body></o:document-content>'
    )
    (sheet,) = outline(containers.zipped({"content.xml": content, "Object 1/content.xml": chart}), "ods").sheets
    assert sheet["objects"] == [
        "Image, en A1.",
        "Graphique en barres « Ventes », en A1:C9.",
        "Texte dans une forme, en A1 : « Hors taxes\npar an ».",
        "Texte dans une forme, en A1 : « Voir l'avenant ».",
    ]
    assert texts_of(sheet) == [["mot"]]
