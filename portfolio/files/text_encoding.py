"""Finds the encoding of a text that a spreadsheet or another program wrote without saying which."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from config.on_demand import on_demand
from portfolio.files.single_byte import ENCODINGS, best_reading
from portfolio.files.unicode_marks import MARKS
from portfolio.identifiers import Malformed

if TYPE_CHECKING:
    import charset_normalizer
else:
    charset_normalizer = on_demand("charset_normalizer")

_WORKBOOK_SIGNATURES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# Of those encodings, the names that people know.
_CALLED = {
    "cp1252": "windows-1252",
    "iso8859_15": "iso-8859-15",
    "mac_roman": "mac-roman",
    "cp858": "cp850",
}
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f]")

_SAVE_AS_CSV = (
    "ouvrez-le dans votre tableur, puis enregistrez-le au format « CSV UTF-8 » et envoyez ce nouveau fichier."
)


class Text(NamedTuple):
    """The text of a file. had_bom: whether a byte order mark came before it."""

    text: str
    encoding: str
    had_bom: bool


def decode(data: bytes) -> Text:
    """Returns the text of a file, in whatever encoding a spreadsheet wrote it. Raises Malformed for a workbook, for
    bytes that are not text, and for an encoding that is not recognised.
    """
    if data.startswith(_WORKBOOK_SIGNATURES):
        raise Malformed(
            "Ce fichier est un classeur (Excel ou LibreOffice), même si son nom se termine par .csv : " + _SAVE_AS_CSV
        )
    try:
        text, encoding, had_bom = _decode_unicode(data) or _decode_single_byte(data)
    except UnicodeDecodeError:
        text = "\0"
    if _NOT_TEXT.search(text):
        raise Malformed(f"Ce fichier n'est pas un fichier texte, ou il est abîmé : {_SAVE_AS_CSV}")
    return Text(text, encoding, had_bom)


def _decode_unicode(data: bytes) -> Text | None:
    """Returns the text of UTF-8, or of UTF-16 with or without its mark; None for another encoding. Raises
    UnicodeDecodeError if a mark or zeros announce one that the bytes do not keep.
    """
    for bom, encoding in MARKS:
        if data.startswith(bom):
            return Text(data[len(bom) :].decode(encoding), encoding, True)
    if b"\0" in data:  # every second byte of Latin letters in UTF-16
        encoding = "utf-16-le" if data[1::2].count(0) > data[::2].count(0) else "utf-16-be"
        return Text(data.decode(encoding), encoding, False)
    try:
        return Text(data.decode("utf-8"), "utf-8", False)
    except UnicodeDecodeError:
        return None


def _decode_single_byte(data: bytes) -> Text:
    """Returns the text in the encoding of one byte a sign that reads best; where none does, in the one that statistics
    guess. Raises Malformed without a guess.
    """
    encoding, score = best_reading(data)
    if score < 0:
        guess = charset_normalizer.from_bytes(data, cp_isolation=list(ENCODINGS)).best()
        if guess is None:
            raise Malformed(f"L'encodage de ce fichier n'a pas été reconnu (accents illisibles) : {_SAVE_AS_CSV}")
        encoding = guess.encoding
    return Text(data.decode(encoding), _CALLED.get(encoding, encoding), False)
