"""What a PDF does and carries is seen however it is written; a hostile one costs its bound, once."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from portfolio.files.confinement.bounds import Bounds
from portfolio.files.recognition.pdfs import envelope
from portfolio.files.recognition.recognise import recognise
from portfolio.rules.file_kinds import EncryptedFile, ProgramRefused, TooComplex, TornFile, UnacceptableFile
from tests.files.previews.drawn import outline
from tests.files.written_pdf import written_pdf
from tests.support import specimens as made

SCRIPT = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def warnings_of(content: bytes) -> tuple[str, ...]:
    return recognise(io.BytesIO(content), "lettre.pdf", len(content)).warnings


def refusal_of(content: bytes) -> type[UnacceptableFile]:
    with pytest.raises(UnacceptableFile) as refused:
        recognise(io.BytesIO(content), "lettre.pdf", len(content))
    return type(refused.value)


def written(change: Callable[[pikepdf.Pdf], None], **save) -> bytes:
    document, buffer = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    change(document)
    document.save(buffer, **save)
    return buffer.getvalue()


PAGES = (b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>")


def opening(action: bytes) -> bytes:
    return written_pdf(b"<</Type/Catalog/Pages 2 0 R/OpenAction%s>>" % action, *PAGES)


def on_page(**annotation: object) -> bytes:
    def change(document: pikepdf.Pdf) -> None:
        document.pages[0].Annots = Array([Dictionary(Type=Name.Annot, Rect=[0, 0, 9, 9], **annotation)])

    return written(change)


def rooted(name: str, value: pikepdf.Object, **save) -> bytes:
    return written(lambda document: document.Root.__setattr__(name, value), **save)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (opening(b"<</S/JavaScript/JS(app.alert\\(1\\))>>"), ("pdf_javascript",)),
        (opening(b"<</S/Java#53cript/JS(app.alert\\(1\\))>>"), ("pdf_javascript",)),
        (opening(b"<</S/JavaScrip#74/JS(app.alert\\(1\\))>>"), ("pdf_javascript",)),
        (opening(b"<</#53/L#61unch/F(calc.exe)>>"), ("pdf_launch",)),
        (opening(b"<</S/Go#54o/D[3 0 R/Fit]>>"), ()),
        (opening(b"<</S/URI/URI(https://assureur.example/JavaScript/Launch)>>"), ()),
        (opening(b"<</S/GoTo/Next[<</S/URI/URI(a)/Next<</S/#4caunch>>>>]>>"), ("pdf_launch",)),
        (rooted("AA", Dictionary(WC=SCRIPT)), ("pdf_javascript",)),
        (rooted("Names", Dictionary(JavaScript=Dictionary(Names=["a", SCRIPT]))), ("pdf_javascript",)),
        (rooted("AcroForm", Dictionary(Fields=[Dictionary(FT=Name.Tx, AA=Dictionary(K=SCRIPT))])), ("pdf_javascript",)),
        (rooted("AcroForm", Dictionary(Fields=Array([]), XFA=Array([]))), ("pdf_dynamic_form",)),
        (rooted("OpenAction", Dictionary(S=Name.SubmitForm, F=String("https://x.example"))), ("pdf_sends_form",)),
        (on_page(Subtype=Name.Link, A=Dictionary(S=Name.Launch, F=String("x"))), ("pdf_launch",)),
        (on_page(Subtype=Name.RichMedia), ("pdf_media",)),
        (on_page(Subtype=Name("/3D")), ("pdf_media",)),
        (on_page(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String("https://a.example"))), ()),
        (made.pdf(attached=(("facture.xml", b"<facture/>"),)), ("pdf_attachments",)),
        (made.pdf(script=True, compressed=True), ("pdf_javascript",)),
        (
            made.pdf(script=True, launch=False, encryption=pikepdf.Encryption(owner="a", user="", R=6)),
            ("pdf_javascript",),
        ),
        (
            made.pdf(launch=True, compressed=True, encryption=pikepdf.Encryption(owner="a", user="", R=4)),
            ("pdf_launch",),
        ),
    ],
)
def test_what_it_does_is_seen_however_it_is_written(content: bytes, expected: tuple[str, ...]) -> None:
    assert warnings_of(content) == expected


LOCKED = pikepdf.Encryption(owner="a", user="", R=6)


@pytest.mark.parametrize(
    "content",
    [
        made.pdf(attached=(("relancé.bat", b"@echo off"),)),  # its name is UTF-16
        made.pdf(attached=(("relancé.bat", b"@echo off"),), compressed=True, encryption=LOCKED),
        made.pdf(attached=(("relance\u202ftxt.bat. ", b"@echo off"),)),
        made.pdf(attached=(("relancé.dat", made.WINDOWS_PROGRAM),), compressed=True, encryption=LOCKED),
        made.pdf(attached=(("notes.txt", b"#!/bin/sh\nrm -rf ~\n"),)),
    ],
)
def test_a_program_inside_is_refused_by_its_true_name_and_by_its_bytes(content: bytes) -> None:
    assert refusal_of(content) is ProgramRefused


def test_an_attachment_that_inflates_without_measure_is_not_inflated() -> None:
    begun = time.process_time()

    assert warnings_of(made.pdf(attached=(("journal.bin", bytes(300 << 20)),))) == ("pdf_attachments",)
    assert time.process_time() - begun < 20


@pytest.mark.parametrize(
    "content",
    [
        made.pdf().replace(b"/Pages", b"/Pagos"),
        made.pdf()[:9] + bytes(200) + made.pdf()[209:],
        b"%PDF-1.7\n%\nstartxref\n5\n%%EOF",
        opening(b"[" * 100_000 + b"/JS" + b"]" * 100_000),
    ],
)
def test_a_damaged_one_is_refused_as_unreadable(content: bytes) -> None:
    assert refusal_of(content) is TornFile


def test_one_behind_a_password_is_refused_as_such() -> None:
    assert refusal_of(made.pdf(encryption=pikepdf.Encryption(owner="a", user="b"))) is EncryptedFile


def test_one_beyond_the_bounds_is_refused_in_words_and_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects by the hundred thousand, each to be walked through: the bound of computing time ends the process."""

    def crowd(document: pikepdf.Pdf) -> None:
        many = [Dictionary(S=Name.Launch, B=[Dictionary(C=number)] * 6) for number in range(30_000)]
        document.Root.Many = Array([document.make_indirect(one) for one in many])

    content = written(crowd, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    monkeypatch.setattr(envelope, "BOUNDS", Bounds(cpu_s=1, wall_s=100))

    assert refusal_of(content) is TooComplex
    monkeypatch.setattr(envelope, "BOUNDS", Bounds(cpu_s=1, wall_s=0))
    assert refusal_of(content) is TooComplex


def torn(data: bytes, way: str) -> bytes:
    start = data.rindex(b"startxref")
    table = data.rindex(b"\nxref", 0, start) + 1
    if way == "wrong place":
        return data[:start] + b"startxref\n7\n%%EOF\n"
    if way == "beyond the file":
        return data[:start] + b"startxref\n999999999\n%%EOF\n"
    if way == "no place":
        return data[:start] + b"%%EOF\n"
    if way == "overwritten":
        return data[:table] + b"xref\n0 2\nzzzzzzzzzz 65535 f \n" + data[data.rindex(b"trailer") :]
    raise ValueError(way)


@pytest.mark.parametrize("way", ["wrong place", "beyond the file", "no place", "overwritten"])
def test_one_whose_table_is_torn_is_shown_repaired_with_a_word(way: str) -> None:
    content = torn(written_pdf(b"<</Type/Catalog/Pages 2 0 R>>", *PAGES), way)
    assert warnings_of(content) == ("pdf_repaired",)
    assert outline(content, "pdf").page_count == 1


def test_one_that_lost_a_page_with_its_table_is_refused_as_incomplete() -> None:
    two_pages = b"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>"
    content = written_pdf(b"<</Type/Catalog/Pages 2 0 R>>", two_pages, PAGES[1])
    assert refusal_of(torn(content, "wrong place")) is TornFile
