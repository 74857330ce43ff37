"""Facts of a presentation of PowerPoint: masters, layouts, notes, transitions, animations, charts and media."""

from __future__ import annotations

from typing import BinaryIO
from zipfile import ZipFile

from portfolio.files.facts.gathered import Gathering
from portfolio.files.facts.ooxml.part_reader import FactsPartReader, is_on
from portfolio.files.facts.ooxml.properties import read_properties
from portfolio.files.facts.ooxml.workbook import ChartKinds
from portfolio.files.previews.renderers.package import Package, Relation
from portfolio.files.recognition.bounded_reader import Window

_SMALL = 16 << 20
_EFFECTS = {"entr": "entrée", "emph": "accentuation", "exit": "sortie", "path": "trajectoire"}


def read(source: BinaryIO, _kind: str, gathering: Gathering) -> None:
    """Gathers the facts of a .pptx. Raises CannotShow, BadZipFile, ExpatError for what is too large or damaged."""
    with ZipFile(Window(source)) as archive:
        package = Package(archive)
        read_properties(package, gathering)
        main = package.first("", "officeDocument")
        relations = package.relations(main or "")
        show = _Show(gathering)
        show.read(package, main, _SMALL)
        for number, identifier in enumerate(show.slides, 1):
            if identifier in relations:
                _slide(package, relations[identifier].target, f"diapositive {number}", gathering)
        for related in relations.values():
            if related.kind == "slideMaster":
                gathering.uses("master")
            elif related.kind == "notesMaster":
                gathering.uses("notes_master")
            elif related.kind == "handoutMaster":
                gathering.uses("handout_master")


class _Show(FactsPartReader):
    """Reads the order of slides. slides: ids of their relations."""

    def __init__(self, gathering: Gathering) -> None:
        self.slides: list[str] = []
        self._gathering = gathering

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "sldId" and "id" in attributes:
            self.slides.append(attributes["id"])  # of its relation: the number before it has the same local name
            self._gathering.uses("slide")
        elif tag == "section":
            self._gathering.uses("section", attributes.get("name", ""))
        elif tag == "custShow":
            self._gathering.uses("custom_show", attributes.get("name", ""))


def _slide(package: Package, part: str, where: str, gathering: Gathering) -> None:
    SlidePart(where, gathering).read(package, part)
    for inner in package.relations(part).values():
        _beside(package, inner, where, gathering)


def _beside(package: Package, inner: Relation, where: str, gathering: Gathering) -> None:
    if inner.kind == "slideLayout":
        layout = _LayoutName()
        layout.read(package, inner.target, _SMALL)
        gathering.uses("layout", where, layout.name)
    elif inner.kind == "notesSlide":
        notes = SlidePart(f"{where}, commentaires", Gathering())
        notes.read(package, inner.target, _SMALL)
        for place, text in notes.texts:
            gathering.text(place, text)
        if notes.texts:
            gathering.uses("speaker_notes", where)
    elif inner.kind in ("chart", "chartEx"):
        chart = ChartKinds()
        chart.read(package, inner.target, _SMALL)
        gathering.uses("chart", where, chart.kind)
    elif inner.kind in ("video", "audio"):
        gathering.uses("media", where, "vidéo" if inner.kind == "video" else "son")
    elif inner.kind == "diagramData":
        gathering.uses("diagram", where)
    elif inner.kind == "comments":
        gathering.uses("comment", where)
        gathering.risks("comments", where)
    elif inner.kind == "hyperlink":
        gathering.uses("link", where)
    elif inner.kind == "slide":
        gathering.uses("slide_link", where)
    elif inner.kind in ("oleObject", "package"):
        gathering.uses("inserted_object", where)


class _LayoutName(FactsPartReader):
    def __init__(self) -> None:
        self.name = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "cSld":
            self.name = self.name or attributes.get("name", "")


class SlidePart(FactsPartReader):
    """Reads a slide, or its notes. texts: its paragraphs, with their place."""

    def __init__(self, where: str, gathering: Gathering) -> None:
        self.texts: list[tuple[str, str]] = []
        self._where, self._gathering = where, gathering
        self._words: list[str] = []
        self._reading = self._moves = self._of_program = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "t":
            self._reading = True
        elif tag == "sld" and not is_on(attributes, "show", missing=True):
            self._gathering.risks("hidden_slides", self._where)
        elif tag == "transition" and not self._moves:
            self._moves = True  # written once more for older programs
            self._gathering.uses("transition", self._where)
        elif tag == "fld":
            self._of_program = True
            if attributes.get("type") == "slidenum":
                self._gathering.uses("slide_number", self._where)
        elif "presetClass" in attributes:
            self._gathering.uses("animation", self._where, _EFFECTS.get(attributes["presetClass"], ""))
        elif tag == "tbl":
            self._gathering.uses("table", self._where)
        elif tag == "blip":
            self._gathering.uses("picture", self._where)
        elif tag == "ph" and attributes.get("type") in ("title", "ctrTitle"):
            self._gathering.uses("slide_title", self._where)

    def end(self, tag: str) -> None:
        if tag == "t":
            self._reading = False
        elif tag == "fld":
            self._of_program = False
        elif tag == "p":
            text = "".join(self._words).strip()
            if text:
                self.texts.append((self._where, text))
                self._gathering.text(self._where, text)
            self._words = []

    def text(self, text: str) -> None:
        if self._reading and not self._of_program:
            self._words.append(text)
