"""Reads a .docx by its relationships (ECMA-376): the text, then its headers, footers, notes and comments."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO
from zipfile import ZipFile

from portfolio.counting import many
from portfolio.files.previews.preview_spec import CUT, SectionView
from portfolio.files.previews.renderers.documents import prose_notes
from portfolio.files.previews.renderers.documents.prose_notes import Prose
from portfolio.files.previews.renderers.documents.prose_room import MOST_ASIDE, ProseRoom
from portfolio.files.previews.renderers.documents.prose_writer import ProseWriter
from portfolio.files.previews.renderers.office_names import Attributes, PartReader
from portfolio.files.previews.renderers.package import Package
from portfolio.files.previews.renderers.word.word_styles import Numbering, StyleSheet
from portfolio.files.previews.renderers.word.word_text import WordBook, WordReader
from portfolio.files.previews.sandbox import CannotShow
from portfolio.files.recognition.bounded_reader import Window

LARGEST_TEXT, LARGEST_ASIDE = 64 << 20, 16 << 20
MOST_PARTS = 60  # headers and footers
_MOST_LOOKED_AT = 200  # parts that nothing leads to
_TITLES = {"footnotes": "Notes de bas de page", "endnotes": "Notes de fin", "comments": "Commentaires"}
_WHERE = {"first": ", première page", "even": ", pages paires"}
_ROOTS = {"hdr": "header", "ftr": "footer", "footnotes": "footnotes", "endnotes": "endnotes", "comments": "comments"}


def read(source: BinaryIO) -> Prose:
    """Returns the text and what stands around it: headers before, footers, notes and comments behind. Raises CannotShow
    if there is no text, or too much in one part; BadZipFile or BadMarkup for what is damaged.
    """
    with ZipFile(Window(source)) as archive:
        package = Package(archive)
        main = package.first("", "officeDocument")
        if main is None or not package.has(main):
            raise CannotShow("damaged")
        return _WordDocument(package, main).read()


class _WordDocument:
    def __init__(self, package: Package, main: str) -> None:
        self._package, self._main = package, main
        self._relations = package.relations(main)
        self._book = WordBook(
            package,
            StyleSheet(package, package.first(main, "styles")),
            Numbering(package, package.first(main, "numbering")),
        )
        self._aside = ProseRoom(signs=MOST_ASIDE)
        self._damaged = self._cut = False

    def read(self) -> Prose:
        text = ProseWriter()
        self._read(self._main, text, LARGEST_TEXT)
        text.end_section()
        if not text.sections and self._damaged:
            raise CannotShow("damaged")
        headers, others = self._headers_and_others()
        prose = Prose(headers + text.sections + others)
        prose.note(CUT, text.full or self._cut)
        prose.note(prose_notes.DAMAGED, self._damaged)
        prose.note(prose_notes.MORE_ASIDE, self._aside.full)
        prose.note(prose_notes.OTHER_FORMATS, self._book.has_other_formats)
        if count := self._book.inserted_files:
            prose.notes.append(prose_notes.INSERTED.format(files=many(count, "autre fichier", "autres fichiers")))
        return prose

    def _read(self, part: str, writer: ProseWriter, limit: int) -> None:
        reader = WordReader(self._book, writer, self._package.relations(part))
        reader.read(self._package.pieces(part, limit), lambda: writer.full)
        self._damaged, self._cut = self._damaged or reader.damaged, self._cut or reader.cut

    def _headers_and_others(self) -> tuple[list[SectionView], list[SectionView]]:
        """Returns the sections that stand before the text (headers), and those behind it (footers, notes, comments)."""
        writers = {kind: ProseWriter(self._aside) for kind in ("header", "footer", *_TITLES)}
        for kind, title, part in self._parts():
            writer = writers[kind]
            if writer.full:
                break
            self._read(part, writer, LARGEST_ASIDE)
            writer.end_section(title)
        behind = [section for kind in ("footer", *_TITLES) for section in writers[kind].sections]
        return writers["header"].sections, behind

    def _parts(self) -> list[tuple[str, str, str]]:
        """Returns (kind, French title, name) of the parts around the text, each once, MOST_PARTS at most; those that
        nothing leads to come last.
        """
        parts: dict[str, tuple[str, str, str]] = {}
        for own_id, relation in self._relations.items():
            if relation.kind in _ROOTS.values() and self._package.has(relation.target):
                where = _WHERE.get(self._book.kinds_of_parts.get(own_id, ""), "")
                parts.setdefault(relation.target, (relation.kind, _title(relation.kind, where), relation.target))
        for part, kind in self._left_alone(set(parts)):
            parts[part] = (kind, _title(kind, ", que rien ne relie au texte"), part)
        return list(parts.values())[:MOST_PARTS]

    def _left_alone(self, known: set[str]) -> list[tuple[str, str]]:
        """Returns (name, kind) of the parts of the text that no relationship leads to, which no program displays.
        known: names of those that one leads to.
        """
        reached = known | {relation.target for relation in self._relations.values()}
        names = [name for name in self._package.names() if name.endswith(".xml") and name not in reached]
        alone = []
        for name in names[:_MOST_LOOKED_AT]:
            root = _RootReader()
            root.read(self._package.pieces(name, 1 << 30), lambda: True)
            if root.name.partition(":")[0] == "w" and (kind := _ROOTS.get(root.name[2:])):
                alone.append((name, kind))
        return alone


def _title(kind: str, where: str) -> str:
    return _TITLES.get(kind, "En-tête" if kind == "header" else "Pied de page") + where


class _RootReader(PartReader):
    """Reads the name of the outermost element."""

    unread = frozenset[str]()

    def __init__(self) -> None:
        super().__init__()
        self.name = ""
        self.starts = {f"w:{root}": self._named(f"w:{root}") for root in _ROOTS}
        self.ends = {}

    def _named(self, name: str) -> Callable[[Attributes], None]:
        def note(_attributes: Attributes) -> None:
            self.name = self.name or (name if self.depth == 1 else "")

        return note
