"""A list is read as schools have it: any kind of file, titles of any export, lines that are of nobody left aside."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
import xlwt
from odf import table as odf
from odf.opendocument import OpenDocumentSpreadsheet
from odf.text import P

from portfolio.enrolment.lists.reading import ReadList
from tests.support.acts.lists import roster_of

HALF_PAST_NINE = datetime(2007, 10, 27, 9, 30)  # noqa: DTZ001  # a cell has no zone
CYCLADES = (
    "\ufeffListe simple des candidats\r\nSession : 2027\r\nExamen : BTS\r\n\r\nEdité le : 30/11/2026\r\n"
    "Division de classe;N° Candidat;N° Inscription;Nom de famille;Nom d'usage;Prénom(s);Date de Naissance;"
    "Division de classe;INE;Catégorie Candidat;Spécialité;Etat\r\n"
    "'TMA';02700001000;001;ABGRALL; -;Adèle, Dylan;23/05/2006;'TMA';120000000AK;"
    "SCOLAIRE ETABLISSEMENT PRIVE SOUS CONTRAT;ASSURANCE;Inscrit\r\n"
    "'TMA';02700001007;002;BENALI; -;Bilal;24/12/2006;'TMA'; -;APPRENTISSAGE CFA HABILITE;ASSURANCE;Démissionnaire\r\n"
)
PRONOTE = (
    "Élèves;Encouragement/Valorisation;Né(e) le;Sexe;Adresse E-mail;Entrée;Sortie;;Classe de rattachement;Tuteur\r\n"
    "DA SILVA COSTA Emma;;02/08/2007;F;;01/09/2025;;;;M. GUILLOU\r\n"
    "Légende : * = élève ayant quitté l'établissement;;;;;;;;;\r\n"
    "N'DIAYE Victoire;;30/09/2007;F;v@eleve.example;01/09/2025;15/10/2026;;;M. GUILLOU\r\n"
    "OGER Yanis;;14/10/2007;F;y@eleve.example;01/09/2025;31/08/2027;;;M. GUILLOU\r\n"
)
SIECLE = """<?xml version="1.0" encoding="ISO-8859-15"?>
<BEE_ELEVES><DONNEES><ELEVES>
<ELEVE ELEVE_ID="7" ELENOET="12"><ID_NATIONAL>120000000AK</ID_NATIONAL><NOM_DE_FAMILLE>LEFÈVRE</NOM_DE_FAMILLE>
<NOM_USAGE>LEFÈVRE</NOM_USAGE><PRENOM>Zoé</PRENOM><PRENOM2>Œna</PRENOM2><DATE_NAISS>12/04/2005</DATE_NAISS>
<CODE_STATUT>ST</CODE_STATUT>
<SCOLARITE_AN_DERNIER><CODE_STRUCTURE>1BTSA</CODE_STRUCTURE><CODE_RNE>0350760L</CODE_RNE></SCOLARITE_AN_DERNIER></ELEVE>
<ELEVE ELEVE_ID="8" ELENOET="13"><ID_NATIONAL/><NOM_DE_FAMILLE>NGUYEN</NOM_DE_FAMILLE><PRENOM>Marc</PRENOM>
<DATE_NAISS>30/11/2004</DATE_NAISS><CODE_STATUT>AP</CODE_STATUT><DATE_SORTIE>01/10/2026</DATE_SORTIE></ELEVE>
</ELEVES><STRUCTURES>
<STRUCTURES_ELEVE ELEVE_ID="7"><STRUCTURE><CODE_STRUCTURE>GR1</CODE_STRUCTURE><TYPE_STRUCTURE>G</TYPE_STRUCTURE>
</STRUCTURE><STRUCTURE><CODE_STRUCTURE>2BTSA</CODE_STRUCTURE><TYPE_STRUCTURE>D</TYPE_STRUCTURE></STRUCTURE>
</STRUCTURES_ELEVE></STRUCTURES></DONNEES></BEE_ELEVES>
"""
CFA = (
    "nom_apprenant,prenom_apprenant,date_de_naissance_apprenant,sexe_apprenant,email_contact,ine_apprenant,"
    "contrat_date_debut,siret_employeur,contrat_date_rupture\r\n"
    "LEFÈVRE,Zoé,2005-04-12T00:00:00.000Z,F,zoe@exemple.fr,120000000AK,2025-09-01,95690795000011,\r\n"
    "NGUYEN,Marc,2004-11-30,M,marc@exemple.fr,,2025-09-01,95690795000011,2026-06-30\r\n"
)


def workbook(*rows: tuple[Any, ...], first_row: int = 1, first_column: int = 1) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Élèves"
    for line, cells in enumerate(rows, first_row):
        for column, cell in enumerate(cells, first_column):
            sheet.cell(line, column, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def values(read: ReadList, *names: str) -> list[tuple[object, ...]]:
    assert read.file_errors == []
    return [tuple(row.values.get(name) for name in names) for row in read.rows]


# --- exports --------------------------------------------------------------------------------------


def test_the_list_of_cyclades_is_read_below_its_preamble() -> None:
    read = roster_of(CYCLADES.encode())
    assert values(read, "birth_name", "usage_name", "given_names", "candidate_number", "division", "status") == [
        ("ABGRALL", None, "Adèle, Dylan", "02700001000", "TMA", "scolaire")
    ]
    assert (read.rows[0].line, read.rows[0].places["birth_date"]) == (7, "G7")
    (gone,) = read.left_out
    assert gone.line == 8 and "Démissionnaire" in gone.why


@pytest.mark.parametrize("codec", ["utf-16", "cp1252", "utf-8"])
def test_the_list_of_pronote_shows_where_its_names_are_cut(codec: str) -> None:
    read = roster_of(PRONOTE.encode(codec), defaults={"status": "scolaire", "division": "TS2A"})
    assert values(read, "birth_name", "given_names", "division", "email") == [
        ("DA SILVA COSTA", "Emma", "TS2A", None),
        ("OGER", "Yanis", "TS2A", "y@eleve.example"),
    ]
    assert read.rows[0].asked == {"split_names": "DA SILVA COSTA Emma → DA SILVA COSTA | Emma"}
    assert [(line.line, line.why[:6]) for line in read.left_out] == [(3, "Cette "), (4, "Sortie")]
    assert "Tuteur" in read.unknown_columns


def test_the_xml_of_siecle_gives_the_division_of_this_year_and_no_group() -> None:
    read = roster_of(SIECLE.encode("iso8859_15"))
    names = ("birth_name", "usage_name", "given_names", "birth_date", "division", "status", "ine")
    assert values(read, *names) == [("LEFÈVRE", None, "Zoé Œna", "2005-04-12", "2BTSA", "scolaire", "120000000AK")]
    assert [line.why for line in read.left_out] == ["Sortie le 01/10/2026 : cette personne n'est plus là."]


def test_the_workbook_of_siecle_gives_no_group_and_reads_serials() -> None:
    titles = ("Nom de famille", "Prénom", "Prénom 2", "Date Naissance ", "Date Sortie", "Code Structure")
    beside = ("Type Structure", "Lib. Structure", "Code Structure", "Type Structure", "Lib. Structure", "Email")
    zoe = ("LEFÈVRE", "Zoé", "Ana", 38454, None, "GR1", "G", "ANGLAIS", "2BTSA", "D", "BTS ASSURANCE 2", None)
    read = roster_of(workbook(titles + beside, zoe))
    assert values(read, "given_names", "birth_date", "division") == [("Zoé Ana", "2005-04-12", "2BTSA")]


def test_the_list_of_a_cfa_leaves_out_broken_contracts() -> None:
    read = roster_of(CFA.encode())
    assert values(read, "birth_name", "given_names", "birth_date", "email") == [
        ("LEFÈVRE", "Zoé", "2005-04-12", "zoe@exemple.fr")
    ]
    assert len(read.left_out) == 1


def test_a_page_saved_under_the_name_of_a_workbook_is_read() -> None:
    page = (
        "<html><body><table><tr><th>Nom</th><th>Prénom</th><th>Né(e) le</th></tr>"
        "<tr><td>LEFÈVRE</td><td>Zoé</td><td>12/04/2005</td></tr></table></body></html>"
    )
    assert values(roster_of(page.encode("cp1252")), "birth_name", "birth_date") == [("LEFÈVRE", "2005-04-12")]


# --- workbooks ------------------------------------------------------------------------------------


def test_a_home_made_workbook_is_read_whatever_stands_around_it() -> None:
    read = roster_of(
        workbook(
            ("Export du 30/11/2026",),
            (),
            ("Division", "Nom", "Prénom 1", "Prénom 2", "Né(e) le ", "Statut", "Adresse mél"),
            ("2BTSA", "ABGRALL", "Adèle", "Dylan", "23/05/2006", "APPRENTI CFA", "a@exemple.fr"),
            ("2BTSA", "BENALI", "Bilal", None, "24/12/06", "SCOLAIRE ETABLISSEMENT PUBLIC", None),
            ("2BTSA", "CARADEC", "Dylan", None, date(2006, 1, 2), "scolaire", None),
            ("2BTSA", "DA COSTA", "Élise", None, HALF_PAST_NINE, "FPC", None),
            ("Division", "Nom", "Prénom 1", "Prénom 2", "Né(e) le ", "Statut", "Adresse mél"),
            ("Total", "4 élèves"),
            first_row=2,
            first_column=3,
        )
    )
    assert values(read, "given_names", "birth_date", "status", "email") == [
        ("Adèle Dylan", "2006-05-23", "apprenti", "a@exemple.fr"),
        ("Bilal", "2006-12-24", "scolaire", None),
        ("Dylan", "2006-01-02", "scolaire", None),
        ("Élise", "2007-10-27", "formation_continue", None),
    ]
    assert (read.file_kind, read.sheet, read.rows[0].places["birth_name"]) == ("workbook", "Élèves", "D5")
    assert [row.asked for row in read.rows] == [{}, {"two_digit_years": "24/12/06 → 24/12/2006"}, {}, {}]
    assert [line.text for line in read.left_out] == ["Total ; 4 élèves"]


def test_numbers_keep_all_their_figures() -> None:
    read = roster_of(workbook(("Nom", "Prénom", "Né le", "N° candidat"), ("A", "B", 38454, 2700001000)))
    assert values(read, "candidate_number") == [("2700001000",)]


def test_other_sheets_of_the_same_columns_are_named() -> None:
    book = openpyxl.Workbook()
    for name in ("2BTSA1", "2BTSA2"):
        sheet = book.create_sheet(name)
        sheet.append(("Nom", "Prénom", "Né le"))
        sheet.append((f"Nom {name}", "Zoé", "12/04/2005"))
    out = io.BytesIO()
    book.save(out)
    read = roster_of(out.getvalue())
    assert read.sheet == "2BTSA1"
    assert [line.text for line in read.left_out] == ["Feuille « 2BTSA2 »"]


def test_a_cell_filled_at_the_very_end_is_told_and_costs_nothing() -> None:
    book = openpyxl.Workbook()
    book.active.append(("Nom", "Prénom", "Né le"))
    book.active.cell(1_048_576, 16_384, "x")
    out = io.BytesIO()
    book.save(out)
    (told,) = roster_of(out.getvalue()).file_errors
    assert "très loin" in told


def test_a_full_name_under_the_title_nom_is_split_too() -> None:
    read = roster_of("Nom;Né le\nDUPONT Anne;12/04/2005\nEL AMRANI Hugo;12/05/2005\n".encode())
    assert values(read, "birth_name", "given_names") == [("DUPONT", "Anne"), ("EL AMRANI", "Hugo")]


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_older_and_free_workbooks_are_read_as_well(kind: str) -> None:
    rows = (("Nom", "Prénom", "Né le"), ("LEFÈVRE", "Zoé", "12/04/2005"))
    read = roster_of(xls(rows) if kind == "xls" else ods(rows))
    assert values(read, "birth_name", "given_names", "birth_date") == [("LEFÈVRE", "Zoé", "2005-04-12")]
    assert read.file_kind == "workbook"


def xls(rows: tuple[tuple[str, ...], ...]) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Liste")
    for line, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            sheet.write(line, column, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods(rows: tuple[tuple[str, ...], ...]) -> bytes:
    document, sheet = OpenDocumentSpreadsheet(), odf.Table(name="Liste")
    for cells in rows:
        row = odf.TableRow()
        for text in cells:
            cell = odf.TableCell(valuetype="string")
            cell.addElement(P(text=text))
            row.addElement(cell)
        sheet.addElement(row)
    document.spreadsheet.addElement(sheet)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
