"""Inspects a PDF in a confined process: what it does when it is opened, and what it carries (side of the child).

qpdf (pikepdf) resolves object streams, encryption with an empty password, and the spellings of a name (`/#4a#53`) and
of a text (UTF-16, octal). Every object is looked at, used or not: a reader may repair what does not lead there.
"""

from __future__ import annotations

import json
import re
import sys
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import pikepdf
import pypdfium2
from pypdfium2.raw import FPDF_ERR_PASSWORD

from portfolio.files.confinement.give_up import confine
from portfolio.files.recognition.names import extension, safe_name
from portfolio.files.recognition.programs import is_program
from portfolio.rules.file_kinds import PROGRAM_EXTENSIONS

# What the child answers when the file is not to be received.
DAMAGED, LOCKED, PROGRAM, TOO_COMPLEX = "damaged", "locked", "program", "too_complex"

_ACTIONS = {
    "/JavaScript": "pdf_javascript",
    "/Launch": "pdf_launch",
    "/SubmitForm": "pdf_sends_form",
    "/ImportData": "pdf_sends_form",
    "/Movie": "pdf_media",
    "/Sound": "pdf_media",
    "/Rendition": "pdf_media",
    "/GoTo3DView": "pdf_media",
    "/RichMediaExecute": "pdf_media",
}
_ANNOTATIONS = dict.fromkeys(("/RichMedia", "/3D", "/Movie", "/Sound", "/Screen"), "pdf_media") | {
    "/Redact": "pdf_redactions"
}
_COMMENTS = frozenset(
    f"/{name}"
    for name in (
        "Text", "FreeText", "Line", "Square", "Circle", "Polygon", "PolyLine", "Highlight", "Underline", "Squiggly",
        "StrikeOut", "Stamp", "Caret", "Ink",
    )
)  # fmt: skip
# Where one of these names stands in an object, the object is walked through; most have none.
_NAMES = re.compile(
    rb"/(?:JavaScript|JS|Launch|SubmitForm|ImportData|Rendition|GoTo3DView|RichMedia\w*|3D|Movie|Sound|"
    rb"Screen|XFA|EF|EmbeddedFile|OCGs|Redact|Contents)(?![\w#])"
)
_REBUILT = "reconstruct cross-reference table"  # what qpdf says where the table of objects is torn
_NO_PAGE = "Pages tree includes non-dictionary object"  # where one that it lists is not there
_FILE_NAMES = ("/UF", "/F", "/DOS", "/Unix", "/Mac")
_DEEPEST = 100
_FIRST_BYTES = 512


