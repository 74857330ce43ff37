"""What the page shows of a message of Outlook is what Outlook would show."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

import pytest

from portfolio.files.previews.preview_spec import MailView
from portfolio.files.previews.renderers.mails import internet_mail
from tests.files.previews.drawn import outline
from tests.support import containers

SUBJECT, SENDER, ADDRESS, BODY, HTML, RICH = "0037", "0C1A", "5D01", "1000", "1013", "1009"


def fixed(head: int, **values: int) -> bytes:
    """The stream of properties of fixed length. values: t + tag and kind, as in [MS-OXMSG] 2.4."""
    rows = [struct.pack("<HHIQ", int(name[5:], 16), int(name[1:5], 16), 6, value) for name, value in values.items()]
    return bytes(head) + b"".join(rows)


def ticks(moment: datetime) -> int:
    return int((moment - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000


def shown(streams: dict[str, bytes], **values: int) -> MailView:
    named = {"__properties_version1.0": fixed(32, **values)}
    for name, data in streams.items():
        named[name if "/" in name or name.startswith("__") else f"__substg1.0_{name}"] = data
    (view,) = outline(containers.compound(named), "msg").messages
    return view


def rich(text: str) -> bytes:
    return struct.pack("<II4sI", len(text) + 12, len(text), b"MELA", 0) + text.encode("latin-1")


def test_sender_recipients_date_and_subject_are_those_of_the_message() -> None:
    people = {}
    for number, (name, address, kind) in enumerate(
        [("Zoé D.", "zoe@b.example", 1), ("'c@d.example'", "c@d.example", 2), ("E", "/O=EXCHANGE/CN=E", 1)]
    ):
        storage = f"__recip_version1.0_#{number:08X}"
        people[f"{storage}/__properties_version1.0"] = fixed(8, t0C150003=kind)
        people[f"{storage}/__substg1.0_3001001F"] = name.encode("utf-16-le")
        people[f"{storage}/__substg1.0_3003001F"] = address.encode("utf-16-le")
    view = shown(
        {
            f"{SUBJECT}001F": "Déclaration".encode("utf-16-le"),
            f"{SENDER}001F": "Inès".encode("utf-16-le"),
            f"{ADDRESS}001F": "ines@b.example".encode("utf-16-le"),
            f"{BODY}001F": "Bonjour".encode("utf-16-le"),
            **people,
        },
        t00390040=ticks(datetime(2026, 7, 1, 7, 30, tzinfo=UTC)),
    )
    assert view["headers"] == [
        ["De", "Inès <ines@b.example>"],
        ["À", "Zoé D. <zoe@b.example>, E"],
        ["Copie", "c@d.example"],
        ["Date", "01/07/2026 09:30 +0200"],
        ["Objet", "Déclaration"],
    ]
    assert (view["text"], view["notes"]) == ("Bonjour", [])


def test_what_the_properties_lack_comes_from_the_headers_it_travelled_with() -> None:
    sent = b"From: =?utf-8?q?In=C3=A8s?= <i@b.example>\r\nDate: Mon, 30 Nov 2026 09:00:00 +0100\r\nSubject: S\r\n"
    view = shown({"007D001E": sent, f"{BODY}001E": b"Mot"})
    assert view["headers"] == [["De", "Inès <i@b.example>"], ["Date", "30/11/2026 09:00 +0100"], ["Objet", "S"]]


@pytest.mark.parametrize(
    "number,encoding", [(1252, "cp1252"), (1250, "cp1250"), (65001, "utf-8"), (10000, "mac_roman")]
)
def test_text_is_read_in_the_code_page_of_the_message(number: int, encoding: str) -> None:
    words = "Résilié, dégât"
    words = words.replace("â", "a") if encoding == "cp1250" else words
    view = shown({f"{BODY}001E": words.encode(encoding)}, t3FFD0003=number)
    assert view["text"] == words


def test_a_message_that_is_only_html_is_read_in_its_own_code_page() -> None:
    body = "<p>Dégât à 30 €</p>"
    assert shown({f"{HTML}0102": body.encode("cp1252")}, t3FDE0003=28591)["text"] == "Dégât à 30 €"
    assert shown({f"{HTML}0102": body.encode()}, t3FDE0003=65001)["text"] == "Dégât à 30 €"
    assert shown({f"{HTML}001F": body.encode("utf-16-le")})["text"] == "Dégât à 30 €"


def test_a_message_that_is_only_rich_text_is_read() -> None:
    text = (
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fnil Arial;}{\f1\fcharset238 Arial CE;}}{\colortbl;\red0;}"
        r"{\*\generator Riched20;}\f0 D\'e9g\'e2t \{30\}\~\u8364?{\b  gras}\par{\f1 \'b3}{\pict ffff}\tab Fin\line x}"
    )
    assert shown({f"{RICH}0102": rich(text)})["text"] == "Dégât {30}\u00a0€ gras\nł\tFin\nx"


def test_html_wrapped_in_rich_text_is_unwrapped() -> None:
    text = (
        r"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0 Arial;}}{\*\htmltag19 <html>}{\*\htmltag64 <p>}"
        r"\htmlrtf {\htmlrtf0 D\'e9g\'e2t {\*\htmltag84 &amp;}\htmlrtf &\htmlrtf0  {\*\htmltag84 <b>}\htmlrtf {\b "
        r"\htmlrtf0 feu{\*\htmltag92 </b>}\htmlrtf }\htmlrtf0\htmlrtf\par}\htmlrtf0{\*\htmltag72 </p>}"
        r"{\*\mhtmltag0 <x>}}"
    )
    assert shown({f"{RICH}0102": rich(text)})["text"] == "Dégât & feu"


def test_compressed_rich_text_is_unpacked() -> None:
    """Literals, then two stretches of the dictionary every reader knows, then of what was just unpacked."""
    start = b"{\\rtf1\\ansi "  # the first eleven signs are the dictionary's own
    packed = (
        bytes([0b00000001]) + struct.pack(">H", 0 << 4 | 9) + b" \\b Mot" + bytes([0b00000010]) + b"s"
        + struct.pack(">H", (207 + 15) << 4 | 2) + b"!}"
    )  # fmt: skip
    data = struct.pack("<II4sI", len(packed) + 12, 26, b"LZFu", 0) + packed
    assert start[:11] == b"{\\rtf1\\ansi"
    assert shown({f"{RICH}0102": data})["text"] == "MotsMots!"


def test_attached_files_and_messages_of_a_message_are_there() -> None:
    file, inner = "__attach_version1.0_#00000000", "__attach_version1.0_#00000001"
    message = f"{inner}/__substg1.0_3701000D"
    view = shown(
        {
            f"{BODY}001F": "Voir ci-joint".encode("utf-16-le"),
            f"{file}/__substg1.0_3707001F": "constat.pdf".encode("utf-16-le"),
            f"{file}/__substg1.0_37010102": b"%PDF",
            f"{message}/__properties_version1.0": fixed(24),
            f"{message}/__substg1.0_0037001F": "Mon sinistre".encode("utf-16-le"),
            f"{message}/__substg1.0_1000001F": "Un dégât".encode("utf-16-le"),
        }
    )
    assert view["attached"] == ["constat.pdf"]
    (joined,) = view["messages"]
    assert (joined["headers"], joined["text"]) == ([["Objet", "Mon sinistre"]], "Un dégât")


def test_an_encrypted_message_says_so() -> None:
    view = shown({"001A001F": "IPM.Note.SMIME".encode("utf-16-le")})
    assert view["notes"] == [internet_mail.ENCRYPTED]


def test_an_ansi_message_is_read_in_its_code_page_with_its_people_and_files() -> None:
    person, attached = "__recip_version1.0_#00000000", "__attach_version1.0_#00000000"
    view = shown(
        {
            f"{SUBJECT}001E": "Déclaration – été".encode("cp1252"),
            f"{SENDER}001E": "Inès".encode("cp1252"),
            f"{BODY}001E": "Prime : 30 €".encode("cp1252"),
            f"{person}/__properties_version1.0": fixed(8, t0C150003=1),
            f"{person}/__substg1.0_3001001E": "Zoé".encode("cp1252"),
            f"{person}/__substg1.0_3003001E": b"zoe@b.example",
            f"{attached}/__properties_version1.0": fixed(8),
            f"{attached}/__substg1.0_3707001E": "relevé.txt".encode("cp1252"),
            f"{attached}/__substg1.0_37010102": b"Mot",
        },
        t3FFD0003=1252,
    )
    assert dict(view["headers"]) == {"De": "Inès", "À": "Zoé <zoe@b.example>", "Objet": "Déclaration – été"}
    assert (view["text"], view["attached"]) == ("Prime : 30 €", ["relevé.txt"])
    greek = shown({f"{BODY}001E": "Ασφάλιση".encode("cp1253")}, t3FFD0003=1253)
    assert greek["text"] == "Ασφάλιση"
