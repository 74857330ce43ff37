import io
import zipfile
from dataclasses import replace
from decimal import Decimal

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from portfolio.sheet.build import build
from portfolio.sheet.papers.render_xlsx import render_xlsx
from portfolio.sheet.printed_values import SheetMark
from portfolio.store.digests import digest
from tests.sheet import cases

FORMULAS = ["=1+1", "+33 6 00 00 00 00", "-1", "@SUM(A1)", "#N/A", "_x0041_", " _x000D_", "TRUE", "12", "'0123"]


def sheet_rows(workbook: bytes, name: str) -> list[list]:
    reader = CalamineWorkbook.from_filelike(io.BytesIO(workbook))
    return reader.get_sheet_by_name(name).to_python(skip_empty_area=False)


def rebuilt(workbook: bytes) -> dict:
    """The JSON, from nothing but the cells of « Données »."""
    leaves: dict[str, list] = {}
    for path, value, kind in sheet_rows(workbook, "Données")[1:]:
        leaves.setdefault(path, []).append((value, kind))
    root: dict = {}
    for path, cells in leaves.items():
        place(root, path.split("/")[1:], typed(cells))
    return as_lists(root)


def typed(cells):
    kind = cells[0][1]
    text = "".join(str(value) for value, _ in cells)
    return {
        "texte": text,
        "entier": int(text) if kind == "entier" else 0,
        "booléen": text == "vrai",
        "néant": None,
        "liste vide": [],
    }[kind]


def place(root, keys, value):
    for key in keys[:-1]:
        root = root.setdefault(key, {})
    root[keys[-1]] = value


def as_lists(value):
    if not isinstance(value, dict):
        return value
    inside = {key: as_lists(item) for key, item in value.items()}
    if inside and all(key.isdigit() for key in inside):
        return [inside[str(n)] for n in range(len(inside))]
    return inside


@pytest.mark.parametrize("case", ["plain", "provisional_rehearsal", "without_appraisal", "very_long"])
def test_the_data_sheet_gives_the_signed_json_back_cell_by_cell(case):
    sheet = getattr(cases, case)()
    content = build(sheet)
    assert rebuilt(render_xlsx(content, cases.signed(sheet), None)) == content


def test_no_text_becomes_a_formula_or_changes():
    rows = tuple(replace(row, observation=text) for row, text in zip(cases.plain().rows, FORMULAS, strict=False))
    content = build(cases.plain(rows=rows, reality=tuple(FORMULAS)))
    workbook = render_xlsx(content, (), "=1+1")
    assert rebuilt(workbook) == content
    shown = {cell for name in ("Fiche", "Annexe") for row in sheet_rows(workbook, name) for cell in row}
    assert set(FORMULAS) <= shown
    opened = openpyxl.load_workbook(io.BytesIO(workbook))
    kinds = {cell.data_type for tab in opened for row in tab.iter_rows() for cell in row if cell.value is not None}
    assert kinds == {"s", "n"}


def test_the_fiche_can_be_read_from_top_to_bottom():
    sheet = cases.plain()
    content = build(sheet)
    workbook = render_xlsx(content, cases.signed(sheet), None)
    rows = sheet_rows(workbook, "Fiche") + sheet_rows(workbook, "Annexe")
    shown = "\n".join(str(cell) for row in rows for cell in row if cell != "")
    for words in (
        "Fiche d'évaluation E5 – BTS Assurance – session 2027 – n° 2027-0750654D-0007",
        "L'Hœur-Français",
        "28/02/2006",
        "C47 Communiquer par écrit sur média numérique",
        "Portfolio sérieux, preuves variées et bien commentées.",
        "14,5 / 20",
        "Signé le 12/04/2027 à 16:00:11 (fuseau Europe/Paris)",
        "Résultat du contrôle « RGPD et vente à distance »",
        digest(content),
        content["footer"],
    ):
        assert words in shown


def test_each_row_has_its_cross_under_its_degree():
    rows = sheet_rows(render_xlsx(build(cases.plain()), (), None), "Fiche")
    heading = next(row for row in rows if row[0] == "Compétence ou critère évalué")
    chosen = {row[0].split()[0]: heading[row.index("X")] for row in rows if "X" in row}
    labels = {degree.code: f"{degree.code}\n{degree.label}" for degree in (*cases.SCALE, cases.NOT_EVALUATED)}
    assert chosen == {row.code: labels[row.degree] for row in cases.plain().rows}