class NotReceived(Exception):
    """The file is to be refused. why: DAMAGED | LOCKED | PROGRAM."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def inspect(source: BinaryIO) -> set[str]:
    """Returns codes of `file_warnings.WARNINGS`. Raises NotReceived; MemoryError, and what pikepdf raises on damage."""
    _refuse_unopened(source)
    source.seek(0)
    try:
        with pikepdf.open(source) as document:
            codes = {code for thing in document.objects for code in _object(thing)}
            len(document.pages)  # looked through now: what is missing of them is among the warnings
            warnings = " ".join(map(str, document.get_warnings()))
            if _REBUILT in warnings and _NO_PAGE in warnings:
                raise NotReceived(DAMAGED)
            return codes | {"pdf_repaired"} if _REBUILT in warnings else codes
    except pikepdf.PasswordError:
        raise NotReceived(LOCKED) from None


def _refuse_unopened(source: BinaryIO) -> None:
    """Opens the file as the reader that draws it does, which repairs more than one and less than another. Restrictions
    of printing or copying pass: the empty password opens them. Raises NotReceived: LOCKED by another password, DAMAGED
    if it cannot be opened or has no page.
    """
    try:
        document = pypdfium2.PdfDocument(source)
        pages = len(document)
    except pypdfium2.PdfiumError as error:
        raise NotReceived(LOCKED if error.err_code == FPDF_ERR_PASSWORD else DAMAGED) from None
    document.close()
    if not pages:
        raise NotReceived(DAMAGED)


def _object(thing: pikepdf.Object) -> Iterator[str]:
    head = thing.stream_dict if isinstance(thing, pikepdf.Stream) else thing
    if not isinstance(head, pikepdf.Dictionary | pikepdf.Array) or not _NAMES.search(head.unparse(resolved=True)):
        return
    if isinstance(thing, pikepdf.Stream) and head.get("/Type") == "/EmbeddedFile":
        _refuse_program(thing)
    yield from _walk(head, _DEEPEST)


def _walk(thing: pikepdf.Object, depth: int) -> Iterator[str]:
    """Yields the codes of an object and of those written inside it; those that it refers to have their own turn. depth:
    levels that may still follow. Raises NotReceived (DAMAGED) at none.
    """
    if depth == 0:
        raise NotReceived(DAMAGED)
    if isinstance(thing, pikepdf.Dictionary):
        yield from _dictionary(thing)
        inside = [value for _, value in thing.items()]
    elif isinstance(thing, pikepdf.Array):
        inside = list(thing)
    else:
        return
    for value in inside:
        if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect:
            yield from _walk(value, depth - 1)


def _dictionary(thing: pikepdf.Dictionary) -> Iterator[str]:
    action, annotation = _name(thing, "/S"), _name(thing, "/Subtype")
    if action in _ACTIONS:
        yield _ACTIONS[action]
    if annotation in _ANNOTATIONS:
        yield _ANNOTATIONS[annotation]
    if annotation in _COMMENTS and str(thing.get("/Contents", "")).strip():
        yield "comments"
    if "/OCGs" in thing and _hides_layers(thing.get("/D")):
        yield "pdf_layers"
    if "/JS" in thing or ("/JavaScript" in thing and _name(thing, "/JavaScript") is None):
        yield "pdf_javascript"  # the tree of names has it as a key
    if "/XFA" in thing:
        yield "pdf_dynamic_form"
    if "/EF" in thing:
        _refuse_program_names(thing)
        yield "pdf_attachments"


def _hides_layers(usual: pikepdf.Object | None) -> bool:
    """Returns whether the usual configuration of layers (ISO 32000-2, 8.11.4.3) leaves one out."""
    if not isinstance(usual, pikepdf.Dictionary):
        return False
    left_out = usual.get("/OFF")
    return _name(usual, "/BaseState") == "/OFF" or isinstance(left_out, pikepdf.Array) and len(left_out) > 0


def _name(thing: pikepdf.Dictionary, key: str) -> str | None:
    value = thing.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else None


def _refuse_program_names(specification: pikepdf.Dictionary) -> None:
    """Reads the names of an attached file (ISO 32000-2, 7.11.3) and its bytes. Raises NotReceived."""
    for key in _FILE_NAMES:
        value = specification.get(key)
        if isinstance(value, pikepdf.String) and extension(safe_name(str(value))) in PROGRAM_EXTENSIONS:
            raise NotReceived(PROGRAM)
    files = specification.get("/EF")
    if isinstance(files, pikepdf.Dictionary):
        for _, file in files.items():
            if isinstance(file, pikepdf.Stream):
                _refuse_program(file)


def _refuse_program(file: pikepdf.Stream) -> None:
    if is_program(_first_bytes(file)):
        raise NotReceived(PROGRAM)


def _first_bytes(file: pikepdf.Stream) -> bytes:
    """Returns at most _FIRST_BYTES decoded bytes of a stream; as stored, uncut, where its coding is damaged; b"" for a
    damaged deflated one. One that is only deflated is not inflated whole: it may be a bomb.
    """
    coding = file.stream_dict.get("/Filter")
    names = [str(name) for name in coding] if isinstance(coding, pikepdf.Array) else [str(coding)] if coding else []
    if names == ["/FlateDecode"] or names == ["/Fl"]:
        try:
            return zlib.decompressobj().decompress(file.read_raw_bytes(), _FIRST_BYTES)
        except zlib.error:
            return b""
    try:
        return bytes(file.read_bytes())[:_FIRST_BYTES]
    except pikepdf.PdfError:
        return bytes(file.read_raw_bytes())[:_FIRST_BYTES]


def _answer() -> dict[str, str | list[str]]:
    try:
        return {"warnings": sorted(inspect(sys.stdin.buffer))}
    except NotReceived as refusal:
        return {"refused": refusal.why}
    except MemoryError:
        return {"refused": TOO_COMPLEX}
    except Exception:  # qpdf has several for a damaged file
        return {"refused": DAMAGED}


if __name__ == "__main__":
    confine(sys.argv[1:4])
    json.dump(_answer(), sys.stdout)
