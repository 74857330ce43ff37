"""Reads the rich text of Outlook ([MS-OXRTFCP], [MS-OXRTFEX]): its words, or the HTML that is wrapped in it."""

from __future__ import annotations

import html
import struct
from dataclasses import dataclass, replace

from portfolio.files.previews.renderers.documents.rich_text import RichGroup, RichTextReader

LARGEST = 8 << 20  # bytes, compressed or not
_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20"
    b"\\b\\i\\u\\tab\\tx"
)
_RING = 4096


def unpacked(packed: bytes) -> bytes:
    """Returns the rich text of a compressed property, LARGEST bytes at most and as far as it can be unpacked; b"" for
    one that has no header.
    """
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
    """Returns `length` bytes of the ring from `start`; where they reach `write`, the last ones repeat those just
    copied.
    """
    copied = bytearray()
    distance = (write - start) % _RING
    for step in range(length):
        copied.append(copied[step - distance] if distance and step >= distance else ring[(start + step) % _RING])
    return copied


def plain_and_html(rich: bytes) -> tuple[str, str]:
    """Returns (words, "") of a rich text, or ("", HTML) where it wraps some. Reads LARGEST bytes at most."""
    text = rich[:LARGEST].decode("latin-1")
    reader = _MailTextReader(wraps_html="\\fromhtml" in text[:2000])
    reader.read(text)
    words = "".join(reader.texts)
    return ("", words) if reader.wraps_html else (words, "")


@dataclass(frozen=True)
class _MailGroup(RichGroup):
    """tag: inside an HTML tag. hidden: of the rich text alone, not of the HTML."""

    tag: bool = False
    hidden: bool = False


class _MailTextReader(RichTextReader[_MailGroup]):
    def __init__(self, *, wraps_html: bool) -> None:
        super().__init__(_MailGroup())
        self.wraps_html = wraps_html
        self.texts: list[str] = []

    @property
    def encoding(self) -> str:
        return self._page if self.now.tag else super().encoding

    @property
    def symbols(self) -> str:
        return "" if self.now.tag else super().symbols

    def word(self, word: str, number: int | None) -> None:
        if word == "htmltag":
            self.now = replace(self.now, tag=True, unseen=False, hidden=False)
        elif word == "htmlrtf":
            self.now = replace(self.now, hidden=number != 0)
        else:
            super().word(word, number)

    def add(self, text: str) -> None:
        now = self.now
        if now.unseen or (self.wraps_html and now.hidden):
            return
        self.texts.append(html.escape(text, quote=False) if self.wraps_html and not now.tag else text)
