"""Accepted files: known by their content, with what the person should be warned about."""

from __future__ import annotations

import io
import struct

import pikepdf
import pytest

from portfolio.files.recognition.recognise import recognise
from portfolio.rules.file_kinds import KINDS, Recognised, TornFile, TypeMismatch, UnknownType
from tests.support import containers
from tests.support import specimens as made


def recognised(content: bytes, name: str = "") -> Recognised:
    return recognise(io.BytesIO(content), name, len(content))


ACCEPTED = {
    "courrier.docx": made.word,
    "modele.dotx": lambda: made.ooxml(made.OOXML + "wordprocessingml.template.main+xml", "word/document.xml"),
    "suivi.xlsx": made.workbook,
    "modele.xltx": lambda: made.ooxml(made.OOXML + "spreadsheetml.template.main+xml", "xl/workbook.xml"),
    "exposé.pptx": made.slides,
    "exposé.ppsx": lambda: made.ooxml(made.OOXML + "presentationml.slideshow.main+xml", "ppt/presentation.xml"),
    "courrier.odt": lambda: made.opendocument("odt"),
    "suivi.ods": lambda: made.opendocument("ods"),
    "exposé.odp": lambda: made.opendocument("odp"),
    "schema.odg": lambda: made.opendocument("odg"),
    "ancien.doc": made.old_word,
    "ancien.rtf": lambda: made.RICH_TEXT,
    "ancien.xls": made.old_workbook,
    "ancien.ppt": made.old_slides,
    "schema.drawio": lambda: made.DIAGRAM,
    "note.pdf": made.pdf,
    "sinistre.msg": made.outlook_message,
    "sinistre.eml": made.message,
    "archive.mbox": made.box_of_messages,
    "reunion.ics": made.invitation,
    "faq.html": made.web_page,
    "accueil.mhtml": made.saved_page,
    "notes.txt": lambda: "Réunion du 2 mars : relancer l'expert.".encode("cp1252"),
    "notes.md": lambda: b"# Compte rendu\n",
    "contrats.csv": lambda: "\ufeffContrat;Prime\nAUTO-1;412\n".encode(),
    "tchat.json": lambda: b'{"messages": []}\n',
    "ecran.png": lambda: made.picture("PNG"),
    "photo.jpeg": lambda: made.picture("JPEG"),
    "photo.heic": made.iphone_photo,
    "ecran.webp": lambda: made.picture("WEBP"),
    "anime.gif": lambda: made.picture("GIF"),
    "ecran.mp4": made.film,
    "ecran.mov": lambda: made.film(b"qt  "),
    "note.m4a": lambda: made.film(b"M4A "),
    "ecran.webm": made.browser_recording,
    "note.mp3": made.sound,
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_every_kind_is_recognised_with_and_without_its_name(name):
    content, code = ACCEPTED[name](), name.rpartition(".")[2]

    found = recognised(content, name)

    kind = KINDS[code]
    assert found == Recognised(code, kind.media_type, kind.label_fr)
    # Plain text says nothing of itself: only its name tells a table from a note. So for a bare MP3 or JSON.
    assert recognised(content, "sans extension").kind == ("txt" if code in ("csv", "md", "json") else code)


def test_every_kind_of_the_table_but_templates_has_been_seen():
    tried = {name.rpartition(".")[2] for name in ACCEPTED}

    assert {kind.code for kind in KINDS.values()} - tried == {"potx", "ott", "ots", "otp"}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_that_tells_where_it_was_taken_is_accepted_with_a_warning(kind):
    located = recognised(made.picture(kind, located=True))

    assert located.warnings == ("photo_gps",)
    assert recognised(made.picture(kind)).warnings == ()


def test_an_iphone_photo_is_accepted_and_its_position_seen():
    assert recognised(made.iphone_photo(located=True), "IMG_0042.HEIC").warnings == ("photo_gps",)
    assert recognised(made.iphone_photo(), "IMG_0042.HEIC").warnings == ()


@pytest.mark.parametrize("place", [made.android_place(), made.iphone_place()])
def test_a_film_that_tells_where_it_was_taken_is_accepted_with_a_warning(place):
    assert recognised(made.film(movie=place)).warnings == ("video_gps",)


def test_a_film_inside_a_photo_does_not_make_the_photo_torn():
    assert recognised(made.picture("JPEG") + made.film(), "motion.jpg").kind == "jpeg"


@pytest.mark.parametrize("compressed", [False, True])
def test_a_pdf_with_code_is_accepted_with_a_warning(compressed):
    script = recognised(made.pdf(script=True, compressed=compressed))
    launch = recognised(made.pdf(launch=True, compressed=compressed))

    assert (script.warnings, launch.warnings) == (("pdf_javascript",), ("pdf_launch",))


@pytest.mark.parametrize("revision", [3, 4, 6])
def test_a_pdf_that_only_forbids_printing_is_accepted(revision):
    locked = pikepdf.Encryption(owner="secret", user="", R=revision, aes=revision > 3, metadata=revision > 3)

    assert recognised(made.pdf(encryption=locked)).kind == "pdf"


def test_a_pdf_may_carry_a_document_and_bytes_around_it():
    content = made.pdf(attached=(("facture.xml", b"<facture/>"),), linearize=True)

    assert recognised(b"\r\n\r\n" + content + b"\r\n" + bytes(500), "facture.pdf").kind == "pdf"


def test_a_pdf_whose_line_ends_were_converted_on_the_way_still_opens():
    assert recognised(made.pdf().replace(b"endobj\n", b"endobj\r\n"), "note.pdf").kind == "pdf"


def test_hidden_sheets_pivot_caches_and_tracked_changes_are_said():
    assert recognised(made.workbook(hidden=True)).warnings == ("hidden_sheets",)
    assert recognised(made.old_workbook(hidden=True)).warnings == ("hidden_sheets",)
    assert recognised(made.workbook_with_pivot_cache()).warnings == ("pivot_cache",)
    assert recognised(made.word_with_tracked_changes()).warnings == ("tracked_changes",)


def test_an_empty_basic_library_is_not_a_macro():
    content = containers.rewritten(
        made.opendocument("ods"), {"Basic/script-lc.xml": b"<l/>", "Basic/Standard/script-lb.xml": b"<l/>"}
    )

    assert recognised(content).kind == "ods"


def test_a_document_written_with_zip64_records_is_read():
    content = containers.zip64(made.word())

    assert recognised(content, "grand.docx").kind == "docx"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "cp850"])
