"""A CSV file that nobody described: its encoding, its delimiter and its lines are found, not guessed at random."""

from __future__ import annotations

import pytest

from portfolio.files.tables.delimited import DelimitedTable, read_table

TITLES = {"Nom", "Prénom", "N°", "Remarque", "Remarque ; suite"}


def read(text: str, codec: str = "utf-8") -> DelimitedTable:
    return read_table(text.encode(codec), TITLES.__contains__, max_records=10)


def cells(table: DelimitedTable) -> list[list[str]]:
    return [record.cells for record in table.records]


def test_a_file_of_an_old_mac_keeps_its_accents() -> None:
    table = read("Nom;Prénom;N°\rLefèvre;Zoé;1\rBesançon;Chloé;2\r", "mac_roman")
    assert table.encoding == "mac-roman"
    assert cells(table) == [["Lefèvre", "Zoé", "1"], ["Besançon", "Chloé", "2"]]


def test_a_single_accent_is_enough_to_know_an_old_mac() -> None:
    assert cells(read("Nom;Prenom\rPetit;Chloé\r", "mac_roman")) == [["Petit", "Chloé"]]


def test_a_sign_that_no_name_has_does_not_garble_the_names() -> None:
    table = read("Nom;Prénom;Remarque\r\nLefèvre;Zoé;• absente\r\nNguyen;Marc;• présent\r\n", "cp1252")
    assert table.encoding == "windows-1252"
    assert cells(table) == [["Lefèvre", "Zoé", "• absente"], ["Nguyen", "Marc", "• présent"]]


@pytest.mark.parametrize("name", ["Lebœuf", "LEBŒUF", "Škoda", "Lefèvre 5 €"])
@pytest.mark.parametrize(("codec", "named"), [("cp1252", "windows-1252"), ("iso8859_15", "iso-8859-15")])
def test_two_close_encodings_are_told_apart(name: str, codec: str, named: str) -> None:
    table = read(f"Nom;Prénom\n{name};Zoé\n", codec)
    assert (table.encoding, cells(table)) == (named, [[name, "Zoé"]])


def test_lines_are_counted_as_in_the_file() -> None:
    table = read('\r\nNom;Remarque\r\n\r\nLefèvre;"sur\r\ndeux lignes"\r\n;\r\nNguyen;\r\n')
    assert table.header.line == 2
    assert [record.line for record in table.records] == [4, 7]


def test_the_separator_line_of_excel_is_obeyed_and_is_no_header() -> None:
    table = read("sep=,\r\nNom,Remarque\r\nLefèvre,a;b;c\r\n")
    assert (table.delimiter, table.header.line) == (",", 2)
    assert cells(table) == [["Lefèvre", "a;b;c"]]


def test_commas_in_some_cells_do_not_fool_the_choice_of_the_delimiter() -> None:
    table = read("Nom;Prénom;N°\nLefèvre;Zoé, Marie;1\nNguyen;Marc;2\n")
    assert table.delimiter == ";"
    assert cells(table)[0] == ["Lefèvre", "Zoé, Marie", "1"]


def test_a_semicolon_in_every_line_does_not_fool_it_either() -> None:
    table = read("Nom|Remarque ; suite\nLefèvre|a ; b\nNguyen|c ; d\n")
    assert table.delimiter == "|"
    assert cells(table) == [["Lefèvre", "a ; b"], ["Nguyen", "c ; d"]]
