"""Finds the text of a document of Word 6 or 95, and the encoding of its letters, which nothing in it names."""

from __future__ import annotations

import struct

from portfolio.files.single_byte import best_reading

_MOST_READ = 8 << 20  # bytes
_MOST_PIECES = 20_000
# Of the flags in the header: saved quickly, so that the text stands in pieces; letters of two bytes.
_IN_PIECES, _WIDE = 0x0004, 0x1000
_MACINTOSH = 256
_OTHER_LETTERS = 0.4  # of all letters: French has a tenth of it beyond ASCII
# By the language of the document, without its country.
_ENCODINGS = {
    **dict.fromkeys((0x02, 0x19, 0x22, 0x23, 0x2F), "cp1251"),
    **dict.fromkeys((0x05, 0x0E, 0x15, 0x18, 0x1A, 0x1B, 0x24), "cp1250"),
    0x08: "cp1253",
    0x0D: "cp1255",
    0x1F: "cp1254",
}


def text_of(stream: bytes) -> str:
    """Returns the text, _MOST_READ bytes of it at most, with the signs that end its paragraphs and cells. stream: of
    the document, header included.
    """
    header = stream[:0x168].ljust(0x168, b"\0")
    flags, first, last = (struct.unpack_from(form, header, at)[0] for form, at in (("<H", 10), ("<I", 24), ("<I", 28)))
    width = 2 if flags & _WIDE else 1
    words = _in_pieces(stream, header, width) if flags & _IN_PIECES else b""
    words = words or stream[first : min(last, first + _MOST_READ)]
    return words.decode("utf-16-le" if width == 2 else _encoding(words, header), "replace")


def _in_pieces(stream: bytes, header: bytes, width: int) -> bytes:
    """Returns the text in its order; b"" where its pieces are not found. width: of a sign, in bytes."""
    start, length = struct.unpack_from("<II", header, 0x160)
    data, at = stream[start : start + length], 0
    while at + 3 <= len(data) and data[at] == 1:
        at += 3 + int.from_bytes(data[at + 1 : at + 3], "little")
    if at + 5 > len(data) or data[at] != 2:
        return b""
    table = data[at + 5 : at + 5 + int.from_bytes(data[at + 1 : at + 5], "little")]
    count = max(0, (len(table) - 4) // 12)
    ends = struct.unpack_from(f"<{count + 1}I", table) if count else ()
    words = bytearray()
    for number in range(min(count, _MOST_PIECES)):
        offset = int.from_bytes(table[4 * (count + 1) + 8 * number + 2 :][:4], "little")
        size = min(max(0, ends[number + 1] - ends[number]) * width, _MOST_READ - len(words))
        words += stream[offset : offset + size]
    return bytes(words)


def _encoding(words: bytes, header: bytes) -> str:
    language, machine = header[6], int.from_bytes(header[20:22], "little")
    if machine == _MACINTOSH:
        return "mac_roman"
    if language in _ENCODINGS:
        return _ENCODINGS[language]
    beyond = sum(byte > 0xBF for byte in words)
    letters = beyond + sum(0x41 <= byte & 0xDF <= 0x5A for byte in words)
    return "cp1251" if beyond > _OTHER_LETTERS * letters else best_reading(words).encoding
