"""Refused files: each reason shown with real ones, and a sentence that says what to do next."""

from __future__ import annotations

import io
import stat
import zipfile

import pikepdf
import pytest

from portfolio.errors import Invalid
from portfolio.files.recognition.recognise import recognise
from portfolio.rules import file_kinds
from portfolio.rules.file_kinds import (
    ArchiveRefused,
    EmptyFile,
    EncryptedFile,
    MacrosInFile,
    ProgramRefused,
    TornFile,
    UnacceptableFile,
    ZipBomb,
)
from tests.support import containers
from tests.support import specimens as made


def refused(content: bytes, name: str = "") -> UnacceptableFile:
    with pytest.raises(UnacceptableFile) as refusal:
        recognise(io.BytesIO(content), name, len(content))
    assert isinstance(refusal.value, Invalid)
    assert refusal.value.message.endswith(".")
    assert "{" not in refusal.value.message
    return refusal.value


def test_codes_are_stable_and_distinct():
    mine = [kind for kind in vars(file_kinds).values() if isinstance(kind, type) and issubclass(kind, UnacceptableFile)]
    codes = {kind.code for kind in mine if kind is not UnacceptableFile}

    assert codes == {
        "empty_file", "torn_file", "encrypted_file", "macros_in_file", "zip_bomb", "archive_file",
        "executable_file", "shortcut_file", "svg_file", "too_complex_file", "too_many_pixels", "unknown_type",
        "type_mismatch", "objects_in_rich_text", "malware_in_file",
    }  # fmt: skip


@pytest.mark.parametrize("content", [b"", b" \r\n\t\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(content):
    assert type(refused(content, "notes.txt")) is EmptyFile


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("courrier.docx", made.word()),
        ("suivi.ods", made.opendocument("ods")),
        ("note.pdf", made.pdf()),
        ("note.pdf", made.pdf(linearize=True)),
        ("ancien.doc", made.old_word()),
        ("sinistre.msg", made.outlook_message()),
        ("photo.jpg", made.picture("JPEG")),
        ("ecran.png", made.picture("PNG")),
        ("ecran.webp", made.picture("WEBP")),
        ("anime.gif", made.picture("GIF")),
        ("photo.heic", made.iphone_photo()),
        ("ecran.mp4", made.film()),
        ("reunion.ics", made.invitation()),
        ("tchat.json", b'{"messages": [1, 2, 3, 4, 5, 6, 7, 8, 9]}'),
    ],
)
@pytest.mark.parametrize("kept", [0.55, 0.8, 0.97])
def test_a_file_cut_short_is_torn(name, whole, kept):
    assert type(refused(whole[: int(len(whole) * kept)], name)) is TornFile


def test_a_recording_stopped_before_its_index_is_torn():
    index_missing = made.box(b"ftyp", b"isom" + bytes(4)) + made.box(b"mdat", bytes(5000))

    assert type(refused(index_missing, "ecran.mp4")) is TornFile


def test_a_web_recording_shorter_than_it_says_is_torn():
    assert type(refused(made.browser_recording(segment_length=b"\x10\x0f\xff\xff"), "a.webm")) is TornFile


def test_a_document_with_a_damaged_part_is_torn():
    content = bytearray(made.word())
    place = content.index(b"[Content_Types].xml") + 60
    content[place : place + 20] = bytes(20)

    assert type(refused(bytes(content), "courrier.docx")) is TornFile


def test_a_document_that_declares_entities_is_torn_and_nothing_expands():
    bomb = b'<!DOCTYPE Types [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><Types>&b;</Types>'

    assert type(refused(containers.rewritten(made.word(), {"[Content_Types].xml": bomb}), "a.docx")) is TornFile


def test_zeros_left_by_a_failed_copy_are_torn():
    assert type(refused(bytes(5000), "note.pdf")) is TornFile


def test_a_file_of_another_size_than_announced_is_torn():
    with pytest.raises(TornFile):
        recognise(io.BytesIO(made.word()), "courrier.docx", len(made.word()) + 1)


@pytest.mark.parametrize("revision", [2, 3, 4, 6])
def test_a_pdf_that_asks_for_a_password_is_refused(revision):
    locked = pikepdf.Encryption(owner="a", user="b", R=revision, aes=revision > 3, metadata=revision > 3)

    assert type(refused(made.pdf(encryption=locked), "note.pdf")) is EncryptedFile


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("secret.docx", containers.compound({"EncryptionInfo": bytes(200), "EncryptedPackage": bytes(9000)})),
        ("secret.odt", made.encrypted_opendocument()),
        ("secret.doc", made.old_word(encrypted=True)),
        ("secret.xls", made.old_workbook(encrypted=True)),
        ("secret.ppt", made.old_slides(encrypted=True)),
    ],
)
def test_a_document_behind_a_password_is_refused(name, content):
    assert type(refused(content, name)) is EncryptedFile


