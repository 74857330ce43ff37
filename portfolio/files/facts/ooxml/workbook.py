"""Facts of a workbook of Excel: its sheets, names, pivot tables with what their caches keep, and charts."""

from __future__ import annotations

from typing import BinaryIO
from zipfile import ZipFile

from portfolio.files.facts.gathered import Gathering
from portfolio.files.facts.ooxml.part_reader import FactsPartReader, is_on
from portfolio.files.facts.ooxml.properties import read_properties
from portfolio.files.facts.ooxml.sheet_part import SheetPart
from portfolio.files.previews.renderers.package import Package, Relation
from portfolio.files.recognition.bounded_reader import Window

_CHARTS = ("chart", "chartEx")
_LARGEST_SHARED = 64 << 20
_MOST_SHARED = 2_000_000
_SMALL = 8 << 20
_BUILT_IN = {"_xlnm.print_area": "print_area", "_xlnm.print_titles": "print_titles"}


def read(source: BinaryIO, _kind: str, gathering: Gathering) -> None:
    """Gathers the facts of an .xlsx. Raises CannotShow, BadZipFile, ExpatError for what is too large or damaged."""
    with ZipFile(Window(source)) as archive:
        package = Package(archive)
        read_properties(package, gathering)
        main = package.first("", "officeDocument")
        book = _SheetList(gathering)
        book.read(package, main, _SMALL)
        relations = package.relations(main or "")
        shared = _SharedTexts()
        shared.read(package, _target(relations, "sharedStrings"), _LARGEST_SHARED)
        for name, identifier in book.sheets:
            related = relations.get(identifier)
            if related is not None:
                _sheet(package, related, name, shared.texts, gathering)
        _outside(package, relations, gathering)
        _pivot_caches(package, relations, gathering)


def _target(relations: dict[str, Relation], kind: str) -> str | None:
    return next((related.target for related in relations.values() if related.kind == kind), None)


class _SheetList(FactsPartReader):
    """Reads the list of sheets and the defined names. sheets: (name, id of its relation)."""

    def __init__(self, gathering: Gathering) -> None:
        self.sheets: list[tuple[str, str]] = []
        self._gathering = gathering

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = attributes.get("name", "")
        if tag == "sheet":
            self.sheets.append((name, attributes.get("id", "")))
            self._gathering.uses("sheet", name)
            if attributes.get("state", "visible") != "visible":
                self._gathering.risks("hidden_sheets", name)
        elif tag == "definedName" and name.lower() in _BUILT_IN:
            self._gathering.uses(_BUILT_IN[name.lower()])
        elif tag == "definedName" and not name.startswith("_") and not is_on(attributes, "hidden"):
            self._gathering.uses("defined_name", name)
        elif tag == "workbookProtection":
            self._gathering.uses("protection", "classeur", "classeur")


