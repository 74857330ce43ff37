"""Opens an OpenDocument file: where it comes from, its styles, then its content by the reader of its kind."""

from __future__ import annotations

import re
from typing import BinaryIO
from zipfile import ZipFile

from portfolio.files.facts.gathered import Gathering
from portfolio.files.facts.ooxml.part_reader import ElementTexts, FactsPartReader
from portfolio.files.facts.opendocument.content import CONTENT, STYLES, ContentReader, StyleNames
from portfolio.files.facts.opendocument.slides import SlidesContent
from portfolio.files.facts.opendocument.spreadsheet import SpreadsheetContent
from portfolio.files.facts.opendocument.text import TextContent
from portfolio.files.previews.renderers.package import Package
from portfolio.files.recognition.bounded_reader import Window

_READERS: dict[str, type[ContentReader]] = {
    **dict.fromkeys(("odt", "ott"), TextContent),
    **dict.fromkeys(("ods", "ots"), SpreadsheetContent),
    **dict.fromkeys(("odp", "otp", "odg"), SlidesContent),
}
_SMALL = 16 << 20
_LASTED = re.compile(r"P(?:(\d{1,5})D)?T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:[\d.]{1,12}S)?")
_LIBRARY_LISTS = ("script-lb.xml", "script-lc.xml")


def read(source: BinaryIO, kind: str, gathering: Gathering) -> None:
    """Gathers the facts of an OpenDocument file. Raises CannotShow, BadZipFile, ExpatError for what is too large or
    damaged.
    """
    with ZipFile(Window(source)) as archive:
        package = Package(archive)
        _origin(package, gathering)
        for name in package.names():
            if name.startswith(("Basic/", "Scripts/")) and not name.endswith(("/", *_LIBRARY_LISTS)):
                gathering.risks("macros", name)
        styles = StyleNames()
        styles.read(package, STYLES, _SMALL)
        charts = _Charts()
        charts.read(package, "META-INF/manifest.xml", _SMALL)
        _READERS[kind](styles, charts.folders, gathering).read(package, CONTENT)
        _READERS[kind](styles, charts.folders, gathering, around=True).read(package, STYLES)


class _Charts(FactsPartReader):
    """Reads which embedded objects are charts. folders: their names."""

    def __init__(self) -> None:
        self.folders: set[str] = set()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "file-entry" and attributes.get("media-type", "").endswith("opendocument.chart"):
            self.folders.add(attributes.get("full-path", "").strip("/"))


class _Meta(ElementTexts):
    """Reads meta.xml. template: name of the one that the file was made from."""

    def __init__(self) -> None:
        super().__init__()
        self.template = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        super().start(tag, attributes)
        if tag == "template":
            self.template = attributes.get("title", "")


def _origin(package: Package, gathering: Gathering) -> None:
    meta = _Meta()
    meta.read(package, "meta.xml", _SMALL)
    texts = meta.texts
    gathering.author(texts.get("initial-creator", ""))
    cycles = texts.get("editing-cycles", "").strip()
    gathering.comes_from(
        last_author=texts.get("creator", ""),
        created=texts.get("creation-date", ""),
        modified=texts.get("date", ""),
        application=texts.get("generator", ""),
        title=texts.get("title", ""),
        template=meta.template,
        editing_minutes=_minutes(texts.get("editing-duration", "")),
        revisions=int(cycles) if cycles.isascii() and cycles.isdigit() and len(cycles) < 9 else 0,
    )


def _minutes(duration: str) -> int:
    """Returns the whole minutes of « PT1H5M30S » (ISO 8601); 0 for another form."""
    match = _LASTED.fullmatch(duration.strip())
    if match is None:
        return 0
    days, hours, minutes = (int(part or 0) for part in match.groups())
    return (days * 24 + hours) * 60 + minutes
