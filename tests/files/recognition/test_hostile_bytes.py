"""Whatever the bytes: an answer or a refusal, soon, in little memory."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.files.recognition.recognise import recognise
from portfolio.rules.file_kinds import KINDS, UnacceptableFile
from tests.support import specimens as made

SPECIMENS = [
    made.word(),
    made.workbook(hidden=True),
    made.opendocument("odt"),
    made.old_word(),
    made.old_workbook(),
    made.old_slides(),
    made.outlook_message(),
    made.pdf(script=True),
    made.pdf(compressed=True, attached=(("a.xml", b"<a/>"),)),
    made.picture("JPEG", located=True),
    made.picture("PNG", located=True),
    made.picture("WEBP", located=True),
    made.picture("GIF"),
    made.iphone_photo(located=True),
    made.film(movie=made.android_place()),
    made.film(movie=made.iphone_place()),
    made.browser_recording(),
    made.sound(),
    made.message(),
    made.saved_page(),
    made.invitation(),
    made.web_page(),
    made.DRAWING,
]
MAGICS = [content[:12] for content in SPECIMENS]
names = st.text(max_size=20) | st.sampled_from([f"a.{kind}" for kind in KINDS])


def answers(content: bytes, name: str = "") -> str:
    """The kind or the code of the refusal; anything else escapes and fails the test."""
    try:
        return recognise(io.BytesIO(content), name, len(content)).kind
    except UnacceptableFile as refusal:
        assert refusal.message
        return refusal.code


@given(st.binary(max_size=3000), names)
def test_any_bytes_are_answered(content, name):
    assert answers(content, name)


@given(st.sampled_from(MAGICS), st.binary(max_size=3000), names)
def test_any_bytes_behind_a_known_signature_are_answered(magic, content, name):
    assert answers(magic + content, name)


@given(st.sampled_from(SPECIMENS), st.data(), names)
def test_real_files_cut_and_altered_anywhere_are_answered(whole, data, name):
    content = bytearray(whole[: data.draw(st.integers(1, len(whole)))])
    for _ in range(data.draw(st.integers(0, 8))):
        place = data.draw(st.integers(0, len(content) - 1))
        altered = data.draw(st.binary(min_size=1, max_size=8) | st.sampled_from([b"\0" * 8, b"\xff" * 8]))
        content[place : place + len(altered)] = altered

    assert answers(bytes(content), name)


@given(st.integers(0, 600), st.binary(min_size=4, max_size=4))
def test_any_number_in_the_header_of_a_compound_file_is_answered(place, number):
    content = bytearray(made.old_word())
    content[place : place + 4] = number

    assert answers(bytes(content), "ancien.doc")


class CountingFile(io.BytesIO):
    """Stands for a long film: its middle is zeros that nobody stored. Counts what is read."""

    def __init__(self, start: bytes, length: int) -> None:
        super().__init__(start)
        self.length, self.served, self.place = length, 0, 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.place = offset + (self.length if whence == io.SEEK_END else 0)
        return self.place

    def tell(self) -> int:
        return self.place

    def read(self, length: int | None = -1) -> bytes:
        length = min(self.length - self.place, length if length is not None and length >= 0 else self.length)
        known = self.getvalue()[self.place : self.place + length]
        self.place += length
        self.served += length
        return known.ljust(length, b"\0")


def test_a_film_of_500_megabytes_is_recognised_by_its_boxes_only():
    index = made.box(b"ftyp", b"isom" + bytes(8)) + made.box(b"moov", made.box(b"mvhd", bytes(100)))
    length = 500 << 20
    film = CountingFile(index + struct.pack(">I", length - len(index)) + b"mdat", length)

    assert recognise(film, "ecran.mp4", length).kind == "mp4"
    assert film.served < 100_000


def sectors(number: int) -> bytes:
    return struct.pack("<128I", *([number] * 128))


HOSTILE = {
    "a PDF full of object streams": (b"%PDF-1.7\n" + b"/ObjStm>>stream\n" * 400_000, b"startxref\n9\n%%EOF"),
    "a PDF full of attachments": (b"%PDF-1.7\n" + b"/EF<</F(a)" * 600_000, b"startxref\n9\n%%EOF"),
    "a PDF of one endless number": (b"%PDF-1.7\n/Encrypt " + b"1" * 6_000_000, b"startxref\n9\n%%EOF"),
    "a compound file that turns in circles": (
        made.old_word()[:44] + struct.pack("<I", 100) + made.old_word()[48:512] + sectors(1) * 12_000,
        b"",
    ),
    "a film of tiny boxes": (made.box(b"ftyp", b"isom" + bytes(8)) + made.box(b"free") * 800_000, b""),
    "a photo of fill bytes": (b"\xff" + b"\xd8" + b"\xff" * 6_000_000, b""),
    "a picture of tiny chunks": (made.picture("PNG")[:33] + b"\0\0\0\0tEXtcrc." * 500_000, b""),
    "a page of unclosed comments": (b"<!--" * 1_500_000, b""),
    "a page of closed comments": (b"<!---->" * 900_000, b""),
    "a message of endless headers": (b"a:\n" * 2_000_000, b""),
    "photo places without width": (
        made.box(b"ftyp", b"heic" + bytes(8))
        + made.box(
            b"meta",
            bytes(4)
            + made.box(b"iinf", bytes(4) + b"\0\1" + made.box(b"infe", b"\2\0\0\0\0\1\0\0Exif"))
            + made.box(b"iloc", b"\1\0\0\0\0\0\xff\xff" + b"\xff" * 500_000),
        ),
        b"",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_files_made_to_exhaust_us_are_answered_soon_and_in_little_memory(case):
    content = b"".join(HOSTILE[case])
    tracemalloc.start()
    started = time.thread_time()

    answers(content, "preuve")

    elapsed, peak = time.thread_time() - started, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert elapsed < 10
    assert peak < 48 << 20


@pytest.mark.parametrize("start", [b"xref /Encrypt 1 0 R", b"lost"])
def test_a_large_pdf_that_has_to_be_rebuilt_takes_no_memory_of_the_service(start):
    content = b"%PDF-1.7\n" + start + bytes(33 << 20) + b"\nstartxref\n9\n%%EOF"
    tracemalloc.start()

    assert answers(content, "note.pdf") == "torn_file"

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 48 << 20  # the copy that is looked at here, and blocks of a megabyte
