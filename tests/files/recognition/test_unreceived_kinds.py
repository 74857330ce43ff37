"""Kinds of files that are not received are refused by name, with what to deposit instead."""

from __future__ import annotations

import pytest

from portfolio.rules.file_kinds import (
    ShortcutRefused,
    SvgRefused,
    UnknownType,
)
from tests.files.recognition.test_refused_files import refused
from tests.support import containers
from tests.support import specimens as made


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
        (bytes.fromhex("0900040002001000") + bytes(40), "Excel d'avant 1994"),
        (bytes.fromhex("090406000000100000000a000000"), "Excel d'avant 1994"),
        (containers.zipped({"Index/Document.iwa": b"x"}), "Pages"),
        (containers.zipped({"mimetype": b"application/epub+zip"}), "EPUB"),
        (made.ooxml("application/vnd.ms-visio.drawing.main+xml", "visio/document.xml"), "bureautique"),
        (made.browser_recording(b"matroska"), "Matroska"),
        (made.film(b"avif"), "récent"),
    ],
)
def test_an_unknown_type_is_refused_and_what_it_resembles_is_said(content, resembles):
    manifest_too = containers.rewritten(content, {"META-INF/manifest.xml": b"<m/>"}) if b"epub" in content else content
    refusal = refused(manifest_too)

    assert type(refusal) is UnknownType
    assert resembles in refusal.message


def test_bytes_that_resemble_nothing_are_refused():
    refusal = refused(b"\x01\x02\x03\x91\xfe" * 40, "preuve.dat")

    assert type(refusal) is UnknownType
    assert "ressemble" not in refusal.message


_VOICE = ".mp3 et .m4a"
_BINARY_WORKBOOK = made.ooxml("application/vnd.ms-excel.sheet.binary.macroEnabled.main", "xl/workbook.bin")
_IWORK = containers.zipped({"Index/Document.iwa": b"x"})
_OLD_IWORK = containers.zipped({"index.xml.gz": b"x"})
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