_MACRO_WORKBOOK = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("courrier.docm", made.word_with_macros()),
        ("courrier.docx", containers.rewritten(made.word(), {"word/VBAProject.bin": b"x"})),
        ("suivi.xlsm", made.ooxml(_MACRO_WORKBOOK, "xl/workbook.xml")),
        ("suivi.xlsx", containers.rewritten(made.workbook(), {"xl/macrosheets/sheet1.xml": b"<x/>"})),
        ("suivi.ods", containers.rewritten(made.opendocument("ods"), {"Basic/Standard/Module1.xml": b"<m/>"})),
        ("suivi.odt", containers.rewritten(made.opendocument("odt"), {"Scripts/python/envoi.py": b"print()"})),
        ("ancien.doc", made.old_word(storages=("Macros",))),
        ("ancien.xls", made.old_workbook(macro_sheet=True)),
        ("ancien.ppt", made.old_slides(macros=True)),
    ],
)
def test_a_document_with_macros_is_refused_with_a_format_to_save_to(name, content):
    refusal = refused(content, name)

    assert type(refusal) is MacrosInFile
    assert refusal.facts["instead"].startswith(".")


def test_a_small_archive_that_inflates_without_measure_is_a_bomb():
    content = containers.rewritten(made.word(), {"word/media/image1.bmp": bytes(150 << 20)})

    assert len(content) < 1 << 20
    assert type(refused(content, "courrier.docx")) is ZipBomb


def test_too_many_parts_are_a_bomb():
    parts = {f"word/media/{number}.png": b"" for number in range(10_001)}

    assert type(refused(containers.rewritten(made.word(), parts), "courrier.docx")) is ZipBomb


def test_parts_that_share_their_bytes_are_a_bomb():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"<w/>" * 5000)
        once = archive.infolist()[1]
        archive.filelist += [once] * 3

    assert type(refused(buffer.getvalue(), "courrier.docx")) is ZipBomb


def test_a_directory_too_large_to_hold_in_memory_is_a_bomb():
    parts = {f"word/{number}" + "x" * 60_000: b"" for number in range(40)}

    assert type(refused(containers.rewritten(made.word(), parts), "courrier.docx")) is ZipBomb


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (containers.zipped({"a.txt": b"a"}), "ZIP"),
        (containers.zipped({}), "ZIP"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(50), "RAR"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(50), "7z"),
        (b"\x1f\x8b\x08" + bytes(50), "GZIP"),
        (bytes(1) + b"a" * 256 + b"ustar\x0000" + bytes(300), "TAR"),
    ],
)
def test_an_archive_is_refused_by_its_name(content, named):
    refusal = refused(content, "preuves.zip")

    assert type(refusal) is ArchiveRefused
    assert f"({named})" in refusal.message


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("facture.pdf.exe", made.WINDOWS_PROGRAM),
        ("facture.pdf", made.WINDOWS_PROGRAM),
        ("facture", made.ELF_PROGRAM),
        ("facture.pdf", b"\xcf\xfa\xed\xfe" + bytes(100)),
        ("notes.txt", b"#!/bin/sh\nrm -rf ~\n"),
        ("relance.bat", b"@echo off\r\n"),
        ("relance.JS ", b"alert(1)"),
        ("facture\u202efdp.exe", made.pdf()),
        ("application.jar", containers.zipped({"META-INF/MANIFEST.MF": b""})),
        ("logiciel.doc", containers.compound({"a": b"x"}, clsid=bytes.fromhex("84100c0000000000c000000000000046"))),
        ("courrier.docx", containers.rewritten(made.word(), {"word/embeddings/jeu.exe": b"x"})),
        ("facture.pdf", made.pdf(attached=(("facture.dat", made.WINDOWS_PROGRAM),))),
        ("facture.pdf", made.pdf(attached=(("facture.dat", made.WINDOWS_PROGRAM),), compressed=True)),
        ("facture.pdf", made.pdf(attached=(("relance.vbs", b"MsgBox 1"),))),
        ("facture.pdf", made.pdf(attached=(("relance.vbs", b"MsgBox 1"),), compressed=True)),
    ],
)
def test_programs_and_scripts_are_refused_whatever_their_name(name, content):
    assert type(refused(content, name)) is ProgramRefused


def test_a_document_with_a_symbolic_link_inside_is_refused():
    link = zipfile.ZipInfo("word/media/image1.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    document = io.BytesIO(made.word())
    with zipfile.ZipFile(document, "a") as archive:
        archive.writestr(link, "/etc/passwd")

    assert type(refused(document.getvalue(), "courrier.docx")) is ProgramRefused


def test_a_table_in_text_that_a_program_named_xls_is_called_what_it_is():
    for text in ("Nom;Prime\nDupont;30\n", "Nom\tPrime\nDupont\t30\n"):
        with pytest.raises(file_kinds.TypeMismatch) as refused:
            recognise(io.BytesIO(text.encode()), "export.xls", len(text))
        assert "« .csv »" in refused.value.message
