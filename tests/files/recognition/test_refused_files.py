"""Refused files: each reason shown with real ones, and a sentence that says what to do next."""

from __future__ import annotations

import io
import stat
import struct
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
    ShortcutRefused,
    SvgRefused,
    TooManyPixels,
    TornFile,
    UnacceptableFile,
    UnknownType,
    ZipBomb,
)
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
        "type_mismatch", "objects_in_rich_text",
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

    assert type(refused(made.rewritten(made.word(), {"[Content_Types].xml": bomb}), "a.docx")) is TornFile


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
        ("secret.docx", made.compound({"EncryptionInfo": bytes(200), "EncryptedPackage": bytes(9000)})),
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
        ("courrier.docx", made.rewritten(made.word(), {"word/VBAProject.bin": b"x"})),
        ("suivi.xlsm", made.ooxml(_MACRO_WORKBOOK, "xl/workbook.xml")),
        ("suivi.xlsx", made.rewritten(made.workbook(), {"xl/macrosheets/sheet1.xml": b"<x/>"})),
        ("suivi.ods", made.rewritten(made.opendocument("ods"), {"Basic/Standard/Module1.xml": b"<m/>"})),
        ("suivi.odt", made.rewritten(made.opendocument("odt"), {"Scripts/python/envoi.py": b"print()"})),
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
    content = made.rewritten(made.word(), {"word/media/image1.bmp": bytes(150 << 20)})

    assert len(content) < 1 << 20
    assert type(refused(content, "courrier.docx")) is ZipBomb


def test_too_many_parts_are_a_bomb():
    parts = {f"word/media/{number}.png": b"" for number in range(10_001)}

    assert type(refused(made.rewritten(made.word(), parts), "courrier.docx")) is ZipBomb


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

    assert type(refused(made.rewritten(made.word(), parts), "courrier.docx")) is ZipBomb


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (made.zipped({"a.txt": b"a"}), "ZIP"),
        (made.zipped({}), "ZIP"),
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
        ("application.jar", made.zipped({"META-INF/MANIFEST.MF": b""})),
        ("logiciel.doc", made.compound({"a": b"x"}, clsid=bytes.fromhex("84100c0000000000c000000000000046"))),
        ("courrier.docx", made.rewritten(made.word(), {"word/embeddings/jeu.exe": b"x"})),
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


def announcing(picture: bytes, width: int, height: int) -> bytes:
    """The same picture, whose header claims another size."""
    if picture.startswith(b"\x89PNG"):
        return picture[:16] + struct.pack(">II", width, height) + picture[24:]
    if picture.startswith(b"GIF8"):
        return picture[:6] + struct.pack("<HH", width, height) + picture[10:]
    if picture.startswith(b"RIFF"):
        extended = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (width - 1).to_bytes(3, "little")
        extended += (height - 1).to_bytes(3, "little")
        return picture[:4] + struct.pack("<I", len(picture) + 10) + b"WEBP" + extended + picture[12:]
    if picture.startswith(b"\xff\xd8"):
        frame = next(place for mark in (b"\xff\xc0", b"\xff\xc2") if (place := picture.find(mark)) > 0)
        return picture[: frame + 5] + struct.pack(">HH", height, width) + picture[frame + 9 :]
    size = picture.index(b"ispe") + 8
    return picture[:size] + struct.pack(">II", width, height) + picture[size + 8 :]


@pytest.mark.parametrize(
    ("name", "picture"),
    [(f"photo.{kind.lower()}", made.picture(kind)) for kind in ("JPEG", "PNG", "GIF", "WEBP")]
    + [("photo.heic", made.iphone_photo())],
)
def test_a_picture_of_more_pixels_than_any_device_takes_is_refused(name, picture):
    assert type(refused(announcing(picture, 60_000, 16_000), name)) is TooManyPixels
    assert recognise(io.BytesIO(large := announcing(picture, 16_000, 12_000)), name, len(large)).kind == kind_of(name)


def kind_of(name):
    return {"jpg": "jpeg"}.get(ending := name.rpartition(".")[2], ending)


@pytest.mark.parametrize("name", ["schema.svg", "schema.png", "schema"])
def test_a_vector_drawing_is_refused_with_advice(name):
    refusal = refused(made.DRAWING, name)

    assert type(refusal) is SvgRefused
    assert "PNG" in refusal.message
    assert "PDF" in refusal.message


@pytest.mark.parametrize(
    ("content", "resembles"),
    [
        (b'<?xml version="1.0"?><export/>', "XML"),
        (b"8BPS\0\1" + bytes(60), ".psd"),
        (made.zipped({"Index/Document.iwa": b"x"}), "Pages"),
        (made.zipped({"mimetype": b"application/epub+zip"}), "EPUB"),
        (made.ooxml("application/vnd.ms-visio.drawing.main+xml", "visio/document.xml"), "bureautique"),
        (made.browser_recording(b"matroska"), "Matroska"),
        (made.film(b"avif"), "récent"),
    ],
)
def test_an_unknown_type_is_refused_and_what_it_resembles_is_said(content, resembles):
    manifest_too = made.rewritten(content, {"META-INF/manifest.xml": b"<m/>"}) if b"epub" in content else content
    refusal = refused(manifest_too)

    assert type(refusal) is UnknownType
    assert resembles in refusal.message


def test_bytes_that_resemble_nothing_are_refused():
    refusal = refused(b"\x01\x02\x03\x91\xfe" * 40, "preuve.dat")

    assert type(refusal) is UnknownType
    assert "ressemble" not in refusal.message


