"""An enrolment file gives the same candidates whatever spreadsheet wrote it, and says what to do when it cannot."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.acts.lists import HEADER, LEFEVRE, NGUYEN, only_error, only_row, roster_of, table, with_cell

# --- what is read ---------------------------------------------------------------------------------


def test_a_plain_file_is_read_and_normalised() -> None:
    roster = roster_of(table(HEADER, LEFEVRE, NGUYEN))
    assert (roster.encoding, roster.delimiter, roster.had_bom) == ("utf-8", ";", False)
    assert roster.columns["given_names"] == "Prénom(s)"
    assert roster.unknown_columns == [] and roster.file_errors == []
    assert [row.line for row in roster.rows] == [2, 3]
    assert roster.rows[0].values == {
        "birth_name": "Lefèvre",
        "given_names": "Zoé",
        "candidate_number": "01234567890",
        "email": "zoe@exemple.fr",
        "birth_date": "2005-03-12",
        "status": "scolaire",
        "distance": False,
    }
    assert all(row.errors == {} and row.warnings == [] for row in roster.rows)


def test_optional_columns_are_read_under_any_of_their_titles() -> None:
    header = ["NOM_NAISSANCE", "PRENOM", "numero_candidat", "E-mail", "Née le", "voie de formation"]
    optional = {"Nom d’usage": "Le  Goff", "N°INE": "123456789ab", "Division": "TS2A", "À distance": "Oui"}
    row = only_row(roster_of(table([*header, *optional], [*LEFEVRE, *optional.values()])))
    assert row.errors == {}
    expected = {"usage_name": "Le Goff", "ine": "123456789AB", "division": "TS2A", "distance": True}
    assert expected.items() <= row.values.items()


NAMES = st.builds(
    "{}{}".format,
    st.sampled_from("ABCÉÎŒÇ"),
    st.text("abcdeéèêëàâîïôùûüçœ '-", max_size=12).map(lambda tail: tail + "a"),
)
# Writers quote a cell that holds the line ending of the file; "\r\n" holds them all.
REMARKS = st.lists(st.sampled_from([*"abcé œ;,\t|'", '"', "\r\n"]), max_size=20).map("".join)
ENCODINGS = [
    ("utf-8", "utf-8", b""),
    ("utf-8", "utf-8", b"\xef\xbb\xbf"),
    ("utf-16-le", "utf-16-le", b"\xff\xfe"),
    ("utf-16-be", "utf-16-be", b"\xfe\xff"),
    ("utf-16-le", "utf-16-le", b""),
    ("utf-16-be", "utf-16-be", b""),
    ("cp1252", "windows-1252", b""),
    ("iso8859_15", "iso-8859-15", b""),
]


@settings(deadline=None, max_examples=300)
@given(
    people=st.lists(st.tuples(NAMES, NAMES, REMARKS), min_size=1, max_size=4),
    delimiter=st.sampled_from(";,\t|"),
    encoding=st.sampled_from(ENCODINGS),
    newline=st.sampled_from(["\r\n", "\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_delimiter_bom_encoding_newline_and_quoting_change_nothing(
    people, delimiter, encoding, newline, quoting
) -> None:
    codec, named, bom = encoding
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerow([*HEADER, "Remarque"])
    for n, (name, given_names, remark) in enumerate(people):
        writer.writerow([name, given_names, f"0123456789{n}", f"p{n}@exemple.fr", "12/03/2005", "scolaire", remark])
    roster = roster_of(bom + out.getvalue().encode(codec))
    assert roster.file_errors == []
    assert (roster.delimiter, roster.had_bom, roster.unknown_columns) == (delimiter, bool(bom), ["Remarque"])
    assert roster.encoding in {named, "windows-1252" if named == "iso-8859-15" else named}
    read = [
        (row.values["birth_name"], row.values["given_names"], row.values["candidate_number"]) for row in roster.rows
    ]
    expected = [(n, g, f"0123456789{i}") for i, (n, g, _) in enumerate(people)]
    assert read == [(" ".join(n.split()), " ".join(g.split()), number) for n, g, number in expected]
    assert all(row.errors == {} for row in roster.rows)


# --- columns --------------------------------------------------------------------------------------


def test_unknown_columns_are_reported_and_not_used() -> None:
    roster = roster_of(table([*HEADER, "Téléphone", "", ""], [*LEFEVRE, "0601020304", "", "perdu"]))
    assert roster.unknown_columns == ["Téléphone", "colonne 9 (sans titre)"]
    assert "0601020304" not in only_row(roster).values.values()


def test_missing_columns_are_named_one_by_one() -> None:
    roster = roster_of(table(HEADER[2:4], LEFEVRE[2:4]))
    assert roster.rows == []
    missing = ("Nom de naissance", "Prénoms", "Date de naissance")
    assert [f"« {title} »" in fault for title, fault in zip(missing, roster.file_errors, strict=True)] == [True] * 3


def test_two_columns_for_one_thing_are_not_chosen_between() -> None:
    error = only_error(roster_of(table([*HEADER, "Nom"], [*LEFEVRE, "Autre"])))
    assert "« Nom de naissance », « Nom »" in error


# --- refused values -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "field", "value", "said"),
    [
        ("Nom de naissance", "birth_name", "=HYPERLINK(1)", "« = »"),
        ("Prénom(s)", "given_names", "@zoe", "« @ »"),
        ("N° candidat", "candidate_number", "1,23E+10", "format Texte"),
        ("N° candidat", "candidate_number", "+0123456789", "20 au plus"),
        ("Courriel", "email", "zoe.exemple.fr", "@"),
        ("Date de naissance", "birth_date", "mars 2005", "quatre chiffres"),
        ("Date de naissance", "birth_date", "384", "JJ/MM/AAAA"),
        ("Date de naissance", "birth_date", "30/02/2005", "n'existe pas"),
        ("Date de naissance", "birth_date", "12/03/1805", "1805"),
        ("Statut", "status", "redoublant", "« redoublant »"),
    ],
)
def test_a_refused_value_is_kept_as_written_beside_its_reason(column: str, field: str, value: str, said: str) -> None:
    row = only_row(roster_of(table(HEADER, with_cell(column, value))))
    assert row.values[field] == value
    (sentence,) = row.errors.pop(field)
    assert said in sentence
    assert row.errors == {}


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("Nom de naissance", "birth_name"),
        ("Date de naissance", "birth_date"),
    ],
)
def test_an_empty_required_cell_is_an_error_of_its_line_only(column: str, field: str) -> None:
    roster = roster_of(table(HEADER, with_cell(column, " "), NGUYEN))
    assert list(roster.rows[0].errors) == [field]
    assert roster.rows[1].errors == {}


def test_a_class_may_begin_with_any_sign_and_stays_data() -> None:
    row = only_row(roster_of(table([*HEADER, "Classe"], [*LEFEVRE, "=2+2"])))
    assert (row.values["division"], row.errors) == ("=2+2", {})


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("Étudiant", "scolaire"),
        ("APPRENTIE", "apprenti"),
        ("Contrat d’apprentissage", "apprenti"),
        ("Formation Continue", "formation_continue"),
        ("fpc", "formation_continue"),
        ("Expérience professionnelle", "experience"),
    ],
)
def test_statuses_are_understood_as_schools_write_them(written: str, status: str) -> None:
    assert only_row(roster_of(table(HEADER, with_cell("Statut", written)))).values["status"] == status


def test_distance_is_yes_or_no() -> None:
    header = [*HEADER, "Distance"]
    for written, distance in (("OUI", True), ("x", True), ("non", False), ("", False)):
        assert only_row(roster_of(table(header, [*LEFEVRE, written]))).values["distance"] is distance
    row = only_row(roster_of(table(header, [*LEFEVRE, "parfois"])))
    assert "oui ou par non" in row.errors["distance"][0]


def test_a_line_with_too_many_cells_is_an_error_and_a_short_one_only_lacks_its_end() -> None:
    header = [*HEADER, "Classe"]
    roster = roster_of(
        table(header, [*LEFEVRE, "TS2", "", ""], [*NGUYEN, "TS2", "x"], with_cell("Date de naissance", "", NGUYEN)[:5])
    )
    assert roster.rows[0].errors == {}
    assert "8 cellules pour 7 titres" in roster.rows[1].errors["row"][0]
    assert "birth_date" in roster.rows[2].errors and "row" not in roster.rows[2].errors


def test_a_doubtful_ine_and_a_lost_zero_are_warnings() -> None:
    people = [[*LEFEVRE, ""], [*NGUYEN, ""], [*with_cell("N° candidat", "1234567892"), "1234567890A"]]
    people[2][0], people[2][3] = "Autre", "autre@exemple.fr"
    *fine, doubtful = roster_of(table([*HEADER, "INE"], *people)).rows
    assert all(row.warnings == [] for row in fine)
    assert doubtful.errors == {}
    assert [("INE" in w, "zéro" in w) for w in doubtful.warnings] == [(True, False), (False, True)]
