"""Real files, made on the spot: each function answers the bytes of one."""

from __future__ import annotations

import io
import struct
from email.message import EmailMessage
from functools import cache

import docx
import openpyxl
import pikepdf
import pillow_heif
from odf.opendocument import (
    OpenDocumentDrawing,
    OpenDocumentPresentation,
    OpenDocumentSpreadsheet,
    OpenDocumentText,
)
from odf.text import P
from PIL import Image

from tests.support.containers import compound, read_part, rewritten, zipped

OOXML = "application/vnd.openxmlformats-officedocument."
WINDOWS_PROGRAM = b"MZ\x90\0\x03\0\0\0" + bytes(52) + b"\x80\0\0\0" + bytes(64) + b"PE\0\0" + bytes(200)
DIAGRAM = b'<mxfile host="app"><diagram>x</diagram></mxfile>'  # of draw.io: received, but no view is made of it
RICH_TEXT = rb"{\rtf1\ansi\ansicpg1252 Bonjour, d\'e9g\'e2t.\par}"
ELF_PROGRAM = b"\x7fELF\x02\x01\x01" + bytes(120)

# --- office documents -----------------------------------------------------------------------------


@cache
def word() -> bytes:
    document = docx.Document()
    document.add_heading("Courrier de résiliation")
    document.add_paragraph("Madame, nous accusons réception de votre demande.")
    return _saved(document)


@cache
def word_with_tracked_changes() -> bytes:
    text = read_part(word(), "word/document.xml").replace(
        b"<w:body>",
        b'<w:body><w:p><w:ins w:id="1" w:author="A"><w:r><w:t>ajout</w:t></w:r></w:ins></w:p>',
    )
    return rewritten(word(), {"word/document.xml": text})


@cache
def workbook(hidden: bool = False) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Contrat", "Prime"])
    book.active.append(["AUTO-1", 412])
    if hidden:
        book.create_sheet("clients").sheet_state = "hidden"
    return _saved(book)


@cache
def workbook_with_pivot_cache() -> bytes:
    return rewritten(workbook(), {"xl/pivotCache/pivotCacheRecords1.xml": b"<pivotCacheRecords/>"})


def ooxml(main: str, part: str) -> bytes:
    """The smallest package whose main part is of this content type."""
    return zipped(
        {
            "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
            f'content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/{part}" '
            f'ContentType="{main}"/></Types>',
            part: "<p/>",
        }
    )


def slides() -> bytes:
    return ooxml(OOXML + "presentationml.presentation.main+xml", "ppt/presentation.xml")


@cache
def word_with_macros() -> bytes:
    types = read_part(word(), "[Content_Types].xml").replace(
        (OOXML + "wordprocessingml.document.main+xml").encode(),
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
    )
    return rewritten(word(), {"[Content_Types].xml": types, "word/vbaProject.bin": compound({"dir": b"x"})})


@cache
def opendocument(kind: str) -> bytes:
    makers = {
        "odt": OpenDocumentText,
        "ods": OpenDocumentSpreadsheet,
        "odp": OpenDocumentPresentation,
        "odg": OpenDocumentDrawing,
    }
    document = makers[kind]()
    if kind == "odt":
        document.text.addElement(P(text="Note de procédure"))
    return _saved(document)


def encrypted_opendocument() -> bytes:
    manifest = read_part(opendocument("odt"), "META-INF/manifest.xml").replace(
        b"</manifest:manifest>",
        b'<manifest:file-entry manifest:full-path="a.xml" manifest:media-type="text/xml"><manifest:encryption-data '
        b'manifest:checksum="x"/></manifest:file-entry></manifest:manifest>',
    )
    return rewritten(opendocument("odt"), {"META-INF/manifest.xml": manifest})


def _saved(document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


# --- office documents before 2007 ------------------------------------------------------------------


def old_word(encrypted: bool = False, storages: tuple[str, ...] = (), pictures: int = 5000) -> bytes:
    flags = 0x0100 if encrypted else 0x0200
    information = struct.pack("<HHHHHH", 0xA5EC, 0xC1, 0, 0x040C, 0, flags)
    return compound({"WordDocument": information.ljust(9000, b"\0"), "Data": bytes(pictures)}, storages)


def _record(number: int, data: bytes) -> bytes:
    return struct.pack("<HH", number, len(data)) + data


def old_workbook(encrypted: bool = False, macro_sheet: bool = False, hidden: bool = False) -> bytes:
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0))
    password = _record(0x2F, bytes(54)) if encrypted else b""
    sheet = _record(0x85, struct.pack("<IBB", 0, int(hidden), int(macro_sheet)) + b"\x05\0Feuil")
    return compound({"Workbook": (start + password + sheet + _record(0x0A, b"")).ljust(4096, b"\0")})


def old_slides(encrypted: bool = False, macros: bool = False) -> bytes:
    token = 0xF3D1C4DF if encrypted else 0xE391C05F
    user = struct.pack("<HHIII", 0, 0x0FF6, 20, 20, token) + bytes(16)
    # The atom straddles a sector, as nothing prevents it.
    information = struct.pack("<HHIHHIIII", 0x1F, 0x3FF, 20, 2, 0x400, 12, 7, int(macros), 2)
    return compound({"Current User": user, "PowerPoint Document": (bytes(1010) + information).ljust(6000, b"\0")})


