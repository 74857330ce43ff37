"""Words of a mail are read whatever their encoding: without a charset, by a wrong one, encoded, torn."""

from __future__ import annotations

import base64

import pytest

from tests.files.previews.mails.test_mails import HEAD, shown, text_of


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "latin-1"])
def test_eight_bit_signs_without_a_charset_are_read_in_headers_and_body(encoding: str) -> None:
    words = "Véhicule accidenté à Orléans"
    raw = f"From: Inès <a@b.example>\nTo: c@d.example\nSubject: Déclaration\n\n{words}".encode(encoding)
    view = shown(raw)
    assert view["headers"] == [["De", "Inès <a@b.example>"], ["À", "c@d.example"], ["Objet", "Déclaration"]]
    assert view["text"] == words


@pytest.mark.parametrize(
    "charset,encoding",
    [("iso-8859-1", "cp1252"), ("us-ascii", "utf-8"), ("x-inconnu", "cp1252"), ("utf-8", "cp1252"), ("zlib", "utf-8"),
     ("iso-8859-15", "iso-8859-15"), ("cp850", "cp850"), ("macintosh", "mac_roman"), ("utf-16", "utf-16"),
     ("cp-850", "cp850"), ("x-cp1252", "cp1252"), ("utf-7", "utf-7")],
)  # fmt: skip
def test_a_body_is_read_by_its_charset_or_by_its_bytes_where_that_is_wrong(charset: str, encoding: str) -> None:
    words = "Garantie n° 12, été" + ("" if encoding in ("cp850", "mac_roman") else ", 30 €")
    body = words.encode(encoding)
    assert text_of(HEAD + f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode() + body) == words


def test_html_without_a_charset_is_read_by_the_one_it_names_itself() -> None:
    html = '<html><head><meta charset="macintosh"></head><p>Résilié'.encode("mac_roman")
    assert text_of(HEAD + b"Content-Type: text/html\r\n\r\n" + html) == "Résilié"


def test_a_comma_inside_a_name_separates_nobody() -> None:
    people = b'"D\xe9, \\"Zo\xe9", A" <z@d.example>, =?utf-8?q?In=C3=A8s=2C?= <i@d.example>'
    assert dict(shown(b"To: " + people + b"\nSubject: S\n\nMot")["headers"])["À"] == (
        '"Dé, \\"Zoé", A" <z@d.example>, Inès, <i@d.example>'
    )


def test_encoded_words_are_joined_before_they_are_decoded() -> None:
    subject = (
        b"=?utf-8?B?RMOpY2xhcmF0aW9uIMM=?=\r\n =?UTF-8?B?qWNyaXRl?= =?iso-8859-1?Q?, suivi n=B0_2?= =?inconnu?q?x?="
    )
    view = shown(b"From: a@b.example\r\nSubject: " + subject + b"\r\n\r\nMot")
    assert view["headers"][1] == ["Objet", "Déclaration écrite, suivi n° 2x"]


def test_a_field_that_is_encoded_whole_still_names_its_file() -> None:
    """As the e-mail package of Python writes a name with accents that an older one of its own classes wraps."""
    field = base64.b64encode('attachment; filename="dégât.heic"'.encode()).decode()
    part = (
        f"--B\r\nContent-Type: image/heic\r\nContent-Disposition: =?utf-8?b?{field[:32]}?=\r\n =?utf-8?b?{field[32:]}?="
    )
    body = b"Content-Type: multipart/mixed; boundary=B\r\n\r\n" + part.encode() + b"\r\n\r\nX\r\n--B--"
    assert shown(b"From: a@b.example\r\n" + body)["attached"] == ["dégât.heic"]


def test_quoted_printable_base64_and_uuencode_are_decoded_even_when_torn() -> None:
    for encoding, body in (
        ("quoted-printable", b"D=C3=A9g=\r\nat"),
        ("base64", b"RMOp\r\nZ2F0"),
        ("BASE64 ", b"RMOpZ2F0RA"),
        ("x-uuencode", b"begin 644 a\r\n&1,.I9V%T\r\n`\r\nend"),
    ):
        head = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
        assert text_of(HEAD + head.encode() + body).startswith("Dégat")


def test_words_that_are_said_to_be_base64_and_are_none_stay_words() -> None:
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    assert text_of(HEAD + head + "Bonjour à tous\r\nà demain".encode()) == "Bonjour à tous\r\nà demain".replace(
        "\r", ""
    )


def test_forms_for_other_screens_are_not_shown_beside_the_text_that_they_repeat() -> None:
    parts = "".join(
        f"--b\r\nContent-Type: {kind}\r\n\r\n{words}\r\n"
        for kind, words in (
            ("text/plain", "Le texte"),
            ("text/x-amp-html", "<html amp4email>"),
            ("text/watch-html", "<b>"),
        )
    )
    mail = HEAD + f"Content-Type: multipart/alternative; boundary=b\r\n\r\n{parts}--b--\r\n".encode()
    assert text_of(mail) == "Le texte"


def test_spaces_that_the_way_added_do_not_break_a_line_that_goes_on() -> None:
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    assert text_of(HEAD + head + b"Un d=C3=A9g=  \r\n=C3=A2t des =\t\r\neaux = 30") == "Un dégât des eaux = 30"
