"""Workbooks tell which functions they use, where, and what they keep out of sight."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import openpyxl
import pytest
import xlsxwriter
import xlwt
from odf import dc, meta, table
from odf.opendocument import OpenDocumentSpreadsheet
from odf.text import P
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName

from tests.files.facts.told import counts, facts, functions, places
from tests.support import specimens
from tests.support.containers import read_part, rewritten


def claims(*, plain: bool = False) -> bytes:
    """A workbook of claims, as a trainee makes one; `plain`: with values alone."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet, other = book.add_worksheet("Sinistres"), book.add_worksheet("Tarifs")
    for row in range(1, 6):
        sheet.write_row(row, 0, [f"S-{row}", 100 * row, "clos"])
    other.write_row(0, 0, ["auto", 412])
    if not plain:
        for row in range(1, 6):
            sheet.write_formula(row, 3, f"=VLOOKUP(A{row + 1},Tarifs!$A$1:$B$9,2,FALSE)")
        sheet.write_formula("B7", '=SUMIF(C2:C6,"clos",B2:B6)')
        sheet.write_formula("B8", "=IF(B7>1000,ROUND(B7*0.2,2),0)")
        sheet.write_formula("B9", "=B7-B8")
        sheet.conditional_format("B2:B6", {"type": "data_bar"})
        sheet.conditional_format(
            "C2:C6", {"type": "cell", "criteria": "==", "value": '"clos"', "format": book.add_format()}
        )
        sheet.data_validation("C2:C6", {"validate": "list", "source": ["clos", "ouvert"]})
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=Sinistres!$B$2:$B$6"})
        sheet.insert_chart("F2", chart)
        sheet.autofilter("A1:C6")
        sheet.freeze_panes(1, 0)
        sheet.write_url("A12", "https://example.org/conditions")
        sheet.write_comment("B2", "À revoir avec le client")
        sheet.set_row(4, None, None, {"hidden": True})
        other.add_table("A1:B3", {"name": "Grille", "columns": [{"header": "Produit"}, {"header": "Prime"}]})
        other.protect()
        other.hide()
        book.define_name("Taux", "=Tarifs!$B$1")
        book.set_properties(
            {"author": "Inès Moreau", "company": "Cabinet Durand", "created": datetime(2026, 11, 3, 9, tzinfo=UTC)}
        )
    book.close()
    return buffer.getvalue()


def test_formulas_are_counted_by_function_in_french_with_their_cells() -> None:
    told = functions(claims(), "xlsx")
    assert told["formula"] == 8
    assert {name: count for name, count in told.items() if name.startswith("formula_function")} == {
        "formula_function: RECHERCHEV": 5,
        "formula_function: SOMME.SI": 1,
        "formula_function: SI": 1,
        "formula_function: ARRONDI": 1,
    }
    assert told["lookup"] == told["absolute_reference"] == told["other_sheet_reference"] == 5
    assert told["nested_functions"] == 1
    assert places(claims(), "xlsx", "formula_function", "SOMME.SI") == ["Sinistres!B7"]


def test_what_a_workbook_uses_besides_formulas_is_told_with_its_place() -> None:
    told = functions(claims(), "xlsx")
    assert {
        "sheet": 2, "chart: bar": 1, "conditional_formatting: dataBar": 1, "conditional_formatting: cellIs": 1,
        "data_validation: list": 1, "filter": 1, "frozen_panes": 1, "link": 1, "comment": 1, "table: Grille": 1,
        "protection: feuille": 1, "defined_name": 1,
    }.items() <= told.items()  # fmt: skip
    assert places(claims(), "xlsx", "data_validation", "list") == ["Sinistres!C2:C6"]
    assert places(claims(), "xlsx", "table", "Grille") == ["Tarifs!A1:B3"]
    assert places(claims(), "xlsx", "chart", "bar") == ["Sinistres"]


def test_a_workbook_of_values_alone_uses_no_function() -> None:
    assert functions(claims(plain=True), "xlsx") == {"sheet": 2, "filled_cells": 17}


def test_what_a_workbook_keeps_out_of_sight_is_a_risk() -> None:
    assert counts(facts(claims(), "xlsx")["risks"]) == {"hidden_sheets": 1, "hidden_cells": 1, "comments": 1}
    assert places(claims(), "xlsx", "hidden_sheets") == ["Tarifs"]
    assert places(claims(), "xlsx", "hidden_cells") == ["Sinistres!ligne 5"]


def test_who_made_a_workbook_and_with_what_is_told() -> None:
    assert facts(claims(), "xlsx")["provenance"] == {
        "authors": ["Inès Moreau"],
        "last_author": "Inès Moreau",
        "created": "2026-11-03T09:00:00Z",
        "modified": "2026-11-03T09:00:00Z",
        "application": "Microsoft Excel 12.0000",
        "company": "Cabinet Durand",
    }


def test_rows_that_a_pivot_table_keeps_are_counted_with_their_source() -> None:
    told = facts(with_pivot_table(), "xlsx")
    assert counts(told["functions"])["pivot_table"] == 1
    assert places(with_pivot_table(), "xlsx", "pivot_table") == ["Synthèse!A3"]
    assert [risk for risk in told["risks"] if risk["code"] == "pivot_cache"] == [
        {"code": "pivot_cache", "count": 2, "places": ["copie de Clients!A1:B3"]}
    ]