@pytest.mark.parametrize(
    ("value", "step", "number_format"),
    [("14.5", "0.5", '0.0" / 20"'), ("9", "1", '0" / 20"'), ("9.25", "0.25", '0.00" / 20"')],
)
def test_the_mark_is_a_number_whose_format_follows_the_step(value, step, number_format):
    content = build(cases.plain(mark=SheetMark(Decimal(value), Decimal(step))))
    workbook = openpyxl.load_workbook(io.BytesIO(render_xlsx(content, (), None)))
    label = next(row[0] for row in workbook["Fiche"].iter_rows() if row[0].value == "Note, en nombre")
    cell = workbook["Fiche"].cell(label.row, 2)
    assert Decimal(str(cell.value)) == Decimal(value)
    assert cell.number_format == number_format


def test_warnings_are_on_the_sheet_and_in_the_margin_of_every_page():
    sheet = cases.provisional_rehearsal()
    workbook = openpyxl.load_workbook(io.BytesIO(render_xlsx(build(sheet), (), "BROUILLON")))
    shown = {row[0].value for row in workbook["Fiche"].iter_rows()}
    assert "BROUILLON" in shown
    assert any(words and words.startswith("FICTIF – session de répétition") for words in shown)
    assert any(words and words.startswith("Modèle provisoire – non conforme") for words in shown)
    for tab in workbook:
        assert tab.oddHeader.right.text == "FICTIF – BROUILLON – MODÈLE PROVISOIRE"


def test_it_prints_on_a4_with_titles_repeated_and_a_footer_that_excel_accepts():
    content = build(cases.plain(footer="Réservé au jury & à la commission. " * 20))
    workbook = openpyxl.load_workbook(io.BytesIO(render_xlsx(content, (), None)))
    assert workbook.sheetnames == ["Fiche", "Annexe", "Données"]
    assert workbook["Données"].sheet_state == "hidden"  # compared, never printed
    for tab in workbook:
        assert tab.page_setup.paperSize == 9
        assert tab.page_setup.fitToHeight == 0
        assert tab.print_title_rows == "$1:$1"
        margins = "".join(part.text or "" for part in (tab.oddFooter.left, tab.oddFooter.center, tab.oddFooter.right))
        assert "Réservé au jury && à la commission." in margins
        assert len(margins) < 255


def test_every_cell_has_a_font_that_machines_have_and_the_mark_stays_with_its_words():
    workbook = openpyxl.load_workbook(io.BytesIO(render_xlsx(build(cases.very_long()), (), None)))
    fonts = {cell.font.name for tab in workbook for row in tab.iter_rows() for cell in row if cell.value is not None}
    assert fonts == {"Arial"}
    fiche = workbook["Fiche"]
    row_of = {str(row[0].value): row[0].row for row in fiche.iter_rows()}
    breaks = [each.id for each in fiche.row_breaks.brk]
    assert breaks and not [at for at in breaks if row_of["Note proposée"] <= at < row_of["Note, en nombre"]]


def test_a_text_longer_than_a_cell_is_neither_cut_nor_hidden():
    text = " ".join(f"mot{n}" for n in range(9000))
    content = build(cases.plain(appreciation=text))
    workbook = render_xlsx(content, (), None)
    assert rebuilt(workbook)["appreciation"] == text
    shown = " ".join(str(row[1]) for row in sheet_rows(workbook, "Fiche") if str(row[1]).startswith("mot"))
    assert shown.split() == text.split()
    heights = openpyxl.load_workbook(io.BytesIO(workbook))["Fiche"].row_dimensions.values()
    assert max(row.height or 0 for row in heights) <= 409  # the tallest row that Excel can show


def test_the_same_sheet_is_the_same_workbook_and_no_clock_is_in_it():
    content = build(cases.plain())
    first, second = (render_xlsx(content, cases.signed(cases.plain()), None) for _ in range(2))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2027-04-12T00:00:00Z" in archive.read("docProps/core.xml")
