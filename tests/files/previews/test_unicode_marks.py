"""Texts of UTF-16 without its mark: received as what they are, and shown like any other."""

from __future__ import annotations

import io

import pytest

from portfolio.files.recognition.recognise import recognise
from portfolio.files.unicode_marks import unicode_in
from portfolio.rules.file_kinds import UnacceptableFile
from tests.files.previews.drawn import outline
from tests.files.previews.tables import texts_of
from tests.support import specimens as made

CODECS = ("utf-16-be", "utf-16-le")
NOTE = "Réunion du 2 mars : relancer l’expert, franchise de 200 €.\r\nDossier « 4521 ».\r\n"


def kind_of(data: bytes, name: str) -> str:
    return recognise(io.BytesIO(data), name, len(data)).kind


@pytest.mark.parametrize("codec", CODECS)
def test_a_note_is_shown_sign_by_sign(codec: str) -> None:
    data = NOTE.encode(codec)
    assert kind_of(data, "notes.txt") == "txt" == kind_of(data, "")
    assert outline(data, "txt").text == NOTE
    assert outline((NOTE * 9000).encode(codec), "txt").text.startswith(NOTE * 100)


@pytest.mark.parametrize("codec", CODECS)
def test_a_table_keeps_its_columns(codec: str) -> None:
    data = "Prénom;Échéance\r\nZoé;02/03/2026\r\n".encode(codec)
    assert kind_of(data, "suivi.csv") == "csv"
    assert texts_of(outline(data, "csv").sheets[0]) == [["Prénom", "Échéance"], ["Zoé", "02/03/2026"]]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize(
    "name,written,words",
    [
        ("page.html", "<!doctype html><html><body><p>Déjà réglé</p></body></html>", "Déjà réglé"),
        ("suivi.eml", "From: a@b.example\r\nSubject: Été\r\nDate: Mon, 2 Mar 2026\r\n\r\nDéjà réglé", "Déjà réglé"),
        ("reunion.ics", made.invitation().decode(), "VCALENDAR"),
        ("tchat.json", '{"message": "Déjà réglé"}', "Déjà réglé"),
    ],
)
def test_other_texts_are_read_by_their_own_reader(codec: str, name: str, written: str, words: str) -> None:
    data, kind = written.encode(codec), name.rpartition(".")[2]
    assert kind_of(data, name) == kind
    marked, unmarked = outline(written.encode(), kind), outline(data, kind)
    assert unmarked == marked
    assert words == "VCALENDAR" or words in str(unmarked)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a",
        b"\0" * 64,
        bytes(range(256)),
        b"\0a\0\1\0b",
        b"\0a" * 8 + b"b\0" * 8,
        "日本語の文書".encode("utf-16-be"),
    ],
)
def test_other_bytes_are_not_taken_for_it(data: bytes) -> None:
    assert unicode_in(data) == (b"", "")


def test_a_file_of_figures_with_zeros_is_no_text() -> None:
    figures = b"".join(number.to_bytes(2) for number in range(1, 32))
    with pytest.raises(UnacceptableFile):
        kind_of(figures, "a.txt")
