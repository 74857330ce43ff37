"""A contact sent as a file reads as a card: names, telephones, addresses."""

from __future__ import annotations

import pytest

from tests.files.previews.drawn import outline

CARD_3 = """BEGIN:VCARD
VERSION:3.0
N:Curie;Marie;Salomea;Mme;
FN:Marie Curie
ORG:Assurances du Rhône;Sinistres
TITLE:Gestionnaire
TEL;TYPE=CELL,VOICE:06 12 34 56 78
item1.TEL;TYPE="work":04 72 00 00 00
EMAIL;TYPE=INTERNET:marie.curie@agence.example
ADR;TYPE=WORK:;;3 rue des Lilas\\, bât. B;Lyon;;69003;France
NOTE:Rappeler\\nle matin
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ
 SkZJRg==
X-ABLABEL:bureau
END:VCARD
"""
READ_3 = """Nom : Marie Curie
Organisation : Assurances du Rhône, Sinistres
Fonction : Gestionnaire
Téléphone (portable) : 06 12 34 56 78
Téléphone (travail) : 04 72 00 00 00
Adresse e-mail : marie.curie@agence.example
Adresse (travail) : 3 rue des Lilas, bât. B, Lyon, 69003, France
Note : Rappeler
le matin"""
CARD_2 = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:L=C3=A9v=C3=AAque;Zo=C3=A9;;;
TEL;HOME;VOICE:01 40 00 00 00
NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:premi=E8re=
 ligne
END:VCARD
"""
CARD_4 = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Jean\r\n  Dupont\r\nTEL;VALUE=uri:tel:+33-1-40\r\nEND:VCARD\r\n"


@pytest.mark.parametrize(
    ("card", "read"),
    [
        (CARD_3, READ_3),
        (CARD_2, "Nom : Zoé Lévêque\nTéléphone (domicile) : 01 40 00 00 00\nNote : première ligne"),
        (CARD_4, "Nom : Jean Dupont\nTéléphone : +33-1-40"),
        ("BEGIN:VCARD\nEND:VCARD", ""),
    ],
)
def test_a_contact_reads_as_a_card(card: str, read: str) -> None:
    assert outline(card.encode(), "txt").text == read


def test_what_a_card_leaves_out_is_said() -> None:
    notes = outline(CARD_3.encode(), "txt").notes
    assert any("photos" in note for note in notes) and any("X-ABLABEL" in note for note in notes)
    assert outline(CARD_2.encode(), "txt").notes == []


def test_of_a_whole_address_book_the_first_contacts_are_shown_and_it_is_said() -> None:
    view = outline((CARD_4 * 1500).encode(), "txt")
    assert view.text.count("Nom : ") == 200
    assert view.notes == ["Seuls les 200 premiers contacts de 1\u00a0500 sont montrés."]