def test_a_table_is_text_in_the_encodings_of_the_trade(encoding):
    assert recognised("Numéro;État\n1;payé\n".encode(encoding), "extraction.csv").kind == "csv"


def test_text_under_a_text_name_stays_what_its_name_says():
    assert recognised(made.web_page(), "source.txt").media_type == "text/plain"
    assert recognised(made.message(), "fil.txt").kind == "txt"
    assert recognised(b"ID3 et ftyp sont des signatures, %PDF-1.7 aussi", "notes.txt").kind == "txt"


def test_one_message_saved_with_the_line_of_its_box_is_a_message():
    assert recognised(made.box_of_messages(), "message.eml").kind == "eml"


def test_a_page_is_never_served_as_a_page():
    assert recognised(made.web_page(), "faq.html").media_type == "text/plain"


def test_sister_kinds_under_each_other_s_name_are_accepted_with_a_warning():
    photo = recognised(made.picture("JPEG"), "IMG_0042.HEIC")

    assert (photo.kind, photo.media_type, photo.warnings) == ("jpeg", "image/jpeg", ("other_extension",))


@pytest.mark.parametrize(
    ("name", "content", "announced", "found"),
    [
        ("attestation.pdf", made.picture("PNG"), "Document PDF", "Image PNG"),
        ("export.xls", made.web_page(), "Classeur Excel 97-2003", "Page web"),
        ("export.xlsx", b"Contrat;Prime\n", "Classeur Excel", "Tableau CSV"),
        ("courrier.docx", made.workbook(), "Texte Word", "Classeur Excel"),
        ("photo.jpg", made.film(), "Photo JPEG", "Vidéo MP4"),
        ("notes.txt", made.pdf(), "Texte brut", "Document PDF"),
    ],
)
def test_a_name_that_lies_is_refused_and_both_types_are_told(name, content, announced, found):
    with pytest.raises(TypeMismatch) as refusal:
        recognised(content, name)

    assert announced in refusal.value.message
    assert found in refusal.value.message


@pytest.mark.parametrize(
    "content",
    [
        b"From: Zoe <zoe@a.example>\r\n\r\nBonjour\r\n",
        b"Received: by a.example\r\nFrom\r\n : <zoe@a.example>\r\nSubject: Sinistre\r\n\r\nBonjour\r\n",
    ],
)
def test_a_message_by_its_name_needs_but_one_header_and_may_have_a_broken_one(content):
    assert recognised(content, "message.eml").kind == "eml"
    with pytest.raises(TypeMismatch):
        recognised(b"Bonjour,\r\nvoici le devis.\r\n", "message.eml")


def test_an_old_document_full_of_photos_is_read_and_its_cut_copy_refused():
    heavy = made.old_word(pictures=20 << 20)

    assert recognised(heavy, "ancien.doc").kind == "doc"
    with pytest.raises(TornFile):
        recognised(heavy[: 19 << 20], "ancien.doc")


def test_a_position_written_as_xmp_counts():
    xmp = b'<x:xmpmeta exif:GPSLatitude="48,51.4N" exif:GPSLongitude="2,21.1E"/>'
    photo, screen = made.picture("JPEG"), made.picture("PNG")
    segment = b"http://ns.adobe.com/xap/1.0/\0" + xmp
    chunk = b"iTXt" + b"XML:com.adobe.xmp\0\0\0\0\0" + xmp

    with_segment = photo[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + photo[2:]
    with_chunk = screen[:33] + struct.pack(">I", len(chunk) - 4) + chunk + bytes(4) + screen[33:]

    assert recognised(with_segment).warnings == ("photo_gps",)
    assert recognised(with_chunk).warnings == ("photo_gps",)


def test_a_sound_without_a_tag_is_known_by_its_frames_and_its_name():
    bare = made.sound()[20:]

    assert recognised(bare, "note.mp3").kind == "mp3"
    with pytest.raises(UnknownType):
        recognised(bare, "note.dat")


def test_the_stream_is_left_open():
    content = made.word()
    stream = io.BytesIO(content)

    recognise(stream, "courrier.docx", len(content))

    assert not stream.closed
