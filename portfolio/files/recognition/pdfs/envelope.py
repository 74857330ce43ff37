"""Recognises PDF (ISO 32000): complete or damaged, locked or not, and its actions on opening.

Finds the ends, actions and attachments without decoding a page. PDFium opens the file only if a password may be
needed, or if the cross-reference is not where the file says: it tells what a reader would really do.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from threading import Lock

import pypdfium2
from pypdfium2.raw import FPDF_ERR_PASSWORD

from portfolio.files.recognition.bounded_reader import BLOCK, Window
from portfolio.files.recognition.names import extension
from portfolio.files.recognition.programs import is_program
from portfolio.rules.file_kinds import (
    KINDS,
    PROGRAM_EXTENSIONS,
    EncryptedFile,
    FormatMatch,
    ProgramRefused,
    TornFile,
    UnacceptableFile,
)

# ISO 32000-2, annex I: readers accept the header anywhere in the first 1,024 bytes.
HEADER, HEADER_WITHIN = b"%PDF-", 1024
# Mail gateways and old servers leave bytes after the end mark.
END_WINDOW = 64 << 10
# Beyond this, actions and attachments are no longer searched: a 100 MB PDF is scanned pages.
LARGEST_SEARCH = 128 << 20
# Each look costs a little: a hostile file may offer millions.
MOST_LOOKS = 5_000
LARGEST_STREAM, LARGEST_INFLATED = 4 << 20, 64 << 20
_OVERLAP = 2 << 10
# PDFium rebuilds a damaged cross-reference in twice the size of the file, at some 25 MB a second.
LARGEST_ASKED = 32 << 20

_START = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF")
_CROSS_REFERENCE = re.compile(rb"\s*(?:xref\b|\d+\s+\d+\s+obj\b)")
_LOCKED = re.compile(rb"/Encrypt\s*(?:<<|\d+\s+\d+\s+R)")
_ACTIONS = (
    ("pdf_javascript", re.compile(rb"/JavaScript\b")),
    ("pdf_launch", re.compile(rb"/Launch\b")),
)
_STREAM = re.compile(rb"/(ObjStm|EmbeddedFile)\b")
_STREAM_BODY = re.compile(rb"\bstream\r?\n")
_LONGEST_DICTIONARY = 1_000
_ATTACHED = re.compile(rb"/EF\s*<<")
_ATTACHED_NAME = re.compile(rb"/U?F\s*\(([^()\\]{1,255})\)")

# PDFium is not safe with threads.
_ONE_AT_A_TIME = Lock()


def pdf(window: Window, _extension: str) -> FormatMatch:
    ends = list(_START.finditer(window.tail(END_WINDOW)))
    # A linearised file cut short ends after its first part, whose mark says 0.
    where = int(ends[-1][1]) if ends else 0
    if not 0 < where < window.size:
        raise TornFile(KINDS["pdf"].label_fr)
    search = _Search(window)
    search.run()
    # Offsets count from the header, which a few bytes may precede.
    before = max(0, window.at(0, HEADER_WITHIN).find(HEADER))
    if not _CROSS_REFERENCE.match(window.at(before + where, 64)):
        _ask_a_reader(window, TornFile(KINDS["pdf"].label_fr))
    elif search.locked:
        _ask_a_reader(window, EncryptedFile())
    return FormatMatch("pdf", tuple(code for code, _ in _ACTIONS if code in search.actions))


def _ask_a_reader(window: Window, otherwise: UnacceptableFile) -> None:
    """Opens the file with PDFium. Accepts restrictions of printing or copying: the empty password opens them.

    otherwise: raised for a file too large to open.
    """
    if window.size > LARGEST_ASKED:
        raise otherwise
    window.seek(0)
    with _ONE_AT_A_TIME:
        try:
            pypdfium2.PdfDocument(window).close()
        except pypdfium2.PdfiumError as error:
            if error.err_code == FPDF_ERR_PASSWORD:
                raise EncryptedFile from None
            raise TornFile(KINDS["pdf"].label_fr) from None


class _Search:
    """Searches the raw bytes in one pass, and the object streams, which modern writers compress."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._looks = MOST_LOOKS
        self._inflated = LARGEST_INFLATED
        self.locked = False
        self.actions: set[str] = set()

    def run(self) -> None:
        for start in range(0, min(self._window.size, LARGEST_SEARCH), BLOCK):
            block = self._window.at(start, BLOCK + _OVERLAP)
            self._look(block)
            self.locked = self.locked or _LOCKED.search(block) is not None
            for kind, place in self._streams_of(block):
                self._open(kind, start + place)
        # The trailer is at the end, however long the file.
        self.locked = self.locked or _LOCKED.search(self._window.tail(END_WINDOW)) is not None

    def _streams_of(self, block: bytes) -> Iterator[tuple[bytes, int]]:
        for match in _STREAM.finditer(block):
            if not self._may_look():
                return
            if body := _STREAM_BODY.search(block, match.end(), match.end() + _LONGEST_DICTIONARY):
                yield match[1], body.end()

    def _may_look(self) -> bool:
        self._looks -= 1
        return self._looks >= 0 and self._inflated > 0

    def _open(self, kind: bytes, place: int) -> None:
        if kind == b"ObjStm":
            self._look(self._inflate(place, LARGEST_STREAM))
        elif is_program(self._inflate(place, 512)):
            raise ProgramRefused

    def _inflate(self, place: int, limit: int) -> bytes:
        """Returns the first bytes of a stream, unchanged if they are not deflated (or are encrypted)."""
        raw = self._window.at(place, min(limit, BLOCK))
        try:
            data = zlib.decompressobj().decompress(raw, limit)
        except zlib.error:
            data = raw[:limit]
        self._inflated -= len(data)
        return data

    def _look(self, objects: bytes) -> None:
        self.actions |= {code for code, mark in _ACTIONS if code not in self.actions and mark.search(objects)}
        for match in _ATTACHED.finditer(objects):
            if not self._may_look():
                return
            near = objects[max(0, match.start() - 512) : match.end() + 512]
            for name in _ATTACHED_NAME.findall(near):
                if extension(name.decode("latin-1").rstrip(". ")) in PROGRAM_EXTENSIONS:
                    raise ProgramRefused
