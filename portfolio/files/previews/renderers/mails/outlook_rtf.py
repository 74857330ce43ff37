"""Reads the rich text of Outlook ([MS-OXRTFCP], [MS-OXRTFEX]): its words, or the HTML that is wrapped in it."""

from __future__ import annotations

import html
import re
import struct
from dataclasses import dataclass, replace

LARGEST = 8 << 20  # bytes, compressed or not
_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20"
    b"\\b\\i\\u\\tab\\tx"
)
_RING = 4096
_TOKEN = re.compile(r"\\'([0-9a-fA-F]{2})|\\([a-zA-Z]{1,32})(-?\d{1,9})? ?|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)")
_SIGNS = {
    "par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "tab": "\t", "cell": "\t", "lquote": "‘",
    "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•", "endash": "–", "emdash": "—", "emspace": " ",
    "enspace": " ",
}  # fmt: skip
_SYMBOLS = {"~": "\u00a0", "_": "\u2011", "-": "", "\n": "\n", "\r": "\n", "\\": "\\", "{": "{", "}": "}"}
_UNSEEN = {
    "colortbl", "stylesheet", "info", "pict", "header", "footer", "headerl", "headerr", "footerl", "footerr", "object",
    "themedata", "datastore", "listtable", "listoverridetable", "mhtmltag", "fldinst", "bkmkstart", "bkmkend",
}  # fmt: skip
_CHARSETS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250", 255: "cp437",
}  # fmt: skip


def unpacked(packed: bytes) -> bytes:
    """Returns the rich text of a compressed property, as far as it can be unpacked."""
    if len(packed) < 16:
        return b""
    size, form = struct.unpack_from("<I4s", packed, 4)
    if form == b"MELA":
        return packed[16 : 16 + size]
    ring = bytearray(_DICTIONARY.ljust(_RING, b"\0"))
    write, at, unpacked_bytes = len(_DICTIONARY), 16, bytearray()
    most = min(size, LARGEST)
    while at < len(packed) and len(unpacked_bytes) < most:
        control = packed[at]
        at += 1
        for bit in range(8):
            if not control >> bit & 1:
                piece = packed[at : at + 1]
                at += 1
            else:
                pair = int.from_bytes(packed[at : at + 2], "big")
                at += 2
                start, length = pair >> 4, (pair & 15) + 2
                if start == write:  # the mark of the end
                    return bytes(unpacked_bytes[:most])
                piece = bytes(_copied(ring, start, length, write))
            for byte in piece:
                ring[write] = byte
                write = (write + 1) % _RING
            unpacked_bytes += piece
            if at >= len(packed):
                break
    return bytes(unpacked_bytes[:most])


def _copied(ring: bytearray, start: int, length: int, write: int) -> bytearray:
    """Returns bytes of the ring, of which the last may be those just copied."""
    copied = bytearray()
    distance = (write - start) % _RING
    for step in range(length):
        copied.append(copied[step - distance] if distance and step >= distance else ring[(start + step) % _RING])
    return copied


def plain_and_html(rich: bytes) -> tuple[str, str]:
    """Returns the words, or the HTML that the rich text stands for; the other is empty."""
    text = rich[:LARGEST].decode("latin-1")
    reader = _RichTextReader(wraps_html="\\fromhtml" in text[:2000])
    reader.read(text)
    words = "".join(reader.texts)
    return ("", words) if reader.wraps_html else (words, "")


@dataclass(frozen=True)
class _Group:
    """State that ends with its group. tag: inside an HTML tag. hidden: of the rich text alone, not of the HTML."""

    unseen: bool = False
    fonts: bool = False
    tag: bool = False
    hidden: bool = False
    font: int = -1
    fallback: int = 1  # signs after \\u that stand for it


class _RichTextReader:
    def __init__(self, *, wraps_html: bool) -> None:
        self.wraps_html = wraps_html
        self.texts: list[str] = []
        self._groups = [_Group()]
        self._now = _Group()
        self._page = "cp1252"
        self._fonts: dict[int, str] = {}
        self._bytes = bytearray()
        self._optional = False  # after \\*
        self._to_skip = 0

    def read(self, text: str) -> None:
        for byte, word, number, symbol, brace, run in _TOKEN.findall(text):
            if byte:
                self._add_byte(int(byte, 16))
                continue
            self._flush()
            if brace == "{":
                if len(self._groups) < 5000:
                    self._groups.append(self._now)
            elif brace == "}":
                self._now = self._groups.pop() if len(self._groups) > 1 else self._groups[0]
            elif word:
                self._word(word, int(number) if number else None)
            elif symbol == "*":
                self._optional = True
                continue
            elif symbol:
                self._add(_SYMBOLS.get(symbol, ""))
            else:
                self._run(run)
            self._optional = False
        self._flush()

    def _word(self, word: str, number: int | None) -> None:
        now = self._now
        if word == "htmltag":
            self._now = replace(now, tag=True, unseen=False, hidden=False)
        elif word in _UNSEEN or self._optional:
            self._now = replace(now, unseen=True)
        elif word == "fonttbl":
            self._now = replace(now, fonts=True, unseen=True)
        elif word == "htmlrtf":
            self._now = replace(now, hidden=number != 0)
        elif word == "f":
            self._now = replace(now, font=number or 0)
        elif word == "fcharset" and now.fonts:
            self._fonts[now.font] = _CHARSETS.get(number or 0, "cp1252")
        elif word == "ansicpg":
            self._page = f"cp{number}"
        elif word == "mac":
            self._page = "mac_roman"
        elif word == "uc":
            self._now = replace(now, fallback=min(number or 0, 10))
        elif word == "u" and number is not None:
            self._add(chr(number % 65536))
            self._to_skip = now.fallback
        elif word in _SIGNS:
            self._add(_SIGNS[word])

    def _run(self, run: str) -> None:
        skipped = min(self._to_skip, len(run))
        self._to_skip -= skipped
        self._bytes += run[skipped:].encode("latin-1")
        self._flush()

    def _add_byte(self, byte: int) -> None:
        if self._to_skip:
            self._to_skip -= 1
        else:
            self._bytes.append(byte)

    def _flush(self) -> None:
        """Decodes the bytes together: a sign may take two."""
        if self._bytes:
            encoding = self._page if self._now.tag else self._fonts.get(self._now.font, self._page)
            try:
                text = self._bytes.decode(encoding, "replace")
            except LookupError:
                text = self._bytes.decode("cp1252", "replace")
            self._bytes.clear()
            self._add(text)

    def _add(self, text: str) -> None:
        now = self._now
        if now.unseen or (self.wraps_html and now.hidden):
            return
        self.texts.append(html.escape(text, quote=False) if self.wraps_html and not now.tag else text)
