"""Mails, saved pages, pictures, recordings and plain texts tell what they are."""

from __future__ import annotations

import io
from email.message import EmailMessage

import pytest
from PIL import Image

from portfolio.files.facts.messages.threads import parts_of
from tests.files.facts.told import counts, facts, functions
from tests.support import specimens

ANSWER = """Bonjour Madame,

Votre contrat est résilié au 31 décembre.

Cordialement,
Inès Moreau
Cabinet Durand

Le 3 novembre 2026 à 09:12, Paul Petit <paul@client.example> a écrit :
> Bonjour, où en est mon dossier ?
>> Nous avons bien reçu votre demande.
"""


def answer() -> bytes:
    mail = EmailMessage()
    mail["From"] = "Inès Moreau <ines@cabinet.example>"
    mail["To"] = "paul@client.example, Léa <lea@client.example>"
    mail["Cc"] = '"Durand, Marc" <marc@cabinet.example>'
    mail["Subject"], mail["Date"] = "RE: Mon dossier", "Tue, 03 Nov 2026 10:00:00 +0100"
    mail["In-Reply-To"], mail["References"] = "<2@x>", "<1@x> <2@x>"
    mail["X-Mailer"] = "Outlook 16"
    mail["Disposition-Notification-To"] = "ines@cabinet.example"
    mail.set_content(ANSWER)
    mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="avenant.pdf")
    return mail.as_bytes()


def test_a_mail_tells_its_recipients_its_thread_and_what_is_its_own() -> None:
    told = facts(answer(), "eml")
    assert counts(told["functions"]) == {
        "recipients_to": 2, "recipients_copy": 1, "reply": 1, "thread_headers": 2, "thread_depth": 2, "own_words": 14,
        "quoted_words": 27, "attachment: pdf": 1, "signature": 1, "read_receipt": 1,
    }  # fmt: skip
    assert told["provenance"]["authors"] == ["Inès Moreau <ines@cabinet.example>"]
    assert told["provenance"]["application"] == "Outlook 16"


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("Bonjour", 0),
        ("Vu.\n\nDe : Paul\nEnvoyé : lundi\nÀ : Inès\nObjet : x\n\nBonjour\n\nDe : Inès\nDate : dimanche\n\nOui", 2),
        ("Vu.\n-----Message d'origine-----\nDe : Paul\nEnvoyé : lundi\n\nBonjour", 1),
        ("Vu.\nLe lun. 2 nov. 2026 à 10:00, Paul Petit <\npaul@client.example> a écrit :\n\nBonjour", 1),
        ("De : Paris\nje vous écris", 0),
    ],
)
def test_earlier_mails_are_counted_by_the_lines_that_begin_them(text: str, depth: int) -> None:
    assert parts_of(text).depth == depth


def test_a_mailbox_tells_how_many_messages_it_holds() -> None:
    box = b"".join(b"From a Tue Nov  3 10:00:00 2026\n" + answer() + b"\n\n" for _ in range(3))
    told = functions(box, "mbox")
    assert (told["message"], told["reply"], told["attachment: pdf"]) == (3, 3, 3)


def test_a_saved_page_tells_title_address_legal_notice_and_banner() -> None:
    html = (
        "<!-- saved from url=(0027)https://www.cabinet.example/ -->"
        "<html><head><title>Cabinet Durand</title><meta name='generator' content='WordPress 6'></head>"
        "<body><h1>Auto</h1>"
        "<div id='tarteaucitronRoot'>x</div><p>Bonjour</p><a href='/ml'>Mentions légales</a></body></html>"
    )
    told = facts(html.encode(), "html")
    assert counts(told["functions"]) == {
        "heading: h1": 1,
        "link": 1,
        "legal_notice": 1,
        "consent_banner": 1,
        "words": 5,
    }
    assert told["provenance"] == {
        "title": "Cabinet Durand",
        "address": "https://www.cabinet.example/",
        "application": "WordPress 6",
    }


def test_a_page_without_notice_nor_banner_tells_neither() -> None:
    told = functions(b"<html><title>a</title><p>Recette des cookies</p></html>", "html")
    assert not {"legal_notice", "consent_banner"} & told.keys()


def test_a_photo_tells_its_size_day_device_and_that_it_has_a_position() -> None:
    told = facts(photo(), "jpeg")
    assert counts(told["functions"]) == {"picture_size: 64 × 48 pixels": 1}
    assert told["provenance"] == {
        "taken": "2026-11-03T14:05:00",
        "device": "Apple iPhone 15",
        "application": "17.4",
    }
    assert counts(told["risks"]) == {"device": 1, "gps": 1}


def photo() -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = "Apple", "iPhone 15", "17.4"
    exif.get_ifd(0x8769)[0x9003] = "2026:11:03 14:05:00"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 24.0), 3: "E", 4: (2.0, 21.0, 3.0)})
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48)).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def test_a_screenshot_without_data_tells_its_size_and_no_risk() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (30, 20)).save(buffer, "PNG")
    told = facts(buffer.getvalue(), "png")
    assert counts(told["functions"]) == {"picture_size: 30 × 20 pixels": 1}
    assert (told["provenance"], told["risks"]) == ({}, [])


def test_a_film_tells_how_long_it_lasts() -> None:
    header = bytes(12) + (1000).to_bytes(4) + (65_000).to_bytes(4) + bytes(80)
    film = specimens.film(movie=specimens.box(b"mvhd", header) + specimens.android_place())
    told = facts(film, "mp4")
    assert [(entry["code"], entry.get("value"), entry["count"]) for entry in told["functions"]] == [
        ("duration_seconds", "1 min 05 s", 65)
    ]
    assert counts(told["risks"]) == {"gps": 1}


def test_plain_texts_and_tables_tell_their_form() -> None:
    assert functions(b"Nom;Prime\nPetit;412\n", "csv") == {
        "separator: point-virgule": 1, "row": 2, "column": 2,
    }  # fmt: skip
    assert functions(b"# Titre\n\n- un\n- deux\n", "md") == {"heading": 1, "list": 2, "words": 6, "line": 5}
    assert functions(specimens.invitation(), "ics")["calendar"] == 1
