"""An enrolment file gives the same candidates whatever spreadsheet wrote it, and says what to do when it cannot."""

from __future__ import annotations

import csv
import io
import time

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.enrolment.roster_parser import EnrolledCandidate, Roster, RosterRow, homonyms, read_roster

HEADER = ["Nom de naissance", "Prénom(s)", "N° candidat", "Courriel", "Date de naissance", "Statut"]
LEFEVRE = ["Lefèvre", "Zoé", "01234567890", "zoe@exemple.fr", "12/03/2005", "scolaire"]
NGUYEN = ["Nguyen", "Marc", "01234567891", "marc@exemple.fr", "2004-11-30", "apprenti"]


def table(*lines: list[str], delimiter: str = ";") -> bytes:
    return "".join(delimiter.join(line) + "\r\n" for line in lines).encode()


def with_cell(column: str, value: str, line: list[str] = LEFEVRE) -> list[str]:
    return [value if title == column else cell for title, cell in zip(HEADER, line, strict=True)]


def only_row(roster: Roster) -> RosterRow:
    assert roster.file_errors == []
    (row,) = roster.rows
    return row


def only_error(roster: Roster) -> str:
    assert roster.rows == []
    (error,) = roster.file_errors
    assert error.endswith(".")
    return error


# --- what is read ---------------------------------------------------------------------------------


def test_a_plain_file_is_read_and_normalised() -> None:
    roster = read_roster(table(HEADER, LEFEVRE, NGUYEN))
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
    row = only_row(read_roster(table([*header, *optional], [*LEFEVRE, *optional.values()])))
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
    roster = read_roster(bom + out.getvalue().encode(codec))
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
    roster = read_roster(table([*HEADER, "Téléphone", "", ""], [*LEFEVRE, "0601020304", "", "perdu"]))
    assert roster.unknown_columns == ["Téléphone", "colonne 9 (sans titre)"]
    assert "0601020304" not in only_row(roster).values.values()


def test_missing_columns_are_named_one_by_one() -> None:
    roster = read_roster(table(HEADER[:4], LEFEVRE[:4]))
    assert roster.rows == []
    assert len(roster.file_errors) == 2
    assert "« Date de naissance »" in roster.file_errors[0]
    assert "« Statut »" in roster.file_errors[1]


def test_two_columns_for_one_thing_are_not_chosen_between() -> None:
    error = only_error(read_roster(table([*HEADER, "Nom"], [*LEFEVRE, "Autre"])))
    assert "« Nom de naissance », « Nom »" in error


# --- refused files --------------------------------------------------------------------------------


def workbook() -> bytes:
    out = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    book.save(out)
    return out.getvalue()


REFUSED_FILES = {
    "empty": (b"", "vide"),
    "blank": (b" \r\n\r\n", "vide"),
    "only a BOM": (b"\xff\xfe", "vide"),
    "only delimiters": (b";;;\r\n;;;\r\n", "vide"),
    "no candidate": (table(HEADER), "aucun candidat"),
    "data first": (table(LEFEVRE, NGUYEN), "La première ligne contient un candidat"),
    "no known title": (table(["a", "b"], ["c", "d"]), "ne contient aucun titre reconnu"),
    "no known title, commas": (table(["a", "b"], ["c", "d"], delimiter=","), "ne contient aucun titre reconnu"),
    "titles further down": (table(["BTS Assurance"], HEADER, LEFEVRE), "Les titres des colonnes sont à la ligne 2"),
    "lines in quotes": (
        b"".join(b'"' + ";".join(line).encode() + b'"\r\n' for line in (HEADER, LEFEVRE)),
        "entourée de guillemets",
    ),
    "unknown delimiter": (table(HEADER, LEFEVRE, delimiter="/"), "séparateur n'est pas reconnu"),
    "unclosed quote": (table(HEADER, LEFEVRE, with_cell("Statut", '"apprenti', NGUYEN)), "Ligne 3 : un guillemet"),
    "unclosed quote in the first line": (b'"Nom;Statut\r\n', "Ligne 1 : un guillemet"),
    "workbook": (workbook(), "classeur"),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "classeur"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "pas un fichier texte"),
    "torn UTF-16": (
        "\ufeff".encode("utf-16-le") + table(HEADER).decode().encode("utf-16-le")[:-1],
        "pas un fichier texte",
    ),
    "too heavy": (table(HEADER, LEFEVRE) + b" " * 1_000_000, "1 Mo"),
    "too long": (table(HEADER, *([LEFEVRE] * 501)), "plus de 500 lignes"),
    "only the separator of Excel": (b"sep=;\r\n", "aucun titre"),
    "too wide": (table([f"t{n}" for n in range(101)], ["x"] * 101), "100 colonnes"),
}