_VOICE = ".mp3 et .m4a"
_BINARY_WORKBOOK = made.ooxml("application/vnd.ms-excel.sheet.binary.macroEnabled.main", "xl/workbook.bin")
_IWORK = made.zipped({"Index/Document.iwa": b"x"})
_OLD_IWORK = made.zipped({"index.xml.gz": b"x"})
EXPORTED = [
    ("PTT-20270302.opus", b"OggS" + bytes(90), "Opus", _VOICE),
    ("note vocale.ogg", b"OggS" + bytes(90), "OGG", _VOICE),
    ("note vocale.mp3", b"OggS" + bytes(90), "OGG", _VOICE),
    ("note.amr", b"#!AMR\n" + bytes(range(200)), "AMR", _VOICE),
    ("note.wav", b"RIFF\x90\0\0\0WAVEfmt " + bytes(130), "WAV", _VOICE),
    ("note.aac", b"\xff\xf1\x50\x80" + bytes(range(200)), "AAC", _VOICE),
    ("note.flac", b"fLaC" + bytes(90), "FLAC", _VOICE),
    ("note.wma", bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(60), "Windows Media", _VOICE),
    ("ecran.avi", b"RIFF\x90\0\0\0AVI LIST" + bytes(130), "AVI", ".mp4, .mov et .webm"),
    ("ecran.mkv", made.browser_recording(b"matroska"), "Matroska", "MP4"),
    ("scan.tiff", b"II*\0" + bytes(60), "TIFF", "JPEG"),
    ("capture.bmp", b"BM\x90\0\0\0" + bytes(60), "BMP", "PNG"),
    ("compte rendu.pages", _IWORK, "Pages", "Exporter vers > PDF ou Word"),
    ("compte rendu.pages", _OLD_IWORK, "Pages", "Exporter vers > PDF ou Word"),
    ("suivi.numbers", _IWORK, "Numbers", "Exporter vers > PDF ou Excel"),
    ("exposé.key", _IWORK, "Keynote", "Exporter vers > PDF ou PowerPoint"),
    ("exposé", _IWORK, "Keynote", "Exporter vers > PDF, Word, Excel ou PowerPoint"),
    ("suivi.xlsb", _BINARY_WORKBOOK, "binaire", ".xlsx"),
    ("suivi.xlsx", _BINARY_WORKBOOK, "binaire", ".xlsx"),
    ("clients.accdb", b"\0\1\0\0Standard ACE DB\0" + bytes(60), "Access", "PDF"),
]


@pytest.mark.parametrize(("name", "content", "called", "advice"), EXPORTED)
def test_a_kind_that_is_not_received_is_named_with_what_to_export_it_to(name, content, called, advice):
    refusal = refused(content, name)

    assert type(refusal) is UnknownType
    assert called in refusal.message and advice in refusal.message


@pytest.mark.parametrize(
    ("name", "content", "advice"),
    [
        ("lettre.gdoc", b'{"url": "https://docs.google.com/open?id=1", "doc_id": "1"}', "Télécharger > PDF"),
        ("suivi.gsheet", b'{"url": "https://docs.google.com/open?id=1"}', "(.xlsx)"),
        ("exposé.gslides", b'{"url": "https://docs.google.com/open?id=1"}', "(.pptx)"),
        ("site.url", b"[InternetShortcut]\r\nURL=https://assureur.example\r\n", "Ajouter un lien"),
        ("site.webloc", b'<?xml version="1.0"?><plist><dict/></plist>', "Ajouter un lien"),
        ("Lettre.lnk", b"L\0\0\0\x01\x14\x02\0" + bytes(100), "lui-même"),
        ("lettre.pdf", b"L\0\0\0\x01\x14\x02\0" + bytes(100), "lui-même"),
    ],
)
def test_a_shortcut_is_refused_with_how_to_get_what_it_leads_to(name, content, advice):
    refusal = refused(content, name)

    assert type(refusal) is ShortcutRefused
    assert advice in refusal.message


HUGE = announcing(made.picture("JPEG"), 60_000, 16_000)
COMMENT = b"\xff\xfe\x00\x03 "


@pytest.mark.parametrize(
    ("hidden", "refusal"),
    [
        (HUGE[:2] + COMMENT * 500 + HUGE[2:], TooManyPixels),
        (HUGE[:2] + b"\xff" * 600 + HUGE[2:], TooManyPixels),
        (HUGE[:2] + b"\xff" * 200_000 + HUGE[2:], TooManyPixels),
        (HUGE[:2] + COMMENT + b"\0\0" + HUGE[2:], TornFile),
    ],
    ids=["comments", "fill bytes", "many fill bytes", "bytes between segments"],
)
def test_a_jpeg_whose_size_stands_far_behind_does_not_pass_for_one_without_pixels(hidden, refusal):
    assert type(refused(hidden, "photo.jpg")) is refusal


def test_a_jpeg_with_fill_bytes_before_its_markers_is_accepted():
    picture = made.picture("JPEG")
    filled = picture[:2] + b"\xff" * 600 + picture[2:]
    assert recognise(io.BytesIO(filled), "photo.jpg", len(filled)).kind == "jpeg"


def after(free: bytes, photo: bytes) -> bytes:
    """The same photo, its sizes after these bytes that readers skip."""
    first = int.from_bytes(photo[:4])
    return photo[:first] + made.box(b"free", free) + photo[first:]


def test_a_heif_photo_whose_sizes_stand_far_behind_or_are_many_is_refused_too():
    huge = announcing(made.iphone_photo(), 60_000, 16_000)
    assert type(refused(after(bytes(2_000_000), huge), "photo.heic")) is TooManyPixels
    assert type(refused(after((b"ispe" + bytes(12)) * 500, huge), "photo.heic")) is TooManyPixels
    without = made.iphone_photo().replace(b"ispe", b"none")
    assert type(refused(without, "photo.heic")) is TornFile
