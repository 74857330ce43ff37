"""Recognises text files: messages, calendars, web pages, tables, notes. Reads only their two ends."""

from __future__ import annotations

import codecs
import re

from portfolio.files.recognition.bounded_reader import Window
from portfolio.files.unicode_marks import unicode_in
from portfolio.rules.file_kinds import (
    BY_EXTENSION,
    KINDS,
    EmptyFile,
    FormatMatch,
    ObjectsInRichText,
    SvgRefused,
    TornFile,
    UnknownType,
)

HEAD = 64 << 10
# Tab, line feed, form feed, carriage return, escape (logs), and everything printable in some encoding.
_TEXT_BYTES = bytes([9, 10, 12, 13, 27, *range(32, 256)])
_MOST_HIGH_BYTES = 0.4

_PROLOGUE = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE\b[^\[>]*(?:\[.*?\]\s*)?>)", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r"\s*<([A-Za-z][\w:.-]*)")
_HTML_DOCTYPE = re.compile(r"\s*<!DOCTYPE\s+html", re.IGNORECASE)
_HTML_ROOTS = {"html", "head", "body", "title", "meta", "script", "style", "table", "div", "p", "h1"}

_SHEETS = {ending for code in ("xls", "xlsx", "ods") for ending in KINDS[code].extensions}
_HEADER = re.compile(r"([!-9;-~]+):")
_MESSAGE_HEADERS = {
    "bcc", "cc", "content-type", "date", "delivered-to", "from", "message-id", "mime-version", "received",
    "reply-to", "return-path", "sender", "subject", "to", "x-mozilla-status", "x-unsent",
}  # fmt: skip
_LONGEST_HEADERS = 500


def as_text(window: Window) -> str | None:
    """Returns the beginning of the file as text, or None if it is not text.

    UTF-8, UTF-16 with or without its mark, else an eight-bit encoding (Windows-1252, DOS 850), in which accents are a
    minority.
    """
    head = window.at(0, HEAD)
    mark, encoding = unicode_in(head)
    if encoding:
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(head[len(mark) :])
        except UnicodeDecodeError:
            return None
        return None if "\0" in text else text
    if head.translate(None, _TEXT_BYTES) or window.tail(HEAD).translate(None, _TEXT_BYTES):
        return None
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(head)  # the last sign may be cut
    except UnicodeDecodeError:
        high = sum(byte > 127 for byte in head)
        return None if high > _MOST_HIGH_BYTES * len(head) else head.decode("cp1252", "replace")


def text(window: Window, content: str, ending: str) -> FormatMatch:
    """Returns the kind of a text: by its extension if that is a text kind, else by its content. content: the result of
    `as_text`. Raises EmptyFile, TornFile, SvgRefused, UnknownType.
    """
    if not content.strip():
        raise EmptyFile
    announced = BY_EXTENSION.get(ending)
    if announced and announced.family == "text":
        return _plain(window, content, announced.code)
    if content.startswith("BEGIN:VCALENDAR"):
        if b"END:VCALENDAR" not in window.tail(1024).replace(b"\0", b""):
            raise TornFile(KINDS["ics"].label_fr)
        return FormatMatch("ics")
    if content.startswith(("%!PS", "<?php")):
        raise UnknownType("un programme ou une impression PostScript")
    words = "csv" if ending in _SHEETS and _is_table(content) else "txt"
    return _markup(content, ending) or _message(content, ending) or FormatMatch(words)


def _is_table(content: str) -> bool:
    """Returns whether each of the first lines has the same number of one separator: programs call such a table .xls."""
    lines = [line for line in content.splitlines()[:20] if line.strip()]
    return any(len({line.count(sign) for line in lines}) == 1 and sign in lines[0] for sign in ";\t")


def rich_text(window: Window, ending: str) -> FormatMatch:
    """Returns the kind of a rich text: what its name announces if that is a plain text. Raises TornFile,
    ObjectsInRichText.
    """
    announced = BY_EXTENSION.get(ending)
    if announced and announced.family == "text":
        return FormatMatch(announced.code)
    if not window.tail(1024).rstrip(b"\0\r\n\t \x1a").endswith(b"}"):
        raise TornFile(KINDS["rtf"].label_fr)
    if window.find(b"\\objdata", 0) >= 0:
        raise ObjectsInRichText
    return FormatMatch("rtf")


def _plain(window: Window, content: str, code: str) -> FormatMatch:
    if code == "json":
        closing = {"{": b"}", "[": b"]"}.get(content.strip()[0])
        if closing and not window.tail(1024).replace(b"\0", b"").rstrip().endswith(closing):
            raise TornFile(KINDS["json"].label_fr)
    return FormatMatch(code)


def _markup(content: str, ending: str) -> FormatMatch | None:
    root = _root_element(content)
    if root == "svg":
        raise SvgRefused
    if root == "mxfile":
        return FormatMatch("drawio")
    if root in _HTML_ROOTS or _HTML_DOCTYPE.match(content) or ending in KINDS["html"].extensions:
        return FormatMatch("html")
    if content.lstrip().startswith("<?xml"):
        raise UnknownType("des données XML")
    return None


def _root_element(content: str) -> str:
    at = 0
    while match := _PROLOGUE.match(content, at):
        at = match.end()
    root = _ROOT.match(content, at)
    return root[1].rpartition(":")[2].lower() if root else ""


def _message(content: str, ending: str) -> FormatMatch | None:
    """Returns « eml », « mbox » or « mhtml » by the headers of a text: a message (RFC 5322), a mailbox that starts by
    « From » (RFC 4155), a saved page (RFC 2557); None below two such headers, or one where its name ends in `.eml`.
    ending: of its name.
    """
    first, _, rest = content.partition("\n")
    in_box = first.startswith("From ")
    named = ending == "eml"
    headers = _headers(rest if in_box else content, whole=not named)
    if len(headers.keys() & _MESSAGE_HEADERS) < (1 if named else 2):
        return None
    saved = headers.get("from", "").startswith("<Saved by") or "snapshot-content-location" in headers
    if "multipart/related" in headers.get("content-type", "").lower() and (saved or "from" not in headers):
        return FormatMatch("mhtml")
    # A mail program that saves one message may keep the line of its box.
    return FormatMatch("mbox" if in_box and not named else "eml")


def _headers(content: str, *, whole: bool) -> dict[str, str]:
    """Returns {name in lower case: first value}. A line that is neither a header nor its continuation ends them; where
    they are to be whole, there are none then.
    """
    headers: dict[str, str] = {}
    for line in content.splitlines()[:_LONGEST_HEADERS]:
        if not line.strip():
            break
        if line[0] in " \t":
            continue
        match = _HEADER.match(line)
        if not match:
            return {} if whole else headers
        headers.setdefault(match[1].lower(), line[match.end() :].strip())
    return headers
