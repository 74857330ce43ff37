"""Recognises Office documents in ZIP archives: OOXML (ECMA-376) and OpenDocument (ISO/IEC 26300).

Any other archive is refused. Reads the directory and a few small parts, each up to a limit.
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterator
from zipfile import BadZipFile, ZipFile, ZipInfo

from portfolio.files.recognition.bounded_reader import Window
from portfolio.files.recognition.document_warnings import ooxml_warnings, opendocument_warnings
from portfolio.files.recognition.markup import BadMarkup, each_tag
from portfolio.files.recognition.names import extension
from portfolio.files.recognition.package_parts import pieces
from portfolio.rules.file_kinds import (
    BY_EXTENSION,
    KINDS,
    PROGRAM_EXTENSIONS,
    ArchiveRefused,
    EncryptedFile,
    FormatMatch,
    MacrosInFile,
    ProgramRefused,
    TornFile,
    UnknownType,
    ZipBomb,
)
from portfolio.rules.unreceived_kinds import ANY_IWORK, BINARY_WORKBOOK, IWORK

MOST_ENTRIES = 10_000
LARGEST_TOTAL = 1 << 30
# A sheet of identical rows honestly shrinks 200 times: the ratio only counts once the total is large.
LARGE_TOTAL, LARGEST_RATIO = 100 << 20, 100
LARGEST_LIST = 2 << 20  # ten thousand parts are listed in less

_OOXML_MAIN = {
    "wordprocessingml.document.main+xml": "docx",
    "wordprocessingml.template.main+xml": "dotx",
    "spreadsheetml.sheet.main+xml": "xlsx",
    "spreadsheetml.template.main+xml": "xltx",
    "presentationml.presentation.main+xml": "pptx",
    "presentationml.slideshow.main+xml": "ppsx",
    "presentationml.template.main+xml": "potx",
}
_OOXML_PREFIX = "application/vnd.openxmlformats-officedocument."
_OOXML_MACROS = ("macroenabled", "vbaproject", "macrosheet")
_BINARY_WORKBOOK = "sheet.binary.macroenabled.main"  # its type says so without any macro
_IWORK_PARTS = {"Index/Document.iwa", "Index.zip", "index.xml.gz", "index.apxl", "index.apxl.gz"}
_ODF_KINDS = {kind.media_type: kind.code for kind in KINDS.values() if "opendocument" in kind.media_type}
# LibreOffice writes these lists for an empty Basic library as well: they are no macro.
_ODF_LIBRARY_LISTS = {"script-lb.xml", "script-lc.xml"}

# Everything zipfile lets through on damaged input.
DAMAGE = (BadZipFile, zlib.error, struct.error, EOFError, KeyError, ValueError, NotImplementedError, OSError)


def zipped(window: Window, ending: str) -> FormatMatch:
    announced = BY_EXTENSION[ending].label_fr if ending in BY_EXTENSION else "archive ZIP"
    try:
        with ZipFile(window) as archive:
            parts = archive.infolist()
            return _recognise(archive, parts, window.size, ending)
    except (BadMarkup, *DAMAGE):
        raise TornFile(announced) from None


def refuse_bombs(parts: list[ZipInfo], size: int, most: int = LARGEST_TOTAL) -> None:
    """Raises ZipBomb for more parts, or more bytes once inflated, than an honest archive has. size: of the archive, in
    bytes. most: bytes, once inflated.
    """
    total = sum(part.file_size for part in parts)
    # Parts that overlap share their compressed bytes: together they claim more than the file holds.
    overlapping = sum(part.compress_size for part in parts) > size
    shrunk = total > LARGE_TOTAL and total > LARGEST_RATIO * size
    if len(parts) > MOST_ENTRIES or total > most or overlapping or shrunk:
        raise ZipBomb


def _recognise(archive: ZipFile, parts: list[ZipInfo], size: int, ending: str) -> FormatMatch:
    names = {part.filename for part in parts}
    if ending in IWORK or names & _IWORK_PARTS:
        raise UnknownType(*IWORK.get(ending, ANY_IWORK))
    if not names & {"[Content_Types].xml", "mimetype"}:
        raise ArchiveRefused("ZIP")
    refuse_bombs(parts, size)
    if any(part.flag_bits & 1 for part in parts):
        raise EncryptedFile
    if any(stat.S_ISLNK(part.external_attr >> 16) for part in parts):  # as Unix archivers write a symbolic link
        raise ProgramRefused
    if any(extension(name) in PROGRAM_EXTENSIONS for name in names if not _is_script(name)):
        raise ProgramRefused
    if "[Content_Types].xml" in names:
        return _ooxml(archive, names)
    return _opendocument(archive, names)


def _is_script(name: str) -> bool:
    """Returns True for a part that is a macro inside OpenDocument: its refusal gives better advice than a program."""
    return name.startswith(("Basic/", "Scripts/"))


def _whole_list(archive: ZipFile, name: str) -> Iterator[bytes]:
    if archive.getinfo(name).file_size > LARGEST_LIST:
        raise ZipBomb
    return pieces(archive, name, LARGEST_LIST)


# --- OOXML ----------------------------------------------------------------------------------------


def _ooxml(archive: ZipFile, names: set[str]) -> FormatMatch:
    types: set[str] = set()
    each_tag(
        _whole_list(archive, "[Content_Types].xml"),
        lambda _, attributes: types.add(attributes.get("ContentType", "")),
    )
    if any(kind.casefold().endswith(_BINARY_WORKBOOK) for kind in types):
        raise UnknownType(*BINARY_WORKBOOK)
    if _has_vba(names, types):
        raise MacrosInFile(".docx, .xlsx ou .pptx")
    codes = [code for ending, code in _OOXML_MAIN.items() if _OOXML_PREFIX + ending in types]
    if len(codes) != 1:
        raise UnknownType("un document bureautique d'une autre sorte")
    return FormatMatch(codes[0], ooxml_warnings(archive, names, codes[0]))


def _has_vba(names: set[str], types: set[str]) -> bool:
    return any(mark in kind.casefold() for kind in types for mark in _OOXML_MACROS) or any(
        name.casefold().endswith("vbaproject.bin") or "/macrosheets/" in name.casefold() for name in names
    )


# --- OpenDocument ---------------------------------------------------------------------------------


def _opendocument(archive: ZipFile, names: set[str]) -> FormatMatch:
    media_type = b"".join(pieces(archive, "mimetype", 100)).decode("ascii", "replace").strip()
    code = _ODF_KINDS.get(media_type)
    if code is None:
        raise UnknownType("un livre EPUB" if "epub" in media_type else "un document OpenDocument d'une autre sorte")
    encrypted = False

    def note(tag: str, _: dict[str, str]) -> None:
        nonlocal encrypted
        encrypted = encrypted or tag == "encryption-data"

    each_tag(_whole_list(archive, "META-INF/manifest.xml"), note)
    if encrypted:
        raise EncryptedFile
    if any(_is_script(name) and not _is_library_list(name) for name in names):
        raise MacrosInFile(f".{code} sans macros")
    return FormatMatch(code, opendocument_warnings(archive, names))


def _is_library_list(name: str) -> bool:
    return name.endswith("/") or name.rpartition("/")[2] in _ODF_LIBRARY_LISTS