@pytest.mark.parametrize("name", REFUSED_FILES)
def test_a_file_that_cannot_be_used_says_what_to_do(name: str) -> None:
    data, said = REFUSED_FILES[name]
    assert said in only_error(read_roster(data))


def test_a_file_of_the_permitted_length_is_read() -> None:
    people = [[f"Nom{chr(97 + n % 26)}", "Zoé", f"{n:011d}", f"p{n}@exemple.fr", *LEFEVRE[4:]] for n in range(500)]
    assert len(read_roster(table(HEADER, *people)).rows) == 500


# --- refused values -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "field", "value", "said"),
    [
        ("Nom de naissance", "birth_name", "=HYPERLINK(1)", "« = »"),
        ("Prénom(s)", "given_names", "@zoe", "« @ »"),
        ("N° candidat", "candidate_number", "1,23E+10", "format Texte"),
        ("N° candidat", "candidate_number", "+0123456789", "de 8 à 13"),
        ("Courriel", "email", "zoe.exemple.fr", "@"),
        ("Date de naissance", "birth_date", "12/03/05", "quatre chiffres"),
        ("Date de naissance", "birth_date", "38423", "JJ/MM/AAAA"),
        ("Date de naissance", "birth_date", "30/02/2005", "n'existe pas"),
        ("Date de naissance", "birth_date", "12/03/1805", "1805"),
        ("Statut", "status", "redoublant", "« redoublant »"),
    ],
)
def test_a_refused_value_is_kept_as_written_beside_its_reason(column: str, field: str, value: str, said: str) -> None:
    row = only_row(read_roster(table(HEADER, with_cell(column, value))))
    assert row.values[field] == value
    (sentence,) = row.errors.pop(field)
    assert said in sentence
    assert row.errors == {}


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("Nom de naissance", "birth_name"),
        ("Prénom(s)", "given_names"),
        ("N° candidat", "candidate_number"),
        ("Courriel", "email"),
        ("Date de naissance", "birth_date"),
        ("Statut", "status"),
    ],
)
def test_an_empty_required_cell_is_an_error_of_its_line_only(column: str, field: str) -> None:
    roster = read_roster(table(HEADER, with_cell(column, " "), NGUYEN))
    assert list(roster.rows[0].errors) == [field]
    assert roster.rows[1].errors == {}


def test_a_class_may_begin_with_any_sign_and_stays_data() -> None:
    row = only_row(read_roster(table([*HEADER, "Classe"], [*LEFEVRE, "=2+2"])))
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
    assert only_row(read_roster(table(HEADER, with_cell("Statut", written)))).values["status"] == status


def test_distance_is_yes_or_no() -> None:
    header = [*HEADER, "Distance"]
    for written, distance in (("OUI", True), ("x", True), ("non", False), ("", False)):
        assert only_row(read_roster(table(header, [*LEFEVRE, written]))).values["distance"] is distance
    row = only_row(read_roster(table(header, [*LEFEVRE, "parfois"])))
    assert "oui ou par non" in row.errors["distance"][0]


def test_a_line_with_too_many_cells_is_an_error_and_a_short_one_only_lacks_its_end() -> None:
    header = [*HEADER, "Classe"]
    roster = read_roster(
        table(header, [*LEFEVRE, "TS2", "", ""], [*NGUYEN, "TS2", "x"], with_cell("Statut", "", NGUYEN)[:5])
    )
    assert roster.rows[0].errors == {}
    assert "8 cellules pour 7 titres" in roster.rows[1].errors["row"][0]
    assert "status" in roster.rows[2].errors and "row" not in roster.rows[2].errors


