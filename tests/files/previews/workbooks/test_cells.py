"""Each cell of a workbook reads as a French spreadsheet shows it."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta

import openpyxl
from openpyxl.worksheet.formula import ArrayFormula

from tests.files.previews.drawn import outline
from tests.files.previews.tables import cells_of, texts_of
from tests.files.previews.workbooks.books import first_sheet, view_of
from tests.support import containers


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
    assert [text.replace("\u00a0", " ") for (text,) in texts_of(first_sheet(book))] == [
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
    assert first_sheet(book)["formulas"] == [["A1", "{=B1:B2*2}", "valeur non enregistrée"]]


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
    sheet = first_sheet(book)
    assert len(sheet["formulas"]) == 200 and sheet["more_formulas"]


def test_merged_cells_are_one_cell() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "Sinistres 2026"
    book.active["A2"], book.active["B2"], book.active["C2"] = "Auto", 3, 4
    book.active["A3"], book.active["B3"] = None, 5
    book.active["C3"] = 6
    book.active.merge_cells("A1:C1")
    book.active.merge_cells("A2:A3")
    sheet = first_sheet(book)
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
    view = view_of(book)
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
    assert first_sheet(book)["notes"] == ["1 cellule a une valeur que son format n'affiche pas."]


def test_a_colour_of_a_format_is_kept() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = -5
    book.active["A1"].number_format = "0;[Red]0"
    assert cells_of(first_sheet(book), 0) == [("5", {"kind": "number", "colour": "red"})]
