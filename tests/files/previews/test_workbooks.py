"""Workbooks as tables: each cell as a French spreadsheet displays it, and what stands beside or behind the cells."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from zipfile import ZipFile

import openpyxl
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.worksheet.formula import ArrayFormula

from portfolio.files.previews.preview_spec import Preview, SheetView
from tests.files.previews.drawn import outline
from tests.files.previews.tables import cells_of, texts_of
from tests.support import containers
from tests.support import specimens as made
from tests.support.containers import zipped


def _view(book: openpyxl.Workbook) -> Preview:
    buffer = io.BytesIO()
    book.save(buffer)
    return outline(buffer.getvalue(), "xlsx")


def _first(book: openpyxl.Workbook) -> SheetView:
    return _view(book).sheets[0]


# --- .xlsx ----------------------------------------------------------------------------------------


def test_cells_are_displayed_as_a_french_spreadsheet_does() -> None:
    book = openpyxl.Workbook()
    for row, (value, code) in enumerate(
        [
            (12345678901234, "General"),
            (190017512345655, "0"),
            (0.125, "0.00%"),
            (1234.5, '#,##0.00\\ "€"'),
            (612345678, '0#" "##" "##" "##" "##'),
            (date(2027, 3, 2), "mm-dd-yy"),
            (datetime.fromisoformat("2027-03-02T14:05"), "d mmmm yyyy hh:mm"),
            (time(8, 5), "h:mm"),
            (timedelta(hours=30, minutes=15), "[h]:mm:ss"),
            (True, "General"),
            ("Zoé\nMartin", "General"),
        ],
        1,
    ):
        book.active.cell(row, 1, value).number_format = code
    assert [text.replace("\u00a0", " ") for (text,) in texts_of(_first(book))] == [
        "12345678901234",
        "190017512345655",
        "12,50 %",
        "1 234,50 €",
        "06 12 34 56 78",
        "02/03/2027",
        "2 mars 2027 14:05",
        "08:05",
        "30:15:00",
        "VRAI",
        "Zoé\nMartin",
    ]


def _with_cells(cells: bytes) -> bytes:
    """A workbook whose only sheet has these cells, as a program stored them."""
    buffer = io.BytesIO()
    openpyxl.Workbook().save(buffer)
    sheet = (
        b'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        + cells.replace(b"<", b"<x:").replace(b"<x:/", b"</x:")
        + b"</x:sheetData></x:worksheet>"
    )
    return containers.rewritten(buffer.getvalue(), {"xl/worksheets/sheet1.xml": sheet})


def test_errors_are_shown_in_french_and_a_formula_that_was_never_computed_says_so() -> None:
    stored = _with_cells(
        b'<row r="1"><c t="e"><f>1/0</f><v>#DIV/0!</v></c><c t="e"><v>#VALUE!</v></c><c t="e"><v>#NAME?</v></c>'
        b'<c><f>B5*2</f></c><c><f>B5</f><v></v></c><c t="str"><f>A9&amp;""</f><v></v></c><c t="b"><v>0</v></c></row>'
    )
    cells = cells_of(outline(stored, "xlsx").sheets[0], 0)
    assert [text for text, _ in cells] == [
        "#DIV/0!",
        "#VALEUR!",
        "#NOM?",
        "valeur non enregistrée",
        "valeur non enregistrée",
        "",
        "FAUX",
    ]
    assert [look.get("kind") for _, look in cells] == ["error"] * 3 + ["missing"] * 2 + [None] * 2


def test_formulas_stand_beside_the_values_in_french() -> None:
    stored = _with_cells(
        b'<row r="1"><c><f>SUM(B1:B9,0.5)</f><v>7.5</v></c></row>'
        b'<row r="2"><c><f t="shared" ref="A2:A3" si="0">IF(B2&gt;=10,"oui, admis",VLOOKUP(C2,$E$1:F9,2,FALSE))</f>'
        b'<v>1</v></c></row><row r="3"><c><f t="shared" si="0"/><v>2</v></c></row>'
        b"<row r=\"4\"><c><f>_xlfn.XLOOKUP(A1,'L,1'!A:A,{1,2;3,4})</f><v>3</v></c></row>"
    )
    assert outline(stored, "xlsx").sheets[0]["formulas"] == [
        ["A1", "=SOMME(B1:B9;0,5)", "7,5"],
        ["A2", '=SI(B2>=10;"oui, admis";RECHERCHEV(C2;$E$1:F9;2;FAUX))', "1"],
        ["A3", '=SI(B3>=10;"oui, admis";RECHERCHEV(C3;$E$1:F10;2;FAUX))', "2"],
        ["A4", "=RECHERCHEX(A1;'L,1'!A:A;{1.2;3.4})", "3"],
    ]


def test_a_formula_over_several_cells_is_in_braces() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = ArrayFormula("A1:A2", "=B1:B2*2")
    assert _first(book)["formulas"] == [["A1", "{=B1:B2*2}", "valeur non enregistrée"]]


def test_a_formula_that_spills_is_shown_as_it_was_typed() -> None:
    """As Excel stores those of since 2020: as arrays, under names that older programs do not know."""
    stored = _with_cells(
        b'<row r="1"><c cm="1"><f t="array" ref="A1:A3">_xlfn._xlws.SORT(B1:B3,,-1)</f><v>4</v></c></row>'
        b'<row r="2"><c><f>_xlfn.LAMBDA(_xlpm.prime,_xlpm.prime*1.2)(B1)</f><v>1</v></c></row>'
        b'<row r="3"><c><f>SUM(_xlfn.ANCHORARRAY(A1))+_xlfn.SINGLE(B1:B3)</f><v>1</v></c></row>'
        b'<row r="4"><c><f>_xlfn.BYROW(B1:C3,_xleta.SUM)</f><v>1</v></c></row>'
        b'<row r="5"><c><f>T[[#This Row],[Prime]]+T[[#This Row],[Taux net]]*T[[#Totals],[Prime]]</f><v>1</v></c></row>'
    )
    assert [formula for _, formula, _ in outline(stored, "xlsx").sheets[0]["formulas"]] == [
        "=TRIER(B1:B3;;-1)",
        "=LAMBDA(prime;prime*1,2)(B1)",
        "=SOMME(A1#)+@B1:B3",
        "=BYROW(B1:C3;SOMME)",
        "=T[@Prime]+T[@[Taux net]]*T[[#Totaux];[Prime]]",
    ]


def test_many_formulas_are_shown_in_part_and_it_says_so() -> None:
    book = openpyxl.Workbook()
    for row in range(1, 302):
        book.active.cell(row, 1, f"=B{row}")
    sheet = _first(book)
    assert len(sheet["formulas"]) == 200 and sheet["more_formulas"]


def test_merged_cells_are_one_cell() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "Sinistres 2026"
    book.active["A2"], book.active["B2"], book.active["C2"] = "Auto", 3, 4
    book.active["A3"], book.active["B3"] = None, 5
    book.active["C3"] = 6
    book.active.merge_cells("A1:C1")
    book.active.merge_cells("A2:A3")
    sheet = _first(book)
    assert cells_of(sheet, 0) == [("Sinistres 2026", {"across": 3, "down": 1})]
    assert cells_of(sheet, 1)[0] == ("Auto", {"across": 1, "down": 2})
    assert texts_of(sheet)[2] == ["5", "6"]


def test_hidden_rows_columns_and_sheets_are_shown_and_marked() -> None:
    book = openpyxl.Workbook()
    book.active.title = "Contrats"
    for row in range(1, 5):
        book.active.append([f"{column}{row}" for column in "ABC"])
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["B"].hidden = True
    book.create_sheet("clients").sheet_state = "hidden"
    book.create_sheet("brouillon").sheet_state = "veryHidden"
    view = _view(book)
    first = view.sheets[0]
    assert [row["name"] for row in first["rows"] if row["hidden"]] == ["3"]
    assert [column["name"] for column in first["columns"] if column["hidden"]] == ["B"]
    assert [(sheet["name"], sheet["hidden"]) for sheet in view.sheets] == [
        ("Contrats", False),
        ("clients", True),
        ("brouillon", True),
    ]
    assert any("clients, brouillon" in note for note in view.notes)


def test_a_value_that_its_format_hides_is_mentioned() -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"] = "Total", 12
    book.active["B1"].number_format = ";;;"
    assert _first(book)["notes"] == ["1 cellule a une valeur que son format n'affiche pas."]


def test_a_colour_of_a_format_is_kept() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = -5
    book.active["A1"].number_format = "0;[Red]0"
    assert cells_of(_first(book), 0) == [("5", {"kind": "number", "colour": "red"})]


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
    sheet = _first(book)
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
    sheet = _first(book)
    assert (len(sheet["comments"]), sheet["more_comments"]) == (200, True)


def test_long_empty_stretches_are_one_line() -> None:
    book = openpyxl.Workbook()
    for place in ("A1", "B1", "A3", "Z40", "A5000"):
        book.active[place] = place
    sheet = _first(book)
    assert [row["name"] for row in sheet["rows"]] == ["1", "2", "3", "4 à 39", "40", "41 à 4999", "5000"]
    assert [column["name"] for column in sheet["columns"]] == ["A", "B", "C à Y", "Z"]
    assert sheet["notes"] == ["Loin sous les autres valeurs, cette feuille en a encore : A5000."]


def test_a_long_sheet_says_how_far_it_goes_and_keeps_what_is_behind_its_cells() -> None:
    book = openpyxl.Workbook()
    for row in range(5000):
        book.active.append([row, row])
    book.active.merge_cells("A1:B1")
    sheet = _first(book)
    assert len(sheet["rows"]) == 2000
    assert sheet["notes"] == [
        "De cette feuille, les 2\u00a0000 premières lignes remplies sont montrées : "
        "la feuille va jusqu'à la ligne 5000. Téléchargez le fichier pour voir la suite."
    ]
    assert cells_of(sheet, 0) == [("0", {"kind": "number", "across": 2, "down": 1})]


def test_a_wide_sheet_says_how_far_it_goes() -> None:
    book = openpyxl.Workbook()
    book.active.append(list(range(100)))
    sheet = _first(book)
    assert len(sheet["columns"]) == 60
    assert "jusqu'à la colonne CV" in sheet["notes"][0]


def test_the_room_of_hidden_sheets_is_what_the_others_leave() -> None:
    book = openpyxl.Workbook()
    book.active.title = "listes"
    for sheet in (book.active, book.create_sheet("Suivi")):
        for row in range(800):
            sheet.append([f"{sheet.title} {row}"] * 10)
    book["listes"].sheet_state = "hidden"
    hidden, open_to_all = _view(book).sheets
    assert (hidden["name"], len(hidden["rows"])) == ("listes", 400) and "va jusqu'à la ligne 800" in hidden["notes"][0]
    assert (len(open_to_all["rows"]), open_to_all["notes"]) == (800, [])


def test_a_long_text_is_cut_and_says_so() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "mot " * 1000
    sheet = _first(book)
    assert len(texts_of(sheet)[0][0]) == 2001 and sheet["notes"] == [
        "Les textes de plus de 2\u00a0000 signes sont coupés."
    ]


def test_twenty_sheets_are_all_of_them_and_one_more_says_so() -> None:
    book = openpyxl.Workbook()
    for number in range(2, 21):
        book.create_sheet(f"Feuille {number}")
    whole = _view(book)
    assert len(whole.sheets) == 20
    assert not [note for note in whole.notes if "premières feuilles" in note]
    book.create_sheet("Feuille 21")
    cut = _view(book)
    assert len(cut.sheets) == 20
    assert [note for note in cut.notes if "Seules les 20 premières feuilles" in note]
