"""Reads a message of Outlook ([MS-OXMSG], [MS-OXPROPS]) through our bounded reader of compound files."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from portfolio.files.previews.renderers.mails import internet_mail, outlook_rtf
from portfolio.files.previews.renderers.mails.charsets import html_of
from portfolio.files.previews.renderers.mails.header_words import (
    LONGEST_HEADER,
    MOST_RECIPIENTS,
    joined_people,
    shown_headers,
)
from portfolio.files.previews.renderers.mails.internet_mail import ENCRYPTED, SIGNED
from portfolio.files.previews.renderers.mails.mail import CUT_HERE, Attachment, Mail, Section
from portfolio.files.previews.renderers.mails.mime_parts import part_at
from portfolio.files.recognition.ole import Compound, OleEntry

MOST_ATTACHED = 200
DEEPEST = 5
LARGEST_TEXT = 8 << 20
LARGEST_PART = 64 << 20
_PARIS = ZoneInfo("Europe/Paris")
_FIXED = "__properties_version1.0"
_HEADERS_OF_FIXED = {"file": 32, "message": 24, "other": 8}
_TEXT, _TEXT_OF_PAGE, _BYTES, _OBJECT = "001F", "001E", "0102", "000D"
_LONG, _TIME = 0x0003, 0x0040
# Outlook writes these pages by numbers that Python names otherwise.
_PAGES = {65001: "utf-8", 20127: "ascii", 28591: "cp1252", 28605: "iso8859-15", 1200: "utf-16-le", 10000: "mac_roman"}
_RECIPIENT_KINDS = ((1, "À", "0E04"), (2, "Copie", "0E03"), (3, "Copie cachée", "0E02"))


def read(file: Compound) -> Mail:
    """Returns the message. Raises Torn."""
    return _read(file, file.top(), "file", 0, [MOST_ATTACHED])


def _read(file: Compound, entries: dict[str, OleEntry], place: str, depth: int, left: list[int]) -> Mail:
    message = _Properties(file, entries, place)
    mail = Mail(headers=_headers(message))
    kind = message.text("001A", 200).upper()
    signed = "SMIME" in kind and "SIGNED" in kind
    if "SMIME" in kind:
        mail.note(SIGNED if signed else ENCRYPTED)
    section = _body(message)
    if section.plain or section.html:
        mail.sections.append(section)
    for name in sorted(entries):
        if not name.startswith("__attach"):
            continue
        left[0] -= 1
        if left[0] < 0 or depth >= DEEPEST:
            mail.note(CUT_HERE)
            break
        attached = _Properties(file, file.under(entries[name]), "other", message.page)
        inner = attached.entries.get(f"__substg1.0_3701{_OBJECT}")
        if inner is not None and _FIXED in (inside := file.under(inner)):
            mail.mails.append(_read(file, inside, "message", depth + 1, left))
        elif signed and (attachment := _attachment(attached)).media_type.lower() == "multipart/signed":
            _add_signed(mail, attachment)
        else:
            mail.attached.append(_attachment(attached))
    return mail


def _add_signed(mail: Mail, envelope: Attachment) -> None:
    """Adds what a signed message holds: Outlook keeps its body and files as one mail of the Internet."""
    inner = internet_mail.read(envelope.read())
    mail.sections = inner.sections or mail.sections
    mail.attached += inner.attached
    mail.mails += inner.mails
    for note in inner.notes:
        mail.note(note)


class _Properties:
    """The properties of a message, a recipient or an attachment."""

    def __init__(self, file: Compound, entries: dict[str, OleEntry], place: str, page: str = "") -> None:
        self.file, self.entries = file, entries
        self._fixed: dict[tuple[int, int], bytes] = {}
        if _FIXED in entries:
            data = file.read(entries[_FIXED], 64 << 10)
            for at in range(_HEADERS_OF_FIXED[place], len(data) - 15, 16):
                kind, tag = struct.unpack_from("<HH", data, at)
                self._fixed[tag, kind] = data[at + 8 : at + 16]
        number = self.number(0x3FFD) or self.number(0x3FDE)
        self.page = _PAGES.get(number, f"cp{number}") if number else page or "cp1252"

    def number(self, tag: int) -> int:
        return int.from_bytes(self._fixed.get((tag, _LONG), b"")[:4], "little")

    def moment(self, tag: int) -> str:
        """Returns « 03/03/2027 14:05 +0100 », in Paris with its distance to universal time; "" if there is none. tag:
        of the property.
        """
        ticks = int.from_bytes(self._fixed.get((tag, _TIME), b""), "little")
        try:
            moment = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)
            return f"{moment.astimezone(_PARIS):%d/%m/%Y %H:%M %z}" if ticks else ""
        except OverflowError:
            return ""

    def text(self, tag: str, longest: int) -> str:
        if entry := self.entries.get(f"__substg1.0_{tag}{_TEXT}"):
            return self.file.read(entry, 2 * longest).decode("utf-16-le", "replace").rstrip("\0")
        data = self.data(tag, longest, _TEXT_OF_PAGE)
        try:
            return data.decode(self.page, "replace").rstrip("\0")
        except LookupError:
            return data.decode("cp1252", "replace").rstrip("\0")

    def data(self, tag: str, longest: int, kind: str = _BYTES) -> bytes:
        entry = self.entries.get(f"__substg1.0_{tag}{kind}")
        return self.file.read(entry, longest) if entry else b""


def _headers(message: _Properties) -> list[tuple[str, str]]:
    sent = message.data("007D", 256 << 10, _TEXT_OF_PAGE) or message.text("007D", 128 << 10).encode()
    as_sent = dict(shown_headers(part_at(sent, 0, len(sent)).fields)) if sent else {}
    recipients = _recipients(message)
    sender = _person(
        message.text("0C1A", 500) or message.text("0042", 500), _first(message, "5D01", "5D02", "0C1F", "0065")
    )
    values = [("De", sender or as_sent.get("De", ""))]
    for number, label, tag in _RECIPIENT_KINDS:
        people, count = recipients.get(number, ([], 0))
        values.append(
            (label, joined_people(people, count) or message.text(tag, LONGEST_HEADER) or as_sent.get(label, ""))
        )
    values += [
        ("Date", message.moment(0x0039) or as_sent.get("Date", "") or message.moment(0x0E06)),
        ("Objet", message.text("0037", LONGEST_HEADER) or as_sent.get("Objet", "")),
        ("Début", message.moment(0x0060)),
        ("Fin", message.moment(0x0061)),
    ]
    return [(label, value.strip()) for label, value in values if value.strip()]


def _recipients(message: _Properties) -> dict[int, tuple[list[str], int]]:
    """Returns {kind: (the first MOST_RECIPIENTS recipients, how many there are)}. kind: 1 to, 2 copy, 3 blind copy."""
    recipients: dict[int, tuple[list[str], int]] = {}
    for name in sorted(message.entries):
        if name.startswith("__recip"):
            entries = message.file.under(message.entries[name])
            recipient = _Properties(message.file, entries, "other", message.page)
            people, count = recipients.get(recipient.number(0x0C15) & 3 or 1, ([], 0))
            if count < MOST_RECIPIENTS:
                people.append(_person(recipient.text("3001", 500), _first(recipient, "39FE", "3003")))
            recipients[recipient.number(0x0C15) & 3 or 1] = (people, count + 1)
    return recipients


def _first(properties: _Properties, *tags: str) -> str:
    """Returns the first address that is one: the inner ones of Exchange have no « @ »."""
    return next((text for tag in tags if "@" in (text := properties.text(tag, 500))), "")


def _person(name: str, address: str) -> str:
    name = name.strip().strip("'")
    if not name or name.casefold() == address.casefold() or address.casefold() in name.casefold() and address:
        return name or address
    return f"{name} <{address}>" if address else name


def _body(message: _Properties) -> Section:
    plain = message.text("1000", LARGEST_TEXT // 2)
    number = message.number(0x3FDE)
    html = message.text("1013", LARGEST_TEXT // 2)
    if not html and (data := message.data("1013", LARGEST_TEXT)):
        html = html_of(data, _PAGES.get(number, f"cp{number}") if number else "")
    if html:
        return Section(plain, html)
    if packed := message.data("1009", LARGEST_TEXT):
        words, html = outlook_rtf.plain_and_html(outlook_rtf.unpacked(packed))
        return Section(plain if plain.strip() or html else words, html)
    return Section(plain)


def _attachment(attached: _Properties) -> Attachment:
    name = attached.text("3707", 500) or attached.text("3704", 500) or attached.text("3001", 500) or "sans nom"
    read: Callable[[], bytes] = partial(attached.data, "3701", LARGEST_PART)
    return Attachment(name, attached.text("370E", 200), read, attached.text("3712", 500).strip("<>"))