def test_a_doubtful_ine_and_a_lost_zero_are_warnings() -> None:
    people = [[*LEFEVRE, ""], [*NGUYEN, ""], [*with_cell("N° candidat", "1234567892"), "1234567890A"]]
    people[2][0], people[2][3] = "Autre", "autre@exemple.fr"
    *fine, doubtful = read_roster(table([*HEADER, "INE"], *people)).rows
    assert all(row.warnings == [] for row in fine)
    assert doubtful.errors == {}
    assert [("INE" in w, "zéro" in w) for w in doubtful.warnings] == [(True, False), (False, True)]


# --- between lines --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "field"), [("N° candidat", "candidate_number"), ("Courriel", "email"), ("INE", "ine")]
)
def test_duplicates_name_all_their_lines_on_each_of_them(column: str, field: str) -> None:
    header = [*HEADER, "INE"]
    place = header.index(column)
    people = [
        [*LEFEVRE, "123456789AB"],
        [*NGUYEN, "123456789CD"],
        ["Petit", "Ana", "01234567899", "a@exemple.fr", *LEFEVRE[4:], ""],
    ]
    people[2][place] = f" {people[0][place].lower()} "
    roster = read_roster(table(header, *people))
    assert all("Les lignes 2 et 4" in roster.rows[n].errors[field][0] for n in (0, 2))
    assert roster.rows[1].errors == {}


def test_homonyms_of_one_file_are_warned_of_and_not_refused() -> None:
    twin = ["LEFEVRE", "Zoe", *NGUYEN[2:]]
    roster = read_roster(table(HEADER, LEFEVRE, twin))
    assert all(row.errors == {} and "Les lignes 2 et 3" in row.warnings[0] for row in roster.rows)


def test_candidates_already_enrolled_are_pointed_at_with_what_agrees() -> None:
    rows = read_roster(table(HEADER, LEFEVRE, NGUYEN)).rows
    known = [
        EnrolledCandidate("same", "LEFEVRE zoe", "2005-03-12", "09999999999"),
        EnrolledCandidate("homonym", "Lefèvre Zoé", "2001-01-01", "09999999998"),
        EnrolledCandidate("number", "Autre Nom", "2001-01-01", "01234567891"),
        EnrolledCandidate("nobody", "Nguyen Anne", "2004-11-30", "09999999997"),
    ]
    found = {match.known_id: match for match in homonyms(rows, known)}
    assert {(m.known_id, m.line, m.same) for m in found.values()} == {
        ("same", 2, ("names", "birth_date")),
        ("homonym", 2, ("names",)),
        ("number", 3, ("candidate_number",)),
    }
    assert "sans doute de la même personne" in found["same"].message_fr
    assert "autre date de naissance" in found["homonym"].message_fr
    assert "Autre Nom" in found["number"].message_fr
    assert homonyms(rows, []) == []


# --- anything -------------------------------------------------------------------------------------


def well_formed(roster: Roster) -> bool:
    sentences = [*roster.file_errors, *(s for row in roster.rows for ss in row.errors.values() for s in ss)]
    return all(s.endswith(".") for s in sentences) and bool(roster.rows) is not bool(roster.file_errors)


@settings(deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes_give_rows_or_reasons(data: bytes) -> None:
    assert well_formed(read_roster(data))


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.sampled_from([*HEADER, *LEFEVRE, *NGUYEN, "INE", "Distance", ";", ",", "\t", '"', "\n", "\r", "=", "é"])
    ),
    st.sampled_from(["utf-8", "utf-16", "cp1252", "mac_roman"]),
    st.binary(max_size=3),
)
def test_any_scramble_of_a_file_gives_rows_or_reasons(pieces: list[str], codec: str, end: bytes) -> None:
    head = ";".join(HEADER) + "\n"
    assert well_formed(read_roster((head + "".join(pieces)).encode(codec) + end))


@pytest.mark.parametrize(
    "unit", [b";", b"a;", b"a;\n", b"\x8e", b"\xe9;\n", b'"', b'"a";', b"a,b\n", b"Nom;", b"\xff\xfea"]
)
def test_the_heaviest_strange_file_is_answered_in_time(unit: bytes) -> None:
    begin = time.thread_time()
    assert well_formed(read_roster((unit * 1_000_000)[:1_000_000]))
    assert time.thread_time() - begin < 3
