"""Charts, drawings and comments of a sheet are named, with their place."""

from __future__ import annotations

import io
from zipfile import ZipFile

import openpyxl
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment

from tests.files.previews.drawn import outline
from tests.files.previews.workbooks.books import first_sheet
from tests.support import containers
from tests.support import specimens as made
from tests.support.containers import zipped


def test_a_chart_a_picture_and_a_pivot_table_are_named_with_place_and_source() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Ventes"
    for row in (["Produit", "Primes"], ["Auto", 10], ["Santé", 25]):
        sheet.append(row)
    chart = BarChart()
    chart.title = "Primes par produit"
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=3))
    sheet.add_chart(chart, "D3")
    buffer = io.BytesIO()
    book.save(buffer)
    relations = containers.read_part(buffer.getvalue(), "xl/worksheets/_rels/sheet1.xml.rels")
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    more = b'<Relationship Id="p1" Type="%spivotTable" Target="../pivotTables/p1.xml"/></Relationships>' % kind
    cache = b'<Relationships><Relationship Id="c" Type="%spivotCacheDefinition" Target="/xl/c1.xml"/></Relationships>'
    data = containers.rewritten(
        buffer.getvalue(),
        {
            "xl/worksheets/_rels/sheet1.xml.rels": relations.replace(b"</Relationships>", more),
            "xl/pivotTables/p1.xml": (
                b'<pivotTableDefinition name="Synthese"><location ref="H1:J9"/></pivotTableDefinition>'
            ),
            "xl/pivotTables/_rels/p1.xml.rels": cache % kind,
            "xl/c1.xml": b'<c><worksheetSource ref="A1:B3" sheet="Ventes"/></c>',
        },
    )
    assert outline(data, "xlsx").sheets[0]["objects"] == [
        "Graphique en barres « Primes par produit », en D3, à partir de Ventes!B1, Ventes!A2:A3, Ventes!B2:B3.",
        "Tableau croisé dynamique « Synthese », en H1:J9, à partir de Ventes!A1:B3.",
    ]


def test_words_of_shapes_and_diagrams_on_a_sheet_are_said_once() -> None:
    """Newer programs write a shape a second time, for those that know less."""
    spaces = (
        'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    )
    words = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in ("Prime hors ", "Voir l'avenant"))
    words = words.replace("hors ", "hors </a:t></a:r><a:r><a:t>taxes", 1)
    shape = f"<xdr:sp><xdr:txBody>{words}</xdr:txBody></xdr:sp>"
    both = (
        f"<mc:AlternateContent><mc:Choice>{shape}</mc:Choice><mc:Fallback>{shape}</mc:Fallback></mc:AlternateContent>"
    )
    corner = "<xdr:from><xdr:col>1</xdr:col><xdr:row>1</xdr:row></xdr:from>"
    diagram = '<dgm:relIds xmlns:dgm="urn:d" xmlns:r="urn:r" r:dm="r1" r:lo="r2"/>'
    objects = (shape, both, "<xdr:sp/>", diagram)
    anchors = "".join(f"<xdr:oneCellAnchor>{corner}{one}</xdr:oneCellAnchor>" for one in objects)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    parts = {
        "xl/worksheets/_rels/sheet1.xml.rels": (
            f'<Relationships><Relationship Id="d" Type="{kind}drawing" Target="../drawings/d.xml"/></Relationships>'
        ),
        "xl/drawings/_rels/d.xml.rels": (
            f'<Relationships><Relationship Id="r1" Type="{kind}diagramData" Target="../d1.xml"/></Relationships>'
        ),
        "xl/d1.xml": f'<dgm:dataModel xmlns:dgm="urn:d" {spaces}>{words}</dgm:dataModel>',
        "xl/drawings/d.xml": f"<xdr:wsDr {spaces}>{anchors}</xdr:wsDr>",
    }
    data = containers.rewritten(made.workbook(), {name: part.encode() for name, part in parts.items()})
    sentence = "Texte dans une forme, en B2 : « Prime hors taxes\nVoir l'avenant »."
    assert outline(data, "xlsx").sheets[0]["objects"] == [
        sentence,
        sentence,
        "Diagramme, en B2 : « Prime hors taxes\nVoir l'avenant ».",
    ]


def test_comments_stand_with_their_cells_and_their_authors() -> None:
    book = openpyxl.Workbook()
    book.active["B2"] = 0.125
    book.active["B2"].number_format = "0.00%"
    book.active["B2"].comment = Comment("À vérifier\navec l'agence.", "Marie Curie")
    book.active["A9"].comment = Comment("Cellule vide", "Jean")
    sheet = first_sheet(book)
    assert [words.replace("\u00a0", " ") for words in sheet["comments"][0]] == [
        "B2",
        "12,50 %",
        "Marie Curie",
        "À vérifier\navec l'agence.",
    ]
    assert sheet["comments"][1:] == [["A9", "", "Jean", "Cellule vide"]]
    assert not sheet["more_comments"]


def test_a_thread_is_told_by_its_messages_and_not_by_the_copy_for_older_programs() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "mot"
    book.active["A1"].comment = Comment("[Threaded comment]\nYour version of Excel allows you to read…", "tc={T}")
    book.active["A2"].comment = Comment("ancien", "Jean")
    buffer = io.BytesIO()
    book.save(buffer)
    kinds = "http://schemas.microsoft.com/office/2017/10/relationships"
    messages = "".join(
        f'<threadedComment ref="A1" personId="{person}" id="{person}"><text>{text}</text></threadedComment>'
        for person, text in (("{M}", "Quel taux ?"), ("{J}", "12 %"))
    )
    people = '<person displayName="Marie" id="{M}"/><person displayName="Jean" id="{J}"/>'
    changed = {
        "xl/threadedComments/threadedComment1.xml": f"<ThreadedComments>{messages}</ThreadedComments>",
        "xl/persons/person.xml": f"<personList>{people}</personList>",
        "xl/worksheets/_rels/sheet1.xml.rels": f'<Relationship Id="t" Type="{kinds}/threadedComment" '
        'Target="/xl/threadedComments/threadedComment1.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationship Id="p" Type="{kinds}/person" Target="persons/person.xml"/>'
        "</Relationships>",
    }
    with ZipFile(buffer) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    whole = parts | {
        name: parts[name].replace("</Relationships>", text) if name in parts else text for name, text in changed.items()
    }
    (sheet,) = outline(zipped(whole), "xlsx").sheets
    assert sheet["comments"] == [
        ["A1", "mot", "Marie", "Quel taux ?"],
        ["A1", "mot", "Jean", "12 %"],
        ["A2", "", "Jean", "ancien"],
    ]


def test_many_comments_are_shown_in_part_and_it_says_so() -> None:
    book = openpyxl.Workbook()
    for row in range(1, 203):
        book.active.cell(row, 1).comment = Comment(f"n° {row}", "Jean")
    sheet = first_sheet(book)
    assert (len(sheet["comments"]), sheet["more_comments"]) == (200, True)
