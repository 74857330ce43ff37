"""Mails inside a wrapping of their program: winmail.dat, broken lines, signatures, saved web pages."""

from __future__ import annotations

import base64
import struct
import time
from email.message import EmailMessage
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from portfolio.files.previews.preview_spec import MailView
from portfolio.files.previews.renderers.mails import internet_mail, winmail
from portfolio.files.previews.renderers.mails.flowed_text import unflowed
from tests.files.previews.drawn import outline, rendered
from tests.support import containers
from tests.support import specimens as made

HEAD = b"From: a@b.example\r\nSubject: Suivi\r\nMIME-Version: 1.0\r\n"
BODY, PROPERTIES, DATA, TITLE, BEGINS, OF_FILE = 0x2800C, 0x69003, 0x6800F, 0x18010, 0x69002, 0x69005


def shown(mail: EmailMessage | MIMEMultipart | bytes) -> MailView:
    (view,) = outline(mail if isinstance(mail, bytes) else mail.as_bytes(), "eml").messages
    return view


# --- winmail.dat ([MS-OXTNEF]) ------------------------------------------------------------------------


def tnef(*objects: tuple[int, int, bytes]) -> bytes:
    """Returns a TNEF. objects: (1 of the message, 2 of a file; its attribute; its bytes)."""
    rows = [struct.pack("<BII", level, name, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)
            for level, name, data in ((1, 0x69007, struct.pack("<II", 1252, 0)), *objects)]  # fmt: skip
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(rows)


def of_bytes(*values: tuple[int, bytes]) -> bytes:
    """Returns properties of bytes. values: (tag, bytes)."""
    return struct.pack("<I", len(values)) + b"".join(
        struct.pack("<HHII", 0x0102, tag, 1, len(data)) + data + bytes(-len(data) % 4) for tag, data in values
    )


RICH = struct.pack("<II4sI", 40, 28, b"MELA", 0) + b"{\\rtf1\\ansi Prime : 30 \\'80}"


def a_file(name: str, data: bytes) -> list[tuple[int, int, bytes]]:
    return [(2, BEGINS, bytes(14)), (2, TITLE, name.encode("cp1252") + b"\0"), (2, DATA, data)]


def wrapped(data: bytes, words: str = "") -> MIMEMultipart:
    mail = MIMEMultipart()
    mail["From"] = "a@b.example"
    if words:
        mail.attach(MIMEText(words))
    mail.attach(MIMEApplication(data, "ms-tnef", name="winmail.dat"))
    return mail


def test_files_and_body_that_outlook_wrapped_are_those_of_the_mail() -> None:
    data = tnef((1, BODY, "Constat signé\0".encode("cp1252")), *a_file("Dégât.pdf", b"%PDF"), *a_file("b.txt", b"Mot"))
    view = shown(wrapped(data))
    assert (view["text"], view["attached"], view["notes"]) == ("Constat signé", ["Dégât.pdf", "b.txt"], [])


def test_a_wrapping_that_announces_four_billion_values_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(winmail, "LONGEST_S", 0.05)
    values = struct.pack("<IHHI", 1, 0x1003, 1, 0xFFFFFFFF)  # several values of one property
    for announced in (struct.pack("<I", 0xFFFFFFFF), values):
        before = time.process_time()
        with pytest.raises(winmail.Unreadable):
            winmail.read(tnef((1, PROPERTIES, announced)))
        assert time.process_time() - before < 1


def test_a_body_that_stands_beside_the_wrapping_is_shown_once() -> None:
    view = shown(wrapped(tnef((1, BODY, b"Bonjour\0"), *a_file("a.txt", b"Mot")), "Bonjour"))
    assert (view["text"].strip(), view["attached"]) == ("Bonjour", ["a.txt"])


@pytest.mark.parametrize(
    "tag,data",
    [
        (0x1013, b'<meta charset="windows-1252"><p>Prime : 30 \x80</p>'),
        (0x1009, RICH),
    ],
)
def test_a_body_in_html_or_rich_text_is_read_out_of_the_wrapping(tag: int, data: bytes) -> None:
    assert shown(wrapped(tnef((1, PROPERTIES, of_bytes((tag, data))))))["text"].strip() == "Prime : 30 €"


def test_a_mail_attached_inside_the_wrapping_is_shown_like_any() -> None:
    mark = bytes.fromhex("0703020000000000c000000000000046")  # IID_IMessage
    inner = mark + tnef((1, BODY, b"Au fond\0"))
    view = shown(wrapped(tnef((2, BEGINS, bytes(14)), (2, OF_FILE, of_bytes((0x3701, inner)))), "Voir joint"))
    assert [one["text"] for one in view["messages"]] == ["Au fond"]


@pytest.mark.parametrize(
    "torn",
    [
        b"",
        b"x\x9f\x3e\x22",
        b"<html>",
        tnef((1, BODY, b"a"))[:-4],
        tnef() + bytes(11) * 100_000,  # as many objects
        tnef((1, 0x69004, struct.pack("<I", 0xFFFFFFFF))),  # as many recipients
    ],
)
def test_a_torn_or_hostile_wrapping_costs_nothing_but_itself(torn: bytes) -> None:
    view = shown(wrapped(torn, "Bonjour"))
    assert view["text"].strip() == "Bonjour"
    assert view["notes"] in ([winmail.UNREADABLE], [])


# --- lines broken for the way -------------------------------------------------------------------------


