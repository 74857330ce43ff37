"""Reads what the headers of a mail say: encoded words, raw eight-bit signs, addresses, dates."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from email.utils import parsedate_to_datetime

from portfolio.counting import many
from portfolio.files.previews.renderers.mails.charsets import text_of
from portfolio.files.previews.renderers.texts import decoded

LONGEST_HEADER = 2000
MOST_RECIPIENTS = 50
LONGEST_RAW = 64 << 10  # bytes of a field that are decoded
LABELS = {
    "from": "De",
    "to": "À",
    "cc": "Copie",
    "bcc": "Copie cachée",
    "reply-to": "Répondre à",
    "date": "Date",
    "subject": "Objet",
}
_PEOPLE = {"from", "to", "cc", "bcc", "reply-to"}
# RFC 2047, with the spaces that some programs leave inside.
_ENCODED = re.compile(r"=\?([^?*\s]{1,60})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(?<=\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
# A name in quotes may hold commas; a quote that nothing ends is a sign like another.
_ADDRESS = re.compile(rb'(?:"[^"]{0,100}"|[^,])+')
_LONGEST_PEOPLE = 4 << 20


def shown_headers(fields: dict[str, list[bytes]]) -> list[tuple[str, str]]:
    """Returns (French name, value) of the headers that are displayed and have a value, in the order of LABELS. fields:
    raw values by name in lower case.
    """
    values = []
    for name, label in LABELS.items():
        raw = b", ".join(fields.get(name, []))
        value = _people(raw) if name in _PEOPLE else decoded_header(raw)
        if value and not (name == "reply-to" and ("De", value) in values):
            values.append((label, _date(value) if name == "date" else value))
    return values


def decoded_header(raw: bytes) -> str:
    """Returns a header as words, on one line, LONGEST_HEADER characters at most; its encoded words (RFC 2047) are
    decoded.
    """
    text = _BETWEEN.sub("", " ".join(decoded(raw[:LONGEST_RAW]).split()))
    pieces: list[tuple[str, str | bytes]] = []  # charset, and bytes still to decode: a sign may be cut between words
    at = 0
    for match in _ENCODED.finditer(text):
        if match.start() > at:
            pieces.append(("", text[at : match.start()]))
        charset, data = match[1], _bytes_of(match[2], match[3])
        if pieces and isinstance(before := pieces[-1][1], bytes) and pieces[-1][0].lower() == charset.lower():
            pieces[-1] = (charset, before + data)
        else:
            pieces.append((charset, data))
        at = match.end()
    pieces.append(("", text[at:]))
    words = "".join(piece if isinstance(piece, str) else text_of(piece, charset) for charset, piece in pieces)
    return " ".join(words.split())[:LONGEST_HEADER]


def joined_people(people: list[str], count: int) -> str:
    """Returns the first MOST_RECIPIENTS of these names or addresses, and in French how many others there are. count: of
    all of them.
    """
    first = ", ".join(people[:MOST_RECIPIENTS])
    others = count - MOST_RECIPIENTS
    return f"{first}, et {many(others, 'autre')}" if others > 0 else first


def _people(raw: bytes) -> str:
    first, count = [], 0
    unescaped = raw[:_LONGEST_PEOPLE].replace(b'\\"', b"''")  # as long, so that the offsets are those of the field
    for match in _ADDRESS.finditer(unescaped):
        if address := raw[match.start() : match.end()].strip():
            count += 1
            if count <= MOST_RECIPIENTS:
                first.append(decoded_header(address[:LONGEST_HEADER]))
    return joined_people(first, count)


def _bytes_of(form: str, text: str) -> bytes:
    data = text.encode("utf-8")
    if form in "qQ":
        return quopri.decodestring(data.replace(b" ", b"=20"), header=True)
    return base64_bytes(data)


def base64_bytes(data: bytes) -> bytes:
    """Returns the bytes of a base64 text, as far as it goes: padding may be missing, and foreign signs between."""
    bare = data.translate(None, delete=_FOREIGN)
    try:
        return base64.b64decode(bare + b"=" * (-len(bare) % 4))
    except binascii.Error:  # one sign too many
        return base64.b64decode(bare[: len(bare) // 4 * 4])


_FOREIGN = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)  # a « = » in the middle ends one of several texts put end to end; what follows is read on


def _date(value: str) -> str:
    """Returns the Date header of a mail (RFC 5322) as « 03/03/2027 14:05 +0100 », or unchanged if it is no date."""
    try:
        return f"{parsedate_to_datetime(value):%d/%m/%Y %H:%M %z}".strip()
    except (ValueError, TypeError, IndexError, OverflowError):
        return value
