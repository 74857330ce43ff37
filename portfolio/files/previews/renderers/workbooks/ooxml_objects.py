"""Names the charts, pivot tables and pictures of a sheet of an .xlsx: where they stand and what they are drawn from;
and says the words of its shapes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from portfolio.files.previews.renderers.drawn_texts import diagram_lines
from portfolio.files.previews.renderers.package import Package
from portfolio.files.previews.renderers.workbooks.grid import MOST_OBJECTS, place_name
from portfolio.files.previews.renderers.workbooks.object_words import (
    box_words,
    chart_words,
    picture_words,
    pivot_words,
)

_LARGEST_OBJECT = 8 << 20
_CHARTS, _PIVOTS, _DIAGRAM = ("chart", "chartEx"), "pivotTable", "diagramData"
_LONGEST_WORDS = 4_000


class _Anchored(NamedTuple):
    """What stands at a place of a drawing. relation: its id, "" for words alone. words: of a shape, in lines."""

    area: str
    relation: str
    pictured: bool
    words: str


def objects_of(package: Package, part: str) -> list[str]:
    """Returns a French sentence for each object of the sheet in this part; [] without any. Raises CannotShow where a
    part is too large, BadMarkup.
    """
    sentences = []
    for relation in package.relations(part).values():
        if relation.kind == "drawing":
            sentences += _drawn(package, relation.target)
        elif relation.kind == _PIVOTS and package.has(relation.target):
            sentences.append(_pivot(package, relation.target))
    return sentences[:MOST_OBJECTS]


def _drawn(package: Package, part: str) -> list[str]:
    relations = package.relations(part)
    sentences = []
    for area, relation, pictured, words in _anchors(package, part):
        if words.strip():
            sentences.append(box_words(words, area))
        elif relation not in relations:
            continue
        elif pictured:
            sentences.append(picture_words(area))
        elif relations[relation].kind in _CHARTS:
            sentences.append(_chart(package, relations[relation].target, area))
        elif relations[relation].kind == _DIAGRAM:
            lines = diagram_lines(package, relations[relation].target)
            sentences.append(box_words("\n".join(lines), area, "Diagramme"))
    return sentences


def _anchors(package: Package, part: str) -> list[_Anchored]:
    """Returns each object of a drawing. What is written twice, for programs that know less, is read once."""
    anchors: list[_Anchored] = []
    corners: list[int] = []
    words: list[str] = []
    within = ""
    fallbacks = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal within, fallbacks
        tag = name.rpartition(":")[2]
        fallbacks += tag == "Fallback"
        if tag.endswith("Anchor"):
            corners.clear()
            words.clear()
        within = tag if tag in ("col", "row", "t") else ""
        relation = next((value for key, value in attributes.items() if key.endswith((":id", ":embed", ":dm"))), "")
        if relation and tag in ("chart", "blip", "relIds"):
            anchors.append(_Anchored(_area(corners), relation, tag == "blip", ""))

    def characters(text: str) -> None:
        if within == "t":
            if not fallbacks and len(words) < _LONGEST_WORDS:
                words.append(text[:_LONGEST_WORDS])
        elif within and text.strip().isdigit() and len(text) < 10:
            corners.append(int(text) + 1)

    def end(name: str) -> None:
        nonlocal within, fallbacks
        tag, within = name.rpartition(":")[2], ""
        fallbacks -= tag == "Fallback"
        if tag in ("p", "br") and words:
            words.append("\n")
        elif tag.endswith("Anchor") and words:
            anchors.append(_Anchored(_area(corners), "", False, "".join(words)))

    _parse(package, part, start, end, characters)
    return anchors


def _area(corners: list[int]) -> str:
    """Returns « B2:D9 ». corners: column and row of the first one, then of the last one, if known."""
    names = [place_name(corners[at + 1], corners[at]) for at in range(0, len(corners) - 1, 2)]
    return ":".join(names[:2])


def _chart(package: Package, part: str, area: str) -> str:
    kinds: list[str] = []
    sources: list[str] = []
    titles: list[str] = []
    path: list[str] = []

    def start(name: str, _attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        path.append(tag)
        if tag.endswith("Chart") and tag not in kinds:
            kinds.append(tag)

    def end(_name: str) -> None:
        path.pop()

    def characters(text: str) -> None:
        if path[-1] == "f" and "ser" in path and text not in sources:
            sources.append(text)
        elif path[-1] == "t" and path[1:3] == ["chart", "title"]:
            titles.append(text)

    _parse(package, part, start, end, characters)
    return chart_words(kinds, "".join(titles), area, sources)


def _pivot(package: Package, part: str) -> str:
    name = area = source = ""

    def note(tag: str, attributes: dict[str, str]) -> None:
        nonlocal name, area
        if tag == "pivotTableDefinition":
            name = attributes.get("name", "")
        elif tag == "location":
            area = attributes.get("ref", "")

    def note_source(tag: str, attributes: dict[str, str]) -> None:
        nonlocal source
        if tag == "worksheetSource":
            sheet, place = attributes.get("sheet", ""), attributes.get("ref") or attributes.get("name", "")
            source = f"{sheet}!{place}" if sheet and place else place or sheet

    package.each_tag(part, note, limit=_LARGEST_OBJECT)
    package.each_tag(package.first(part, "pivotCacheDefinition"), note_source, limit=_LARGEST_OBJECT)
    return pivot_words(name, area, source)


def _parse(
    package: Package,
    part: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    characters: Callable[[str], None],
) -> None:
    if not package.has(part):
        return
    parser = package.parser()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, characters
    for piece in package.pieces(part, _LARGEST_OBJECT):
        parser.Parse(piece, False)