def test_a_paragraph_broken_for_the_way_is_one_line() -> None:
    text = "Le sinistre est \r\nclos.\r\nMerci\r\n> cité \r\n> suite\r\n>> plus bas\r\n  en retrait\r\n-- \r\nInès"
    assert unflowed(text, delete_space=False) == (
        "Le sinistre est clos.\nMerci\n> cité suite\n>> plus bas\n en retrait\n-- \nInès"
    )
    assert unflowed("dom \r\nmage", delete_space=True) == "dommage"


def test_a_mail_says_itself_that_its_lines_are_broken() -> None:
    flowed = b"Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\r\n\r\nUn dom \r\nmage \r\n"
    assert shown(HEAD + flowed)["text"].rstrip("\n") == "Un dommage"
    fixed = b"Content-Type: text/plain; charset=utf-8\r\n\r\nUn dom \r\nmage \r\n"
    assert shown(HEAD + fixed)["text"] == "Un dom \nmage \n"


# --- signatures ---------------------------------------------------------------------------------------


def test_a_text_enclosed_in_its_signature_is_explained() -> None:
    opaque = b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n\r\nMII="
    assert shown(HEAD + opaque)["notes"] == [internet_mail.ENCLOSED]


def test_a_signed_message_of_outlook_shows_the_mail_in_it() -> None:
    inner = (
        b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=B\r\n\r\n--B\r\n'
        b"Content-Type: multipart/mixed; boundary=C\r\n\r\n--C\r\n\r\nBonjour\r\n--C\r\n"
        b"Content-Type: application/pdf; name=devis.pdf\r\n\r\n%PDF\r\n--C--\r\n"
        b"--B\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nMII=\r\n--B--"
    )
    streams = {
        "__properties_version1.0": bytes(32),
        "__substg1.0_001A001F": "IPM.Note.SMIME.MultipartSigned".encode("utf-16-le"),
        "__attach_version1.0_#00000000/__properties_version1.0": bytes(8),
        "__attach_version1.0_#00000000/__substg1.0_370E001F": "multipart/signed".encode("utf-16-le"),
        "__attach_version1.0_#00000000/__substg1.0_37010102": inner,
    }
    (view,) = outline(containers.compound(streams), "msg").messages
    assert (view["text"].strip(), view["attached"]) == ("Bonjour", ["devis.pdf"])
    assert view["notes"] == [internet_mail.SIGNED]


# --- saved web pages (RFC 2557) -----------------------------------------------------------------------


def saved_page() -> bytes:
    picture = base64.b64encode(made.picture("PNG")).decode()
    return (
        "From: <Saved by Blink>\r\nSubject: =?utf-8?Q?Assurance_=C3=A9t=C3=A9?=\r\n"
        "Date: Fri, 4 Dec 2026 09:30:00 +0100\r\nSnapshot-Content-Location: https://a.example/offre/\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; type=text/html; boundary=B\r\n\r\n--B\r\n"
        "Content-Type: text/html; charset=utf-8\r\nContent-Location: https://a.example/offre/\r\n\r\n"
        '<p>Nos tarifs</p><img src="p.png"><img src="https://a.example/offre/p.png"><img src="https://b.example/q.png">'
        "\r\n--B\r\nContent-Type: text/css\r\nContent-Location: cid:c@mhtml.blink\r\n\r\np { color: red }\r\n"
        "--B\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Location: https://a.example/offre/p.png\r\n\r\n{picture}\r\n--B--\r\n"
    ).encode()


def test_a_saved_page_has_its_title_address_day_and_words_and_no_style_sheet() -> None:
    (view,) = outline(saved_page(), "mhtml").messages
    assert view["headers"] == [
        ["Page", "Assurance été"],
        ["Adresse", "https://a.example/offre/"],
        ["Date", "04/12/2026 09:30 +0100"],
    ]
    assert (view["text"].strip(), view["attached"], view["has_layout"]) == ("Nos tarifs", [], True)


def test_a_saved_page_shows_its_own_pictures_and_none_from_elsewhere() -> None:
    page = rendered(saved_page(), "mhtml", "layout-1").decode()
    assert page.count('src="data:image/webp;base64,') == 2
    assert "[image non chargée]" in page and "q.png" not in page


def in_pieces(number: int, body: bytes) -> bytes:
    return (
        b"From: a@b.example\r\nSubject: Dossier (1/2)\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: message/partial; id="x@b.example"; number=%d; total=2\r\n\r\n' % number + body
    )


def test_the_first_piece_of_a_mail_sent_in_several_is_read_as_far_as_it_goes() -> None:
    inner = (
        b"Subject: Dossier 4512\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        + "Constat signé, la suite".encode()
    )
    view = shown(in_pieces(1, inner))
    assert view["notes"] == [internet_mail.IN_PIECES.format(which="le premier sur 2")]
    (message,) = view["messages"]
    assert (message["headers"], message["text"]) == ([["Objet", "Dossier 4512"]], "Constat signé, la suite")


def test_a_later_piece_of_a_mail_sent_in_several_says_which_it_is() -> None:
    view = shown(in_pieces(2, b" est jointe.\r\n"))
    assert (view["notes"], view["text"].strip()) == (
        [internet_mail.IN_PIECES.format(which="le n° 2 sur 2")],
        "est jointe.",
    )


def test_a_winmail_part_with_nothing_in_it_says_that_it_cannot_be_read() -> None:
    part = b"Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    view = shown(b"From: a@b.example\r\nSubject: Suivi\r\n" + part + base64.b64encode(b"\x78\x9f\x3e\x22garbage"))
    assert (view["notes"], view["attached"]) == ([winmail.UNREADABLE], ["winmail.dat"])


def test_a_text_that_pgp_encrypted_says_so() -> None:
    view = shown(b"From: a@b.example\r\nSubject: Suivi\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n")
    assert view["notes"] == [internet_mail.ENCRYPTED]
