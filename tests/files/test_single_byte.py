"""A text that does not say its encoding is read by what it then says, whichever program of a French office wrote it."""

from __future__ import annotations

import pytest

from portfolio.files.previews.renderers.texts import decoded
from portfolio.files.text_encoding import decode
from tests.files.previews.drawn import outline
from tests.files.previews.tables import texts_of

ENCODINGS = ["cp850", "cp437", "mac_roman", "cp1252", "iso8859_15", "latin-1"]
TEXTS = [
    "Nom;Prénom;N°\nLefèvre;Zoé;1\nBesançon;Chloé;2\n",
    "Société;Échéance;Qté\nÉts Gaël;à régler;3\nForêt;où;4\n",
    "Intitulé;Montant\nRèglement reçu;30\nCôté assuré;12\n",
    "René\n",
    "Nom;Né le\nRoux;12/03/2005\n",
    "Né(e) à Lille ; Dû le 3\n",
    "Coût du CAFÉ ; THÉ\n",
    "Très bien\n",
    "À rendre : À partir du 3\n",
    "NOM;PRÉNOM\nLEGRAND;HÉLOÏSE\nRENÉ;ÉLODIE\n",
]


def written(text: str, encoding: str) -> bytes:
    """In DOS of before, some capitals have no sign: people wrote them without their accents."""
    plain = text if encoding != "cp437" else text.replace("Ï", "I").replace("À", "A")
    return plain.encode(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", TEXTS)
def test_french_keeps_its_accents_whatever_program_wrote_it(text: str, encoding: str) -> None:
    data = written(text, encoding)
    assert decoded(data) == decode(data).text == data.decode(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_list_that_a_program_of_dos_or_of_an_old_mac_wrote_is_shown_in_french(encoding: str) -> None:
    data = "Assuré;Événement;Réglé\nHélène Noël;dégât des eaux;façade\n".encode(encoding)
    assert texts_of(outline(data, "csv").sheets[0]) == [
        ["Assuré", "Événement", "Réglé"],
        ["Hélène Noël", "dégât des eaux", "façade"],
    ]


def test_a_letter_that_stands_alone_is_no_capital_of_another_program() -> None:
    assert decoded("Agence é suite".encode("cp1252")) == "Agence é suite"


def test_of_latin_9_an_e_in_an_o_behind_a_capital_is_a_letter() -> None:
    assert decode("Nom;Aœ-a\n".encode("iso8859_15")).text == "Nom;Aœ-a\n"


def test_a_text_of_dos_is_shown_in_french() -> None:
    assert outline("Procès-verbal : dégât constaté à 10 h.".encode("cp850"), "txt").text == (
        "Procès-verbal : dégât constaté à 10 h."
    )


def test_one_torn_sign_does_not_garble_a_text_in_unicode() -> None:
    assert decoded("Été, forêt, où, déjà, façade ".encode() + b"\xe9 fin") == "Été, forêt, où, déjà, façade \ufffd fin"
