"""Files that cannot be read as a list say what to do; any bytes give rows or reasons."""

from __future__ import annotations

import io
import time

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.enrolment.lists.reading import ReadList
from tests.support.acts.lists import HEADER, LEFEVRE, NGUYEN, only_error, roster_of, table, with_cell


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
    "lines in quotes": (
        b"".join(b'"' + ";".join(line).encode() + b'"\r\n' for line in (HEADER, LEFEVRE)),
        "entourée de guillemets",
    ),
    "unknown delimiter": (table(HEADER, LEFEVRE, delimiter="/"), "séparateur n'est pas reconnu"),
    "unclosed quote": (table(HEADER, LEFEVRE, with_cell("Statut", '"apprenti', NGUYEN)), "Ligne 3 : un guillemet"),
    "unclosed quote in the first line": (b'"Nom;Statut\r\n', "Ligne 1 : un guillemet"),
    "workbook without candidates": (workbook(), "aucun candidat"),
    "torn workbook": (workbook()[:-200], "ne se laisse pas lire"),
    "old workbook, torn": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "ne se laisse pas lire"),
    "torn XML": (b"<?xml version='1.0'?><LISTE><ELEVE>", "ne se laisse pas lire"),
    "XML that expands": (
        b"<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a 'b'>]><l><e><NOM>&a;</NOM><PRENOM>x</PRENOM></e></l>",
        "ne se laisse pas lire",
    ),
    "of teachers": (
        b"<?xml version='1.0'?><l><e><NOM>A</NOM><PRENOM>B</PRENOM><DATE_NAISS>01/01/1980</DATE_NAISS>"
        b"<GRADE>CERT</GRADE></e></l>",
        "personnels",
    ),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "pas un fichier texte"),
    "torn UTF-16": (
        "\ufeff".encode("utf-16-le") + table(HEADER).decode().encode("utf-16-le")[:-1],
        "pas un fichier texte",
    ),
    "too heavy": (table(HEADER, LEFEVRE) + b" " * 2_000_000, "2 Mo"),
    "too long": (table(HEADER, *([LEFEVRE] * 501)), "plus de 500 lignes"),
    "only the separator of Excel": (b"sep=;\r\n", "aucun titre"),
    "too wide": (table([f"t{n}" for n in range(201)], ["x"] * 201), "200 colonnes"),
}


@pytest.mark.parametrize("name", REFUSED_FILES)
def test_a_file_that_cannot_be_used_says_what_to_do(name: str) -> None:
    data, said = REFUSED_FILES[name]
    assert said in only_error(roster_of(data))


def test_a_file_of_the_permitted_length_is_read() -> None:
    people = [[f"Nom{chr(97 + n % 26)}", "Zoé", f"{n:011d}", f"p{n}@exemple.fr", *LEFEVRE[4:]] for n in range(500)]
    assert len(roster_of(table(HEADER, *people)).rows) == 500


def well_formed(roster: ReadList) -> bool:
    sentences = [*roster.file_errors, *(s for row in roster.rows for ss in row.errors.values() for s in ss)]
    return all(s.endswith(".") for s in sentences) and bool(roster.rows) is not bool(roster.file_errors)


@settings(deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes_give_rows_or_reasons(data: bytes) -> None:
    assert well_formed(roster_of(data))


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
    assert well_formed(roster_of((head + "".join(pieces)).encode(codec) + end))


@pytest.mark.parametrize(
    "unit", [b";", b"a;", b"a;\n", b"\x8e", b"\xe9;\n", b'"', b'"a";', b"a,b\n", b"Nom;", b"\xff\xfea"]
)
def test_the_heaviest_strange_file_is_answered_in_time(unit: bytes) -> None:
    begin = time.thread_time()
    assert well_formed(roster_of((unit * 1_000_000)[:1_000_000]))
    assert time.thread_time() - begin < 3
