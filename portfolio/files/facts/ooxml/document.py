"""Facts of a text of Word: its body, then what stands around it, by the relations of its main part."""

from __future__ import annotations

from typing import BinaryIO
from zipfile import ZipFile

from portfolio.files.facts.gathered import Gathering
from portfolio.files.facts.ooxml.part_reader import FactsPartReader, is_on
from portfolio.files.facts.ooxml.properties import read_properties
from portfolio.files.facts.ooxml.text_part import Style, TextPart
from portfolio.files.facts.ooxml.workbook import ChartKinds
from portfolio.files.previews.renderers.package import Package
from portfolio.files.recognition.bounded_reader import Window

_SMALL = 16 << 20
_AROUND = {  # kind of a relation: where its words stand, in French
    "header": "en-tête",
    "footer": "pied de page",
    "footnotes": "notes de bas de page",
    "endnotes": "notes de fin",
    "comments": "commentaires",
}


def read(source: BinaryIO, _kind: str, gathering: Gathering) -> None:
    """Gathers the facts of a .docx. Raises CannotShow, BadZipFile, ExpatError for what is too large or damaged."""
    with ZipFile(Window(source)) as archive:
        package = Package(archive)
        read_properties(package, gathering)
        main = package.first("", "officeDocument")
        relations = list(package.relations(main or "").values())
        styles = _Styles()
        for related in relations:
            if related.kind == "styles":
                styles.read(package, related.target, _SMALL)
            elif related.kind == "settings":
                _Settings(gathering).read(package, related.target, _SMALL)
                _data_sources(package, related.target, gathering)
        TextPart("", styles.styles, gathering).read(package, main)
        for related in relations:
            if related.kind in _AROUND:
                TextPart(_AROUND[related.kind], styles.styles, gathering).read(package, related.target)
            elif related.kind in ("chart", "chartEx"):
                chart = ChartKinds()
                chart.read(package, related.target, _SMALL)
                gathering.uses("chart", "", chart.kind)
            elif related.kind == "diagramData":
                gathering.uses("diagram")
            elif related.kind == "hyperlink":
                gathering.uses("link")
            elif related.address and related.kind == "image":
                gathering.risks("external_links", "image")


def _data_sources(package: Package, settings: str, gathering: Gathering) -> None:
    for inner in package.relations(settings).values():
        if inner.kind == "mailMergeSource":
            gathering.risks("external_links", "source du publipostage")


class _Styles(FactsPartReader):
    """Reads the styles. styles: {id: Style}."""

    def __init__(self) -> None:
        self.styles: dict[str, Style] = {}
        self._id = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "style":
            self._id = attributes.get("styleId", "")
            self.styles[self._id] = Style("", custom=is_on(attributes, "customStyle"))
        elif self._id and tag == "name":
            self.styles[self._id].name = attributes.get("val", "")
        elif self._id and tag == "outlineLvl" and attributes.get("val", "9") != "9":
            self.styles[self._id].heading = True
        elif self._id and tag == "numPr":
            self.styles[self._id].numbered = True

    def end(self, tag: str) -> None:
        if tag == "style":
            self._id = ""


class _Settings(FactsPartReader):
    def __init__(self, gathering: Gathering) -> None:
        self._gathering = gathering

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "mailMerge":
            self._gathering.uses("mail_merge", "réglages du publipostage")
        elif tag == "trackRevisions" and is_on(attributes, missing=True):
            self._gathering.uses("change_tracking")
        elif tag == "documentProtection" and is_on(attributes, "enforcement"):
            self._gathering.uses("protection", "", "document")
        elif tag == "mirrorMargins":
            self._gathering.uses("mirror_margins")
        elif tag == "autoHyphenation" and is_on(attributes, missing=True):
            self._gathering.uses("hyphenation")
