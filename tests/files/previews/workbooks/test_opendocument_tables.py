"""An OpenDocument sheet shows the text that its own program displays."""

from __future__ import annotations

import io

from odf import style as odf_style
from odf import table as odf
from odf.dc import Creator
from odf.office import Annotation
from odf.opendocument import OpenDocumentSpreadsheet
from odf.text import P

from portfolio.files.previews.preview_spec import Preview
from tests.files.previews.drawn import outline
from tests.files.previews.tables import texts_of
from tests.support import containers


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
