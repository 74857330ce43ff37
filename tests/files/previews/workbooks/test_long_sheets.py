"""A sheet that is too long or too wide says how far it is shown."""

from __future__ import annotations

import openpyxl

from tests.files.previews.tables import cells_of, texts_of
from tests.files.previews.workbooks.books import first_sheet, view_of


def test_long_empty_stretches_are_one_line() -> None:
    book = openpyxl.Workbook()
    for place in ("A1", "B1", "A3", "Z40", "A5000"):
        book.active[place] = place
    sheet = first_sheet(book)
    assert [row["name"] for row in sheet["rows"]] == ["1", "2", "3", "4 à 39", "40", "41 à 4999", "5000"]
    assert [column["name"] for column in sheet["columns"]] == ["A", "B", "C à Y", "Z"]
    assert sheet["notes"] == ["Loin sous les autres valeurs, cette feuille en a encore : A5000."]


def test_a_long_sheet_says_how_far_it_goes_and_keeps_what_is_behind_its_cells() -> None:
    book = openpyxl.Workbook()
    for row in range(5000):
        book.active.append([row, row])
    book.active.merge_cells("A1:B1")
    sheet = first_sheet(book)
    assert len(sheet["rows"]) == 2000
    assert sheet["notes"] == [
        "De cette feuille, les 2\u00a0000 premières lignes remplies sont montrées : "
        "la feuille va jusqu'à la ligne 5000. Téléchargez le fichier pour voir la suite."
    ]
    assert cells_of(sheet, 0) == [("0", {"kind": "number", "across": 2, "down": 1})]


def test_a_wide_sheet_says_how_far_it_goes() -> None:
    book = openpyxl.Workbook()
    book.active.append(list(range(100)))
    sheet = first_sheet(book)
    assert len(sheet["columns"]) == 60
    assert "jusqu'à la colonne CV" in sheet["notes"][0]


def test_the_room_of_hidden_sheets_is_what_the_others_leave() -> None:
    book = openpyxl.Workbook()
    book.active.title = "listes"
    for sheet in (book.active, book.create_sheet("Suivi")):
        for row in range(800):
            sheet.append([f"{sheet.title} {row}"] * 10)
    book["listes"].sheet_state = "hidden"
    hidden, open_to_all = view_of(book).sheets
    assert (hidden["name"], len(hidden["rows"])) == ("listes", 400) and "va jusqu'à la ligne 800" in hidden["notes"][0]
    assert (len(open_to_all["rows"]), open_to_all["notes"]) == (800, [])


def test_a_long_text_is_cut_and_says_so() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "mot " * 1000
    sheet = first_sheet(book)
    assert len(texts_of(sheet)[0][0]) == 2001 and sheet["notes"] == [
        "Les textes de plus de 2\u00a0000 signes sont coupés."
    ]


def test_twenty_sheets_are_all_of_them_and_one_more_says_so() -> None:
    book = openpyxl.Workbook()
    for number in range(2, 21):
        book.create_sheet(f"Feuille {number}")
    whole = view_of(book)
    assert len(whole.sheets) == 20
    assert not [note for note in whole.notes if "premières feuilles" in note]
    book.create_sheet("Feuille 21")
    cut = view_of(book)
    assert len(cut.sheets) == 20
    assert [note for note in cut.notes if "Seules les 20 premières feuilles" in note]
