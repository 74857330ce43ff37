"""Finds in an Office document what its reader may not see at first: changes, comments, hidden parts.

Searches the text of its parts, without building a tree. Prefixes of namespaces are the writer's choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from zipfile import ZipFile

from portfolio.files.recognition.package_parts import pieces

LARGEST_SEARCH = 8 << 20  # bytes of all searched parts together
_LONGEST_TAG = 4 << 10

_PREFIX = rb"<(?:[\w.-]{1,40}:)?"


class _Mark(NamedTuple):
    """parts: of the path, in lower case. tag: what says it in one of them."""

    code: str
    parts: re.Pattern[str]
    tag: re.Pattern[bytes]


def _mark(code: str, parts: str, tag: bytes) -> _Mark:
    return _Mark(code, re.compile(parts), re.compile(_PREFIX + tag))


_TEXTS = r"(?:^|/)(?:document|header|footer|footnotes|endnotes)\d*\.xml$"
_COMMENTS = _mark("comments", r"comment[^/]*\.xml$", rb"(?:comment|cm|threadedComment)[\s>]")
_WORD = (
    _mark("tracked_changes", _TEXTS, rb"(?:ins|del|moveFrom|moveTo)[\s>]"),
    _COMMENTS,
    _mark("hidden_text", _TEXTS, rb"vanish(?:\s*/>|\s[^<>]*val=[\"'](?:1|true|on)[\"'])"),
)
_EXCEL = (
    _COMMENTS,
    _mark("hidden_sheets", r"(?:^|/)workbook\d*\.xml$", rb"sheet\s[^<>]*\bstate=[\"'](?:hidden|veryHidden)[\"']"),
    _mark("hidden_cells", r"(?:^|/)worksheets/[^/]+\.xml$", rb"(?:row|col)\s[^<>]*\bhidden=[\"'](?:1|true)[\"']"),
)
_POWERPOINT = (
    _COMMENTS,
    _mark("hidden_slides", r"(?:^|/)slides/[^/]+\.xml$", rb"sld\s[^<>]*\bshow=[\"'](?:0|false)[\"']"),
)
_OOXML = {
    **dict.fromkeys(("docx", "dotx"), _WORD),
    **dict.fromkeys(("xlsx", "xltx"), _EXCEL),
    **dict.fromkeys(("pptx", "ppsx", "potx"), _POWERPOINT),
}

_CONTENT = r"^(?:content|styles)\.xml$"
_OPENDOCUMENT = (
    _mark("tracked_changes", _CONTENT, rb"(?:changed-region|cell-content-change)[\s>]"),
    _mark("comments", _CONTENT, rb"annotation[\s>]"),
    _mark(
        "hidden_text",
        _CONTENT,
        rb"(?:text-properties\s[^<>]*:display=[\"']none[\"']|hidden-(?:text|paragraph)[\s>])",
    ),
    _mark("hidden_slides", _CONTENT, rb"drawing-page-properties\s[^<>]*:visibility=[\"']hidden[\"']"),
    _mark("hidden_sheets", _CONTENT, rb"table-properties\s[^<>]*:display=[\"']false[\"']"),
    _mark("hidden_cells", _CONTENT, rb"table-(?:row|column)\s[^<>]*:visibility=[\"'](?:collapse|filter)[\"']"),
)


def ooxml_warnings(archive: ZipFile, names: Iterable[str], code: str) -> tuple[str, ...]:
    """Returns codes of WARNINGS. code: of the recognised kind. Raises what zipfile raises on damaged input."""
    # Producers differ on the folder (xl/pivotCache or pivotCache), not on the name.
    cache = code in ("xlsx", "xltx") and any("pivotCacheRecords" in name for name in names)
    return _search(archive, names, _OOXML.get(code, ())) + ("pivot_cache",) * cache


def opendocument_warnings(archive: ZipFile, names: Iterable[str]) -> tuple[str, ...]:
    """Returns codes of WARNINGS, as `ooxml_warnings` does."""
    return _search(archive, names, _OPENDOCUMENT)


def _search(archive: ZipFile, names: Iterable[str], marks: tuple[_Mark, ...]) -> tuple[str, ...]:
    left, met = LARGEST_SEARCH, set[str]()
    for name in sorted(names):
        wanted = [mark for mark in marks if mark.parts.search(name.casefold())]
        before = b""
        for piece in pieces(archive, name, left) if wanted else ():
            text = before + piece
            met |= {mark.code for mark in wanted if mark.code not in met and mark.tag.search(text)}
            before, left = text[-_LONGEST_TAG:], left - len(piece)
    return tuple(met)
