"""Recognises the kind of a file by its content, and checks its name against it.

`recognise` reads the beginning, finds the family of formats, and calls its function, which returns a code of
`file_kinds.KINDS` or raises a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import BinaryIO

import puremagic

from portfolio.files.recognition import pictures, recordings
from portfolio.files.recognition.bounded_reader import Window
from portfolio.files.recognition.names import extension, safe_name
from portfolio.files.recognition.office97 import compound
from portfolio.files.recognition.ole import MAGIC as COMPOUND_MAGIC
from portfolio.files.recognition.ooxml_odf import zipped
from portfolio.files.recognition.pdfs.envelope import HEADER, HEADER_WITHIN, pdf
from portfolio.files.recognition.pixels import refuse_too_many_pixels
from portfolio.files.recognition.programs import WINDOWS_SHORTCUT, archive_format, is_program
from portfolio.files.recognition.text import as_text, rich_text, text
from portfolio.rules.file_kinds import (
    BY_EXTENSION,
    KINDS,
    PROGRAM_EXTENSIONS,
    ArchiveRefused,
    EmptyFile,
    FileKind,
    FormatMatch,
    ProgramRefused,
    Recognised,
    ShortcutRefused,
    TornFile,
    TypeMismatch,
    UnknownType,
)
from portfolio.rules.file_warnings import in_order
from portfolio.rules.unreceived_kinds import SHORTCUTS, by_content

_HEAD = 4096
_SURE_ENOUGH = 0.4

_FAMILIES: tuple[tuple[re.Pattern[bytes], Callable[[Window, str], FormatMatch]], ...] = (
    (re.compile(HEADER), pdf),
    (re.compile(rb"PK\x03\x04"), zipped),
    (re.compile(re.escape(COMPOUND_MAGIC)), compound),
    (re.compile(rb"\{\\rtf"), rich_text),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), pictures.png),
    (re.compile(rb"\xff\xd8\xff"), pictures.jpeg),
    (re.compile(rb"GIF8[79]a"), pictures.gif),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), pictures.webp),
    (re.compile(rb"\0\0..ftyp", re.DOTALL), recordings.iso_media),
    (re.compile(rb"\x1aE\xdf\xa3"), recordings.matroska),
    (re.compile(rb"ID3[\x02-\x04]"), recordings.mp3),
)


def recognise(stream: BinaryIO, name: str, size: int) -> Recognised:
    """Returns the kind of a file and its warnings. stream: seekable, left open at any position. size: bytes announced.
    Raises a subclass of UnacceptableFile, which names why (EmptyFile, TornFile, ShortcutRefused, ProgramRefused,
    TypeMismatch…); InspectionBusy. Memory is bounded for any file; films are recognised by their boxes.
    """
    window = Window(stream)
    if window.size == 0:
        raise EmptyFile
    if window.size != size:
        raise TornFile
    ending = extension(safe_name(name))
    head = window.at(0, _HEAD)
    if ending in SHORTCUTS or head.startswith(WINDOWS_SHORTCUT):
        raise ShortcutRefused(SHORTCUTS.get(ending, SHORTCUTS["lnk"]))
    if ending in PROGRAM_EXTENSIONS or is_program(head):
        raise ProgramRefused
    match = _family(window, head, ending)
    refuse_too_many_pixels(window, match.code)
    kind = KINDS[match.code]
    warnings = in_order(match.warnings + _disagreement(kind, ending))
    return Recognised(kind.code, kind.media_type, kind.label_fr, warnings)


def _family(window: Window, head: bytes, ending: str) -> FormatMatch:
    for mark, function in _FAMILIES:
        if mark.match(head):
            return function(window, ending)
    content = as_text(window)
    if HEADER in head[:HEADER_WITHIN] and (content is None or ending == "pdf"):
        return pdf(window, ending)
    if content is not None:
        return text(window, content, ending)
    if name := archive_format(head):
        raise ArchiveRefused(name)
    if ending == "mp3" and recordings.looks_like_mp3(head):
        return FormatMatch("mp3")
    raise _unknown(head, ending)


def _unknown(head: bytes, ending: str) -> UnknownType | TornFile:
    if not head.strip(b"\0"):
        return TornFile("rempli de zéros")
    if kind := by_content(head):
        return UnknownType(*kind)
    try:
        matches = puremagic.magic_string(head)
    except puremagic.PureError:
        matches = []
    sure = [match.extension for match in matches if match.extension and match.confidence >= _SURE_ENOUGH]
    return UnknownType(f"un fichier « {sure[0]} »" if sure else "")


def _disagreement(kind: FileKind, ending: str) -> tuple[str, ...]:
    """Returns the warning of a wrong extension of the same family. Accepts unknown ones; else raises TypeMismatch."""
    announced = BY_EXTENSION.get(ending)
    if announced is None or announced == kind:
        return ()
    if kind.family and announced.family == kind.family:
        return ("other_extension",)
    raise TypeMismatch(ending, kind)
