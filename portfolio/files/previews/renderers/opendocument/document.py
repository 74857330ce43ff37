"""Reads the text of an .odt: its headers, the text itself, then footers, notes and comments."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO
from zipfile import ZipFile

from portfolio.files.previews.preview_spec import CUT, SectionView
from portfolio.files.previews.renderers.documents import prose_notes
from portfolio.files.previews.renderers.documents.prose_notes import Prose
from portfolio.files.previews.renderers.documents.prose_room import MOST_ASIDE, ProseRoom
from portfolio.files.previews.renderers.documents.prose_writer import ProseWriter
from portfolio.files.previews.renderers.office_names import Attributes
from portfolio.files.previews.renderers.opendocument.styles import PagesReader, Styles, StylesReader
from portfolio.files.previews.renderers.opendocument.text import Asides, TextReader
from portfolio.files.previews.renderers.package import Package
from portfolio.files.previews.sandbox import CannotShow
from portfolio.files.recognition.bounded_reader import Window

LARGEST_TEXT, LARGEST_STYLES = 64 << 20, 32 << 20
CONTENT, STYLES = "content.xml", "styles.xml"
_SIDES = {
    "header": "En-tête", "header-left": "En-tête, pages de gauche", "header-first": "En-tête, première page",
    "footer": "Pied de page", "footer-left": "Pied de page, pages de gauche",
    "footer-first": "Pied de page, première page",
}  # fmt: skip


def read(source: BinaryIO) -> Prose:
    """Returns the text and what stands around it. Raises CannotShow if there is no text, or too much; BadZipFile for
    what is damaged.
    """
    with ZipFile(Window(source)) as archive:
        package = Package(archive)
        common = common_styles(package)
        asides, writer = Asides.empty(), ProseWriter()
        reader = TextReader(package, writer, common.copy(), asides)
        reader.read(package.pieces(CONTENT, LARGEST_TEXT), lambda: writer.full)
        writer.end_section()
        if reader.damaged and not writer.sections:
            raise CannotShow("damaged")
        around = _HeadersReader(package, common)
        around.read_part()
        asides.footnotes.end_section("Notes de bas de page")
        asides.endnotes.end_section("Notes de fin")
        asides.comments.end_section("Commentaires")
        behind = asides.footnotes.sections + asides.endnotes.sections + asides.comments.sections
        prose = Prose(around.headers() + writer.sections + around.footers() + behind)
        prose.note(CUT, writer.full or reader.cut)
        prose.note(prose_notes.DAMAGED, reader.damaged)
        prose.note(prose_notes.MORE_ASIDE, asides.comments.full or around.writer.full)
        prose.note(prose_notes.OTHER_FORMATS, reader.changes.has_other_formats)
        return prose


def common_styles(package: Package) -> Styles:
    """Returns the styles that all parts share; empty ones if the file has none. Raises CannotShow if there are too
    many.
    """
    styles = Styles()
    if package.has(STYLES):
        StylesReader(styles, automatic=False).read(package.pieces(STYLES, LARGEST_STYLES), lambda: False)
        PagesReader(styles).read(package.pieces(STYLES, LARGEST_STYLES), lambda: styles.on_colour)
    return styles


class _HeadersReader(TextReader):
    """Reads the headers and footers of the pages, each that says the same once."""

    def __init__(self, package: Package, styles: Styles) -> None:
        super().__init__(package, ProseWriter(ProseRoom(signs=MOST_ASIDE)), styles.copy(), Asides.empty())
        self._package = package
        self.unread = self.unread | {"office:styles"}
        for side, title in _SIDES.items():
            self.starts[f"style:{side}"] = self._start_side
            self.ends[f"style:{side}"] = self._side_ender(title)

    def read_part(self) -> None:
        if self._package.has(STYLES):
            self.read(self._package.pieces(STYLES, LARGEST_STYLES), lambda: self.writer.full)

    def headers(self) -> list[SectionView]:
        return [section for section in self._once() if section["title"].startswith("En-tête")]

    def footers(self) -> list[SectionView]:
        return [section for section in self._once() if not section["title"].startswith("En-tête")]

    def _once(self) -> list[SectionView]:
        sections: list[SectionView] = []
        for section in self.writer.sections:
            if section not in sections:
                sections.append(section)
        return sections

    def _start_side(self, attributes: Attributes) -> None:
        if attributes.get("display") == "false":
            self.skip()

    def _side_ender(self, title: str) -> Callable[[], None]:
        return lambda: self.writer.end_section(title)
