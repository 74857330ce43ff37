"""Messages, web pages and calendars are shown by their words."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from portfolio.files.previews.preview_spec import Preview
from tests.files.previews.drawn import outline
from tests.support import specimens as made


def test_a_message_shows_its_headers_its_words_and_what_is_attached() -> None:
    message = outline(made.message(), "eml").messages[0]
    assert ["Objet", "Déclaration de sinistre"] in message["headers"]
    assert ["De", "client@example.org"] in message["headers"]
    assert ["Date", "02/03/2027 10:00 +0100"] in message["headers"]
    assert message["text"] == "Bonjour,\n\nVoici le constat.\n" and message["attached"] == ["constat.jpg"]


def test_a_message_that_is_only_html_is_shown_as_words() -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@example.org", "Relance"
    mail.set_content(
        "<html><head><style>p{}</style></head><body><p>Bonjour&nbsp;<b>Zoé</b><script>alert(1)</script></p>"
        '<img src="https://example.org/pixel.gif"><p>Merci</p></body></html>',
        subtype="html",
    )
    assert outline(mail.as_bytes(), "eml").messages[0]["text"] == "Bonjour Zoé\nMerci"


def test_a_box_shows_several_messages() -> None:
    said = outline(made.box_of_messages() * 3, "mbox")
    assert [one["attached"] for one in said.messages] == [["constat.jpg"]] * 3


def test_an_outlook_message_shows_its_subject_and_words() -> None:
    message = outline(made.outlook_message(), "msg").messages[0]
    assert message["headers"] == [["Objet", "Déclaration de sinistre"]]
    assert message["text"].startswith("Bonjour, Bonjour, ")


def test_a_web_page_is_shown_as_words() -> None:
    assert outline(made.web_page(), "html").text == "Où déclarer ?"
    assert isinstance(outline(made.saved_page(), "mhtml"), Preview)


@pytest.mark.parametrize(
    "ruby",
    [
        "<ruby>東京<rt>Tokyo</rt></ruby>",
        "<ruby>東京<rp>(</rp><rt>Tokyo</rt><rp>)</rp></ruby>",
        "<ruby>東京<rp>（<rt>Tokyo<rp>）</ruby>",
        "<ruby><rb>東京</rb><rtc><rt>Tokyo</rtc></ruby>",
    ],
)
def test_how_a_word_is_read_stands_behind_it_in_a_web_page(ruby: str) -> None:
    page = f"<!doctype html><p>Siège : {ruby}<ruby>海上<rt></ruby>.</p>"
    assert outline(page.encode(), "html").text == "Siège : 東京 (Tokyo)海上."


def test_a_calendar_says_what_when_and_where_as_an_invitation_in_a_mail() -> None:
    event = made.invitation().replace(b"END:VEVENT", b"DTSTART:20260303T090000Z\r\nLOCATION:Agence\r\nEND:VEVENT")
    assert outline(event, "ics").text.splitlines() == [
        "Rendez-vous",
        "Objet : Réunion",
        "Début : 03/03/2026 à 10 h 00 (heure de Paris)",
        "Lieu : Agence",
    ]


def test_a_calendar_says_that_it_shows_only_its_first_events() -> None:
    event = b"BEGIN:VEVENT\r\nSUMMARY:Visite\r\nEND:VEVENT\r\n"
    calendar = b"BEGIN:VCALENDAR\r\n" + event * 21 + b"END:VCALENDAR\r\n"
    shown = outline(calendar, "ics").text
    assert shown.count("Objet : Visite") == 20
    assert shown.endswith("Seuls les 20 premiers rendez-vous de 21 sont montrés.")


def test_a_calendar_without_any_event_is_shown_as_it_is_written() -> None:
    assert outline(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n", "ics").text.startswith("BEGIN:VCALENDAR")
