"""Reads a .pptx by its relationships: its slides in their order, each with its notes and comments."""

from __future__ import annotations

from typing import BinaryIO
from zipfile import ZipFile

from portfolio.files.previews.preview_spec import CUT
from portfolio.files.previews.renderers.documents import prose_notes
from portfolio.files.previews.renderers.documents.prose_notes import Prose
from portfolio.files.previews.renderers.documents.prose_writer import ProseWriter
from portfolio.files.previews.renderers.office_names import short_name
from portfolio.files.previews.renderers.package import Package, Relation
from portfolio.files.previews.renderers.slides.powerpoint_comments import CommentsReader
from portfolio.files.previews.renderers.slides.powerpoint_grounds import SlideColours, SlideGrounds
from portfolio.files.previews.renderers.slides.powerpoint_inherited import InheritedColours
from portfolio.files.previews.renderers.slides.powerpoint_shapes import AROUND_NOTES, ShapesReader
from portfolio.files.previews.sandbox import CannotShow
from portfolio.files.recognition.bounded_reader import Window

MOST_SLIDES = 300
LARGEST_SLIDE = 32 << 20
_MOST_MASTERS = 40
_LARGEST_LIST = 8 << 20


def read(source: BinaryIO) -> Prose:
    """Returns the slides in their order, MOST_SLIDES at most, each with its notes and comments, and the words of their
    masters. Raises CannotShow if there is no presentation, or too much in one slide; BadZipFile or BadMarkup for what
    is damaged.
    """
    with ZipFile(Window(source)) as archive:
        package = Package(archive)
        main = package.first("", "officeDocument")
        if main is None or not package.has(main):
            raise CannotShow("damaged")
        return _Presentation(package, main).read()


class _Presentation:
    def __init__(self, package: Package, main: str) -> None:
        self._package, self._main = package, main
        self._writer = ProseWriter()
        self._damaged = self._cut = False
        self._masters: dict[str, None] = {}
        self._of_layouts: dict[str | None, tuple[str | None, SlideColours, InheritedColours]] = {}

    def read(self) -> Prose:
        slides, authors = self._slides(), self._authors()
        hidden = []
        for number, part in enumerate(slides[:MOST_SLIDES], 1):
            title = f"Diapositive {number}"
            if self._slide(part, authors):
                hidden.append(str(number))
            self._writer.end_section(title, hidden=hidden[-1:] == [str(number)], even_if_empty=True)
            if self._writer.full:
                break
        self._read_masters()
        prose = Prose(self._writer.sections)
        prose.note(CUT, self._writer.full or self._cut)
        prose.note(prose_notes.MORE_SLIDES.format(most=MOST_SLIDES), len(slides) > MOST_SLIDES)
        prose.note(prose_notes.HIDDEN_SLIDES.format(names=", ".join(hidden)), bool(hidden))
        prose.note(prose_notes.DAMAGED, self._damaged)
        return prose

    def _slides(self) -> list[str]:
        """Returns the names of the parts of the slides, as the presentation orders them; those that are missing are
        left out.
        """
        relations = self._package.relations(self._main)
        listed: list[str] = []

        def note(full: str, qualified: dict[str, str]) -> None:
            if short_name(full) == "p:sldId":
                own = next((value for key, value in qualified.items() if "relationships" in key), "")
                if (relation := relations.get(own)) is not None and self._package.has(relation.target):
                    listed.append(relation.target)

        parser = Package.parser(namespaces=True)
        parser.StartElementHandler = note
        for piece in self._package.pieces(self._main, _LARGEST_LIST):
            parser.Parse(piece, False)
        return listed

    def _authors(self) -> dict[str, str]:
        """Returns {id: name} of those who wrote comments."""
        authors: dict[str, str] = {}

        def note(tag: str, attributes: dict[str, str]) -> None:
            if tag in ("cmAuthor", "author"):
                authors[attributes.get("id", "")] = attributes.get("name", "")

        for relation in self._package.relations(self._main).values():
            if relation.kind in ("commentAuthors", "authors"):
                self._package.each_tag(relation.target, note, limit=_LARGEST_LIST)
        return authors

    def _slide(self, part: str, authors: dict[str, str]) -> bool:
        """Reads a slide (`part`, its path), its notes and its comments. authors: {id: name} of those who comment.
        Returns True if it is hidden. Raises as `Package.relations`.
        """
        relations = self._package.relations(part)
        grounds, inherited = self._grounds(part, relations)
        shapes = ShapesReader(self._package, self._writer, relations, grounds=grounds, inherited=inherited)
        self._read(shapes, part)
        for relation in relations.values():
            if not self._package.has(relation.target):
                continue
            if relation.kind == "notesSlide":
                self._writer.open_box("Notes de l'orateur")
                inner = self._package.relations(relation.target)
                self._read(ShapesReader(self._package, self._writer, inner, AROUND_NOTES), relation.target)
                self._writer.close_box()
            elif relation.kind == "comments":
                self._read(CommentsReader(self._writer, authors), relation.target)
            elif relation.kind == "slideLayout":
                self._masters.setdefault(relation.target)
        return shapes.hidden

    def _grounds(self, part: str, relations: dict[str, Relation]) -> tuple[SlideGrounds, InheritedColours]:
        """Returns what is under the words of a slide, and the colours that they have from its layout, neither read yet.
        Raises as `Package.relations`.
        """
        layout = next((relation.target for relation in relations.values() if relation.kind == "slideLayout"), None)
        if layout not in self._of_layouts:
            master = self._package.first(layout, "slideMaster") if layout else None
            colours = SlideColours(self._package, master)
            inherited = InheritedColours(self._package, layout, master, colours)
            self._of_layouts[layout] = (master, colours, inherited)
        master, colours, inherited = self._of_layouts[layout]
        return SlideGrounds(self._package, [master, layout, part], colours), inherited

    def _read_masters(self) -> None:
        """Reads the words that layouts and masters put on each slide, of _MOST_MASTERS of them, and writes them into
        one section behind the slides. Raises CannotShow, BadMarkup as `Package.relations`; a damaged part is noted.
        """
        for layout in list(self._masters):
            if (master := self._package.first(layout, "slideMaster")) is not None and self._package.has(master):
                self._masters.setdefault(master)
        for part in list(self._masters)[:_MOST_MASTERS]:
            relations = self._package.relations(part)
            self._read(ShapesReader(self._package, self._writer, relations, no_placeholders=True), part)
        self._writer.end_section("Masque des diapositives, montré sous leurs textes")

    def _read(self, reader: ShapesReader | CommentsReader, part: str) -> None:
        reader.read(self._package.pieces(part, LARGEST_SLIDE), lambda: self._writer.full)
        self._damaged, self._cut = self._damaged or reader.damaged, self._cut or reader.cut