def outlook_message() -> bytes:
    return compound(
        {
            "__properties_version1.0": bytes(64),
            "__substg1.0_0037001F": "Déclaration de sinistre".encode("utf-16-le"),
            "__substg1.0_1000001F": ("Bonjour, " * 600).encode("utf-16-le"),
        },
        ("__nameid_version1.0",),
    )


# --- PDF ------------------------------------------------------------------------------------------


@cache
def pdf(script: bool = False, launch: bool = False, compressed: bool = False, attached: tuple = (), **save) -> bytes:
    """attached: pairs of name and content."""
    document = pikepdf.new()
    document.add_blank_page()
    if script:
        action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('bonjour')"))
        document.Root.OpenAction = document.make_indirect(action)
    if launch:
        action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("calc.exe"))
        document.Root.OpenAction = document.make_indirect(action)
    for name, content in attached:
        document.attachments[name] = pikepdf.AttachedFileSpec(document, content, filename=name)
    mode = pikepdf.ObjectStreamMode.generate if compressed else pikepdf.ObjectStreamMode.disable
    buffer = io.BytesIO()
    document.save(buffer, object_stream_mode=mode, **save)
    return buffer.getvalue()


# --- pictures -------------------------------------------------------------------------------------


def pdf_of_pages(count: int) -> bytes:
    """Blank pages of A4."""
    document = pikepdf.new()
    for _ in range(count):
        document.add_blank_page(page_size=(595, 842))
    return _saved(document)


def _exif(located: bool) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "Telephone"
    place = {1: "N", 2: (48.0, 51.0, 24.0), 3: "E", 4: (2.0, 21.0, 7.0)}
    exif[0x8825] = place if located else {0: b"\2\3\0\0", 29: "2027:03:02"}
    return exif


@cache
def picture(kind: str, located: bool = False) -> bytes:
    """kind: a format of Pillow."""
    image = Image.effect_noise((160, 120), 60).convert("RGB")
    buffer = io.BytesIO()
    extra = {} if kind == "GIF" else {"exif": _exif(located)}
    image.save(buffer, kind, **extra)
    return buffer.getvalue()


@cache
def iphone_photo(located: bool = False) -> bytes:
    image = Image.effect_noise((160, 120), 60).convert("RGB")
    buffer = io.BytesIO()
    pillow_heif.from_pillow(image).save(buffer, exif=_exif(located).tobytes(), quality=50)
    return buffer.getvalue()


# --- recordings -----------------------------------------------------------------------------------


def box(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def film(brand: bytes = b"isom", movie: bytes = b"", data: bytes = bytes(3000)) -> bytes:
    start = box(b"ftyp", brand + bytes(4) + b"isommp42")
    return start + box(b"moov", box(b"mvhd", bytes(100)) + movie) + box(b"mdat", data)


def android_place() -> bytes:
    return box(b"udta", box(b"\xa9xyz", b"\0\x12\x15\xc7+48.8566+002.3522/"))


def iphone_place() -> bytes:
    return box(b"meta", box(b"hdlr", bytes(25)) + box(b"keys", bytes(8) + b"mdtacom.apple.quicktime.location.ISO6709"))


def browser_recording(document_type: bytes = b"webm", segment_length: bytes = b"\x01" + b"\xff" * 7) -> bytes:
    """What MediaRecorder writes: an EBML header and a segment of unknown length."""
    header = b"\x42\x86\x81\x01\x42\x82" + bytes([0x80 | len(document_type)]) + document_type
    return (
        b"\x1a\x45\xdf\xa3" + bytes([0x80 | len(header)]) + header + b"\x18\x53\x80\x67" + segment_length + bytes(900)
    )


def sound() -> bytes:
    frame = b"\xff\xfb\x90\x64" + bytes(413)
    return b"ID3\x03\0\0\0\0\0\x0a" + bytes(10) + frame * 4


# --- text -----------------------------------------------------------------------------------------


def message() -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = "client@example.org", "agence@example.org"
    mail["Subject"] = "Déclaration de sinistre"
    mail["Date"] = "Tue, 02 Mar 2027 10:00:00 +0100"
    mail.set_content("Bonjour,\n\nVoici le constat.\n")
    mail.add_attachment(picture("JPEG"), maintype="image", subtype="jpeg", filename="constat.jpg")
    return mail.as_bytes()


def html_message(attached: bytes = b"", name: str = "") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "agence@example.org", "client@example.org", "Offre"
    mail.set_content('<h1>Offre</h1><p style="color:#a00">Prime : 30 euros par mois.</p>', subtype="html")
    if attached:
        mail.add_attachment(attached, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def box_of_messages() -> bytes:
    return b"From client@example.org Tue Mar  2 10:00:00 2027\n" + message() + b"\n\n"


def saved_page() -> bytes:
    return (
        b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.org/\r\nSubject: Accueil\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="x"\r\n\r\n--x\r\n'
        b"Content-Type: text/html\r\n\r\n<html></html>\r\n--x--\r\n"
    )


def invitation() -> bytes:
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nSUMMARY:Réunion\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".encode()
    )


def web_page() -> bytes:
    return "<!-- capture -->\n<!DOCTYPE html>\n<html lang=fr><title>FAQ</title><p>Où déclarer ?</html>".encode()


DRAWING = (
    b'<?xml version="1.0"?>\n<!-- Generator -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd" '
    b'[ <!ENTITY a "b>c"> ]>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
)
