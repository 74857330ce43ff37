"""Reads the package of an office document and writes it without some of its parts; settles the tracked changes and the
comments of a Word document.
"""

from __future__ import annotations

import io
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from portfolio.files.cleaning.markup_cut import DROP, KEEP, UNWRAP, cut
from portfolio.files.cleaning.outcome import CannotClean, Cleaned
from portfolio.files.recognition.package_parts import pieces

LARGEST: Final = 200 << 20  # bytes of all parts, inflated
_NO_DAY: Final = (1980, 1, 1, 0, 0, 0)  # the same file gives the same copy, whenever it is made
_WORD: Final = frozenset(
    (
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
)
_TEXTS = re.compile(r"word/(?:document|header|footer|footnotes|endnotes)\d*\.xml", re.IGNORECASE)
_COMMENTS = re.compile(r"word/(?:comments\w*|people)\.xml", re.IGNORECASE)
_QUOTED = re.compile(rb"=[\"']([\w.-]{1,255})[\"']")
_FORMAT: Final = frozenset(
    ("rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "trPrChange", "tcPrChange", "tblGridChange")
    + ("tblPrExChange", "numberingChange")
)
_MARKS_OF_MOVES: Final = frozenset(("moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd"))
_MARKS_OF_COMMENTS: Final = frozenset(("commentRangeStart", "commentRangeEnd", "commentReference", "annotationRef"))
_OF_CELLS: Final = frozenset(("trPr", "cellIns", "cellDel", "cellMerge"))


def clean_word(data: bytes) -> Cleaned:
    """Returns the document as it reads with all changes accepted, without comments, and without the pictures that only
    these showed; of a paragraph that was deleted, an empty line stays. Raises CannotClean: rows or cells of a table
    that were added or taken out as tracked changes, parts that are not well formed.
    """
    parts, removed = parts_of(data), Counter[str]()
    before = reached(parts, set())
    for name in [name for name in parts if _TEXTS.fullmatch(name)]:
        markup = parts[name]
        parts[name] = cut(markup, lambda name, outer, _: _of_word(name, outer, removed))
        _forget_relations(parts, name, markup)
    dropped = {name for name in parts if _COMMENTS.fullmatch(name)}
    for name in dropped:
        if posixpath.basename(name).lower() == "comments.xml":
            removed["comment"] += len(re.findall(rb"<(?:\w+:)?comment[ >]", parts[name]))
    dropped |= before - reached(parts, dropped)  # a picture that was deleted, the mail address of who commented
    return Cleaned(written(parts, dropped), removed)


def _forget_relations(parts: dict[str, bytes], part: str, before: bytes) -> None:
    """Takes out of the relations of a part those that only what was cut out of it named. before: its markup."""
    folder, last = posixpath.split(part)
    relations = posixpath.join(folder, "_rels", f"{last}.rels")
    named, left = (set(_QUOTED.findall(markup)) for markup in (before, parts[part]))
    lost = {identifier.decode() for identifier in named - left}
    if relations in parts and lost:
        parts[relations] = cut(parts[relations], lambda _name, _outer, given: DROP if given.get("Id") in lost else KEEP)


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


def parts_of(data: bytes) -> dict[str, bytes]:
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


def written(parts: Mapping[str, bytes], dropped: set[str]) -> bytes:
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
            archive.writestr(ZipInfo(name, _NO_DAY), content, ZIP_DEFLATED)
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


def relations_of(parts: Mapping[str, bytes], part: str) -> dict[str, str]:
    """Returns {id: name of a part} of what a part relates to in the package; of the package itself for the empty name.
    Raises CannotClean.
    """
    folder, last = posixpath.split(part)
    content = parts.get(posixpath.join(folder, "_rels", f"{last}.rels"))
    targets: dict[str, str] = {}

    def note(name: str, _outer: str, attributes: dict[str, str]) -> str:
        if name.rpartition(" ")[2] == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
            targets[attributes.get("Id", "")] = target.lstrip("/")
        return KEEP

    if content is not None:
        cut(content, note)
    return targets


def reached(parts: Mapping[str, bytes], dropped: set[str]) -> set[str]:
    """Returns the parts that relations lead to, from the package on, without those that are dropped."""
    there, waiting = set[str](), [""]
    while waiting:
        for target in relations_of(parts, waiting.pop()).values():
            if target in parts and target not in there and target not in dropped:
                there.add(target)
                waiting.append(target)
    return there