def with_pivot_table() -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Synthèse"
    book.defined_names["Zone"] = DefinedName("Zone", attr_text="Synthèse!$A$1")
    book.active["C9"].comment = Comment("à revoir", "Tuteur")
    buffer = io.BytesIO()
    book.save(buffer)
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    head = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    cache = (
        '<pivotCacheDefinition><cacheSource type="worksheet"><worksheetSource ref="A1:B3" sheet="Clients"/>'
        "</cacheSource>"
        '<cacheFields><cacheField name="Nom"><sharedItems><s v="Petit"/></sharedItems></cacheField></cacheFields>'
        "</pivotCacheDefinition>"
    )
    with_cache = {
        "xl/pivotCache/pivotCacheDefinition1.xml": cache.encode(),
        "xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels": (
            f'{head}<Relationship Id="r" Type="{relations}/pivotCacheRecords" Target="pivotCacheRecords1.xml"/>'
            "</Relationships>"
        ).encode(),
        "xl/pivotCache/pivotCacheRecords1.xml": b"<pivotCacheRecords><r><x/></r><r><x/></r></pivotCacheRecords>",
        "xl/pivotTables/pivotTable1.xml": b'<pivotTableDefinition><location ref="A3:B9"/></pivotTableDefinition>',
    }
    sheet = f'<Relationship Id="p" Type="{relations}/pivotTable" Target="/xl/pivotTables/pivotTable1.xml"/>'
    kept = "/xl/pivotCache/pivotCacheDefinition1.xml"
    main = f'<Relationship Id="c" Type="{relations}/pivotCacheDefinition" Target="{kept}"/>'
    data = buffer.getvalue()
    for part, added in (("xl/worksheets/_rels/sheet1.xml.rels", sheet), ("xl/_rels/workbook.xml.rels", main)):
        before = read_part(data, part).decode()
        with_cache[part] = before.replace("</Relationships>", f"{added}</Relationships>").encode()
    return rewritten(data, with_cache)


def opendocument_claims() -> bytes:
    document = OpenDocumentSpreadsheet()
    document.meta.addElement(meta.InitialCreator(text="Inès Moreau"))
    document.meta.addElement(dc.Creator(text="Paul Petit"))
    document.meta.addElement(meta.EditingDuration(text="PT1H12M5S"))
    validations = table.ContentValidations()
    validations.addElement(table.ContentValidation(name="val1", condition="of:cell-content()>0"))
    document.spreadsheet.addElement(validations)
    sheet = table.Table(name="Sinistres", protected="true")
    for formula in ('of:=SUMIF([.C2:.C6];"clos";[.B2:.B6])', "of:=[$Tarifs.B1]*2", None):
        row = table.TableRow(visibility="filter" if formula is None else "visible")
        cell = table.TableCell(valuetype="float", value="3", **({"formula": formula} if formula else {}))
        cell.addElement(P(text="3"))
        row.addElement(cell)
        row.addElement(table.TableCell(contentvalidationname="val1"))
        sheet.addElement(row)
    document.spreadsheet.addElement(sheet)
    ranges = table.DatabaseRanges()
    ranges.addElement(
        table.DatabaseRange(name="Base", targetrangeaddress="Sinistres.A1:Sinistres.C6", displayfilterbuttons="true")
    )
    document.spreadsheet.addElement(ranges)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def test_a_workbook_of_libreoffice_tells_the_same_by_the_same_names() -> None:
    told = facts(opendocument_claims(), "ods")
    assert counts(told["functions"]) == {
        "sheet": 1, "formula": 2, "formula_function: SOMME.SI": 1, "other_sheet_reference": 1, "data_validation": 3,
        "protection: feuille": 1, "filter": 1, "table: Base": 1, "filled_cells": 3,
    }  # fmt: skip
    assert told["risks"] == [{"code": "hidden_cells", "count": 1, "places": ["Sinistres!ligne 3"]}]
    provenance = told["provenance"]
    assert (provenance["authors"], provenance["last_author"], provenance["editing_minutes"]) == (
        ["Inès Moreau"],
        "Paul Petit",
        72,
    )


def test_a_workbook_of_before_2007_tells_its_functions_by_its_records() -> None:
    book = xlwt.Workbook()
    sheet, hidden = book.add_sheet("Primes"), book.add_sheet("Clients")
    hidden.visibility = 1
    for row in range(4):
        sheet.write(row, 0, 100.0 + row)
        sheet.write(row, 1, xlwt.Formula(f"IF(A{row + 1}>101;ROUND(A{row + 1}*2;1);0)"))
    sheet.write(5, 0, xlwt.Formula("SUM(A1:A4)"))
    sheet.write_merge(9, 10, 0, 2, "Total")
    sheet.protect = True
    buffer = io.BytesIO()
    book.save(buffer)
    told = facts(buffer.getvalue(), "xls")
    assert counts(told["functions"]) == {
        "sheet": 2, "formula": 5, "formula_function: SI": 4, "formula_function: ARRONDI": 4, "nested_functions": 4,
        "formula_function: SOMME": 1, "merged_cells": 1, "protection: feuille": 1, "filled_cells": 5,
    }  # fmt: skip
    assert counts(told["risks"]) == {"hidden_sheets": 1}


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_a_reader_of_workbooks_takes_no_offence_at_an_ordinary_one(kind: str) -> None:
    data = {"xlsx": specimens.workbook(), "xls": specimens.old_workbook(), "ods": specimens.opendocument("ods")}[kind]
    assert facts(data, kind)["risks"] == []
