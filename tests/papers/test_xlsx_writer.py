"""Lists as workbooks: text cells, no formula."""

from __future__ import annotations

from io import BytesIO

from openpyxl import load_workbook

from portfolio.papers.xlsx_writer import listed_xlsx


def test_numbers_keep_their_zeros_and_no_text_is_a_formula() -> None:
    values = ["02000000001", "=1+1", "@SUM(A1)", "deux\nlignes", "\x0b", "_x0041_"]
    sheet = load_workbook(BytesIO(listed_xlsx("Liste", [f"T{n}" for n in range(6)], [values]))).worksheets[0]
    cells = list(sheet.iter_rows(min_row=2))[0]
    assert [cell.data_type for cell in cells] == ["s", "s", "s", "s", "n", "s"]
    assert [cell.value for cell in cells][:4] == ["02000000001", "=1+1", "@SUM(A1)", "deux lignes"]
    assert {cell.number_format for cell in cells} == {"@"}