class _SharedTexts(FactsPartReader):
    """Reads the texts that cells share, in their order."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._pieces: list[str] = []
        self._inside = self._reading = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "si":
            self._pieces, self._inside = [], True
        elif tag == "rPh":
            self._inside = False  # how it is read aloud
        self._reading = tag == "t" and self._inside

    def end(self, tag: str) -> None:
        self._reading = False
        if tag == "rPh":
            self._inside = True
        elif tag == "si" and len(self.texts) < _MOST_SHARED:
            self.texts.append("".join(self._pieces))

    def text(self, text: str) -> None:
        if self._reading:
            self._pieces.append(text)


def _sheet(package: Package, related: Relation, name: str, shared: list[str], gathering: Gathering) -> None:
    if related.kind == "worksheet":
        SheetPart(name, shared, gathering).read(package, related.target)
    for inner in package.relations(related.target).values():
        if inner.kind == "table":
            _Table(name, gathering).read(package, inner.target, _SMALL)
        elif inner.kind == "pivotTable":
            _PivotTable(name, gathering).read(package, inner.target, _SMALL)
        elif inner.kind == "drawing":
            _drawing(package, inner.target, name, gathering)
        elif inner.kind in ("slicer", "timeline"):
            gathering.uses("slicer", name)
        elif inner.kind == "comments":
            _Comments(name, gathering).read(package, inner.target, _SMALL)
        elif inner.address and inner.kind == "hyperlink":
            gathering.uses("link", name)


def _drawing(package: Package, part: str, name: str, gathering: Gathering) -> None:
    for inner in package.relations(part).values():
        if inner.kind in _CHARTS:
            chart = ChartKinds()
            chart.read(package, inner.target, _SMALL)
            gathering.uses("chart", name, chart.kind)
        elif inner.kind == "image":
            gathering.uses("picture", name)
        elif inner.kind == "diagramData":
            gathering.uses("diagram", name)


class ChartKinds(FactsPartReader):
    """Reads of which kind a chart is. kind: bar, line, pie…, the first of several; empty where it is not known."""

    def __init__(self) -> None:
        self.kind = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self.kind and tag.endswith("Chart") and tag not in ("plotVisOnlyChart", "Chart"):
            self.kind = tag.removesuffix("Chart").removesuffix("3D").lower()
        elif not self.kind and tag == "series" and attributes.get("layoutId"):
            self.kind = attributes["layoutId"].lower()


class _Table(FactsPartReader):
    def __init__(self, sheet: str, gathering: Gathering) -> None:
        self._sheet, self._gathering = sheet, gathering

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table":
            name = attributes.get("displayName", "")
            self._gathering.uses("table", f"{self._sheet}!{attributes.get('ref', '')}", name)
            if attributes.get("totalsRowCount", "0") != "0":
                self._gathering.uses("table_totals", name)
        elif tag == "filterColumn":
            self._gathering.uses("filter", self._sheet)
        elif tag == "sortState":
            self._gathering.uses("sort", self._sheet)


class _PivotTable(FactsPartReader):
    def __init__(self, sheet: str, gathering: Gathering) -> None:
        self._sheet, self._gathering = sheet, gathering

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "location":
            first = attributes.get("ref", "").partition(":")[0]
            self._gathering.uses("pivot_table", f"{self._sheet}!{first}")
        elif tag == "calculatedItem":
            self._gathering.uses("pivot_calculation", self._sheet)


class _Comments(FactsPartReader):
    def __init__(self, sheet: str, gathering: Gathering) -> None:
        self._sheet, self._gathering = sheet, gathering
        self._place, self._pieces = "", list[str]()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "comment":
            self._place, self._pieces = f"{self._sheet}!{attributes.get('ref', '')}", []
            self._gathering.uses("comment", self._place)
            self._gathering.risks("comments", self._place)

    def end(self, tag: str) -> None:
        if tag == "comment":
            self._gathering.text(f"{self._place} (commentaire)", "".join(self._pieces))

    def text(self, text: str) -> None:
        self._pieces.append(text)


def _outside(package: Package, relations: dict[str, Relation], gathering: Gathering) -> None:
    """Notes what the workbook reads elsewhere: other workbooks, databases, and queries."""
    for related in relations.values():
        if related.kind == "externalLink":
            for inner in package.relations(related.target).values():
                gathering.risks("external_links", inner.address)
                gathering.uses("external_link", inner.address)
        elif related.kind == "connections":
            gathering.uses("data_connection")
            gathering.risks("external_links", "connexion à des données")


def _pivot_caches(package: Package, relations: dict[str, Relation], gathering: Gathering) -> None:
    definitions = [related.target for related in relations.values() if related.kind == "pivotCacheDefinition"]
    for part in definitions:
        cache = _PivotCache(gathering)
        cache.read(package, part)
        for inner in package.relations(part).values():
            if inner.kind == "pivotCacheRecords":
                cache.read(package, inner.target)
        if cache.rows:
            gathering.risks("pivot_cache", cache.place, cache.rows)


class _PivotCache(FactsPartReader):
    """Reads what a pivot table keeps of its source. rows: kept ones."""

    def __init__(self, gathering: Gathering) -> None:
        self.place = "copie d'un tableau croisé"
        self.rows = 0
        self._gathering = gathering

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "worksheetSource":
            source = attributes.get("sheet") or attributes.get("name", "")
            self.place = f"copie de {source}!{attributes['ref']}" if "ref" in attributes else f"copie de {source}"
        elif tag == "r":
            self.rows += 1
        elif tag in ("s", "n", "d") and "v" in attributes:
            self._gathering.text(self.place, attributes["v"])
        elif tag == "fieldGroup":
            self._gathering.uses("pivot_grouping", self.place)
        elif tag == "cacheField" and "formula" in attributes:
            self._gathering.uses("pivot_calculation", self.place)
