"""Reads an .odp or .odg: its slides or pages in their order, each with its notes and comments."""

from __future__ import annotations

from typing import BinaryIO
from zipfile import ZipFile

from portfolio.files.previews.preview_spec import CUT
from portfolio.files.previews.renderers.documents import prose_notes
from portfolio.files.previews.renderers.documents.prose_notes import Prose
from portfolio.files.previews.renderers.documents.prose_writer import ProseWriter
from portfolio.files.previews.renderers.office_names import Attributes
from portfolio.files.previews.renderers.opendocument.document import (
    CONTENT,
    LARGEST_STYLES,
    LARGEST_TEXT,
    STYLES,
    common_styles,
)
from portfolio.files.previews.renderers.opendocument.grounds import Grounds, masters_grounds
from portfolio.files.previews.renderers.opendocument.styles import Styles
from portfolio.files.previews.renderers.opendocument.text import TextReader
from portfolio.files.previews.renderers.package import Package
from portfolio.files.previews.renderers.slides.drawn_under import DrawnUnder
from portfolio.files.previews.sandbox import CannotShow
from portfolio.files.recognition.bounded_reader import Window

MOST_SLIDES = 300
_REPEATED = {"page-number", "date-time", "header", "footer"}  # placeholders; what they say stands under the slide


def read_slides(source: BinaryIO) -> Prose:
    return _read(source, "Diapositive")


def read_pages(source: BinaryIO) -> Prose:
    return _read(source, "Page")


def _read(source: BinaryIO, what: str) -> Prose:
    """Returns the slides or pages, MOST_SLIDES at most, and the words of their masters. what: French name of one of
    them. Raises CannotShow if there is too much text, or none that can be read.
    """
    with ZipFile(Window(source)) as archive:
        package = Package(archive)
        styles, writer = common_styles(package), ProseWriter()
        masters = masters_grounds(styles, package.pieces(STYLES, LARGEST_STYLES)) if package.has(STYLES) else {}
        reader = _SlidesReader(package, writer, styles.copy(), what, masters)
        reader.read(package.pieces(CONTENT, LARGEST_TEXT), lambda: writer.full or reader.count > MOST_SLIDES)
        if reader.damaged and not writer.sections:
            raise CannotShow("damaged")
        if package.has(STYLES) and not writer.full:
            master = _MastersReader(package, writer, styles.copy(), reader.masters)
            master.read(package.pieces(STYLES, LARGEST_STYLES), lambda: writer.full)
            writer.end_section("Masque des pages, montré sous leurs textes")
        prose = Prose(writer.sections)
        prose.note(CUT, writer.full or reader.cut)
        prose.note(prose_notes.MORE_SLIDES.format(most=MOST_SLIDES), reader.count > MOST_SLIDES)
        prose.note(prose_notes.HIDDEN_SLIDES.format(names=", ".join(reader.hidden)), bool(reader.hidden))
        prose.note(prose_notes.DAMAGED, reader.damaged)
        return prose


class _SlidesReader(TextReader):
    """what: what a page is called. count: of pages. hidden: numbers of the hidden ones. masters: names in use. grounds:
    what masters draw under the words, by their names.
    """

    def __init__(
        self, package: Package, writer: ProseWriter, styles: Styles, what: str, grounds: dict[str, DrawnUnder]
    ) -> None:
        super().__init__(package, writer, styles, None)
        self.count = 0
        self.hidden: list[str] = []
        self.masters: set[str] = set()
        self._what = what
        self._page: Attributes = {}
        self._declared: dict[str, str] = {}
        self._declaration = ""
        self._of_masters = grounds
        self._grounds = Grounds(styles)
        self._in_notes = False
        self._start_frame = self.starts["draw:frame"]
        self.starts |= {
            "draw:frame": self._choose_frame,
            "draw:page": self._start_page,
            "presentation:notes": lambda _: self._start_notes(),
            "presentation:footer-decl": self._start_declaration,
            "presentation:header-decl": self._start_declaration,
        }
        self.ends |= {
            "draw:page": self._end_page,
            "presentation:notes": self._end_notes,
            "presentation:footer-decl": self._end_declaration,
            "presentation:header-decl": self._end_declaration,
        }

        self._grounds.follow(self)

    def is_in_white(self) -> bool:
        return self._grounds.is_white()

    def is_on_white(self) -> bool:
        return self._grounds.is_on_paper() and not (self._in_notes or self.in_table)

    def _start_notes(self) -> None:
        self._in_notes = True
        self.writer.open_box("Notes de l'orateur")

    def _end_notes(self) -> None:
        self._in_notes = False
        self.writer.close_box()

    def _choose_frame(self, attributes: Attributes) -> None:
        if attributes.get("class") in _REPEATED:
            self.skip()
        else:
            self._start_frame(attributes)

    def _start_declaration(self, attributes: Attributes) -> None:
        self._declaration = attributes.get("name", "")
        self.collect()

    def _end_declaration(self) -> None:
        self._declared[self._declaration] = self.collected()[:300]

    def _start_page(self, attributes: Attributes) -> None:
        self.count += 1
        self._page = attributes
        master = attributes.get("master-page-name", "")
        self.masters.add(master)
        self._grounds.start_page(attributes.get("style-name", ""), self._of_masters.get(master, DrawnUnder()))
        if self.count > MOST_SLIDES:
            self.skip()

    def _end_page(self) -> None:
        hidden = self.styles.hides("drawing-page", self._page.get("style-name", ""))
        if hidden:
            self.hidden.append(str(self.count))
        for use, words in (("use-header-name", "En-tête"), ("use-footer-name", "Pied de page")):
            if text := self._declared.get(self._page.get(use, "")):
                self.writer.text(f"{words} : {text}")
                self.writer.end_paragraph()
        self.writer.end_section(f"{self._what} {self.count}", hidden=hidden, even_if_empty=True)


class _MastersReader(TextReader):
    """Reads the words that masters put on each page. What stands in a placeholder is a prompt of the program."""

    def __init__(self, package: Package, writer: ProseWriter, styles: Styles, masters: set[str]) -> None:
        super().__init__(package, writer, styles, None)
        self._masters = masters
        self.unread = self.unread | {"office:styles", "presentation:notes", "style:handout-master", "draw:layer-set"}
        self.starts["style:master-page"] = self._start_master
        self._start_frame = self.starts["draw:frame"]
        self.starts["draw:frame"] = self._choose_frame
        for repeated in ("text:page-number", "presentation:date-time", "presentation:header", "presentation:footer"):
            self.starts[repeated] = lambda _: self.skip()

    def _start_master(self, attributes: Attributes) -> None:
        if attributes.get("name") not in self._masters:
            self.skip()

    def _choose_frame(self, attributes: Attributes) -> None:
        if "class" in attributes:
            self.skip()
        else:
            self._start_frame(attributes)
