"""Names of deposited files, as stored and shown."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.files.recognition.names import LONGEST_NAME, extension, safe_name


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Relevé d'échéances 2027.xlsx", "Relevé d'échéances 2027.xlsx"),
        ("Re\u0301sume\u0301.pdf", "Résumé.pdf"),
        ("C:\\Users\\lea\\Bureau\\suivi.xlsx", "suivi.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("facture\u202efdp.exe", "facturefdp.exe"),
        ("a\x00b\r\nc\x7f.pdf", "abc.pdf"),
        ("note\u200b\u2028.pdf", "note.pdf"),
        ("\ud83dphoto.jpg", "photo.jpg"),
        ("virus.exe . ", "virus.exe"),
        ("  ...", "fichier"),
        ("dossier/", "dossier"),
        ("", "fichier"),
    ],
)
def test_a_name_keeps_what_a_person_reads_and_loses_the_rest(given_name, kept):
    assert safe_name(given_name) == kept


def test_a_long_name_is_cut_before_its_extension():
    name = safe_name("compte rendu " * 20 + ".docx")

    assert len(name) == LONGEST_NAME
    assert name.startswith("compte rendu")
    assert name.endswith(".docx")


@given(st.text(st.characters()) | st.text("a./\\ \u202e\u0301\xa0", max_size=400))
def test_a_safe_name_is_short_visible_composed_and_stays_itself(name):
    safe = safe_name(name)

    assert 0 < len(safe) <= LONGEST_NAME
    assert not set(safe) & set("/\\")
    assert all(unicodedata.category(sign)[0] != "C" or unicodedata.category(sign) in ("Cn", "Co") for sign in safe)
    assert unicodedata.is_normalized("NFC", safe)
    assert safe_name(safe) == safe
    safe.encode("utf-8")


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("Photo.JPG", "jpg"),
        ("facture.pdf.exe", "exe"),
        ("sans", ""),
        ("M. Durand", ""),
        ("v1.2 finale", ""),
    ],
)
def test_an_extension_is_the_last_one(name, ending):
    assert extension(name) == ending
