"""The model that is downloaded: our titles, text cells, and an example that is never enrolled."""

from __future__ import annotations

from io import BytesIO

from openpyxl import load_workbook

from portfolio.enrolment.rosters.model_file import model_file
from portfolio.enrolment.rosters.roster_columns import COLUMNS
from tests.support.acts.lists import roster_of


def filled(*rows: tuple[str, ...]) -> bytes:
    workbook = load_workbook(BytesIO(model_file()))
    sheet = workbook.worksheets[0]
    for number, values in enumerate(rows, 3):
        for column, value in enumerate(values, 1):
            sheet.cell(number, column).value = value
    out = BytesIO()
    workbook.save(out)
    return out.getvalue()


def test_every_column_of_the_model_is_read() -> None:
    read = roster_of(filled(("Lefèvre", "Zoé", "02012345678", "zoe@exemple.fr", "12/04/2005", "scolaire")))
    assert (read.columns.keys(), read.unknown_columns) == (COLUMNS.keys(), [])
    (row,) = read.rows
    assert (row.errors, row.values["candidate_number"], row.values["birth_date"]) == ({}, "02012345678", "2005-04-12")


def test_the_example_is_left_out_and_alone_it_is_nobody() -> None:
    (left,) = roster_of(filled(("Lefèvre", "Zoé", "", "", "12/04/2005", "scolaire"))).left_out
    assert (left.line, "exemple" in left.why) == (2, True)
    empty = roster_of(model_file())
    assert (empty.rows, len(empty.file_errors)) == ([], 1)


def test_cells_to_fill_in_are_text_so_that_zeros_stay() -> None:
    sheet = load_workbook(BytesIO(model_file())).worksheets[0]
    assert {cell.number_format for row in sheet.iter_rows(max_row=62) for cell in row} == {"@"}
