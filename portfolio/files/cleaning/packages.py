"""Settles the tracked changes and the comments of a Word document, and takes pivot tables out of a workbook: their
cells keep the values that they show.
"""

from __future__ import annotations

import io
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from portfolio.files.cleaning.markup_cut import DROP, KEEP, UNWRAP, cut
from portfolio.files.cleaning.outcome import CannotClean, Cleaned
from portfolio.files.recognition.package_parts import pieces

LARGEST: Final = 200 << 20  # bytes of all parts, inflated
_WORD: Final = frozenset(
    (
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
)
_TEXTS = re.compile(r"word/(?:document|header|footer|footnotes|endnotes)\d*\.xml", re.IGNORECASE)
_COMMENTS = re.compile(r"word/(?:comments\w*|people)\.xml", re.IGNORECASE)
_PIVOTS = re.compile(r"xl/pivot(?:Tables|Cache)/(?!_rels/).*\.xml", re.IGNORECASE)
_PARTS_OF_PIVOTS = re.compile(r"xl/(?:slicers|slicerCaches|timelines|timelineCaches)/", re.IGNORECASE)
_FORMAT: Final = frozenset(
    ("rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "trPrChange", "tcPrChange", "tblGridChange")
    + ("tblPrExChange", "numberingChange")
)
_MARKS_OF_MOVES: Final = frozenset(("moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd"))
_MARKS_OF_COMMENTS: Final = frozenset(("commentRangeStart", "commentRangeEnd", "commentReference", "annotationRef"))
_OF_CELLS: Final = frozenset(("trPr", "cellIns", "cellDel", "cellMerge"))


def clean_word(data: bytes) -> Cleaned:
    """Returns the document as it reads with all changes accepted, without comments. Raises CannotClean: rows or cells
    of a table that were added or taken out as tracked changes, parts that are not well formed.
    """
    parts, removed = _parts(data), Counter[str]()
    for name, content in parts.items():
        if _TEXTS.fullmatch(name):
            parts[name] = cut(content, lambda name, outer, _: _of_word(name, outer, removed))
    dropped = {name for name in parts if _COMMENTS.fullmatch(name)}
    for name in dropped:
        if posixpath.basename(name).lower() == "comments.xml":
            removed["comment"] += len(re.findall(rb"<(?:\w+:)?comment[ >]", parts[name]))
    return Cleaned(_written(parts, dropped), removed)


def _of_word(name: str, outer: str, removed: Counter[str]) -> str:
    namespace, _, local = name.rpartition(" ")
    if namespace not in _WORD:
        return KEEP
    around = outer.rpartition(" ")[2]
    if local in ("ins", "del", "moveFrom", "moveTo"):
        if around in _OF_CELLS:
            raise CannotClean
        removed["deletion" if local in ("del", "moveFrom") else "insertion"] += 1
        return DROP if local in ("del", "moveFrom") or around == "rPr" else UNWRAP
    if local in _FORMAT:
        removed["format_change"] += 1
        return DROP
    if local in ("cellIns", "cellDel", "cellMerge"):
        raise CannotClean
    return DROP if local in _MARKS_OF_MOVES or local in _MARKS_OF_COMMENTS else KEEP


def clean_workbook(data: bytes) -> Cleaned:
    """Returns the workbook without its pivot tables and what they keep of their sources. Raises CannotClean where
    slicers hang on them.
    """
    parts, removed = _parts(data), Counter[str]()
    if any(_PARTS_OF_PIVOTS.match(name) for name in parts):
        raise CannotClean
    dropped = {name for name in parts if _PIVOTS.fullmatch(name)}
    removed.update({"pivot_cache": sum("cachedefinition" in name.lower() for name in dropped)} if dropped else {})
    for name in [name for name in parts if name.lower() == "xl/workbook.xml"]:
        parts[name] = cut(parts[name], _without(lambda local: local == "pivotCaches"))
    return Cleaned(_written(parts, dropped), removed)


def _without(is_dropped: Callable[[str], bool]) -> Callable[[str, str, dict[str, str]], str]:
    return lambda name, _outer, _attributes: DROP if is_dropped(name.rpartition(" ")[2]) else KEEP


def _parts(data: bytes) -> dict[str, bytes]:
    """Returns {name: content} in the order of the archive. Raises CannotClean."""
    parts, left = {}, LARGEST
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                content = b"".join(pieces(archive, name, left + 1))
                left -= len(content)
                if left < 0 or name in parts:
                    raise CannotClean
                parts[name] = content
    except (BadZipFile, KeyError, ValueError):
        raise CannotClean from None
    return parts


def _written(parts: Mapping[str, bytes], dropped: set[str]) -> bytes:
    """Returns the package without these parts, their own relations, and what names them."""
    gone = {f"/{name}".lower() for name in dropped}
    relations = {
        posixpath.join(posixpath.dirname(name), "_rels", f"{posixpath.basename(name)}.rels") for name in dropped
    }
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            if name in dropped or name in relations:
                continue
            if gone and (name.endswith(".rels") or name == "[Content_Types].xml"):
                content = cut(content, _names_of(name, gone))
            archive.writestr(name, content)
    return buffer.getvalue()


def _names_of(part: str, gone: set[str]) -> Callable[[str, str, dict[str, str]], str]:
    """Returns what drops the entries of a list of relations, or of types, that name a part that is gone."""
    folder = posixpath.dirname(posixpath.dirname(part))

    def choose(name: str, _outer: str, attributes: dict[str, str]) -> str:
        local = name.rpartition(" ")[2]
        if local == "Override":
            return DROP if attributes.get("PartName", "").lower() in gone else KEEP
        if local == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
            return DROP if target.lower() in gone else KEEP
        return KEEP

    return choose
