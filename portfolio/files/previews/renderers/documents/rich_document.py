"""Reads an .rtf document into a ProseWriter: tables, lists, notes, comments, tracked changes, hidden text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import BinaryIO

from portfolio.files.previews.preview_spec import CUT
from portfolio.files.previews.renderers.documents import marks, prose_notes
from portfolio.files.previews.renderers.documents.field_words import NO_VALUE, FieldStack
from portfolio.files.previews.renderers.documents.form_values import RichForm
from portfolio.files.previews.renderers.documents.list_numbers import BULLET
from portfolio.files.previews.renderers.documents.marks import TextMark
from portfolio.files.previews.renderers.documents.prose_notes import Prose
from portfolio.files.previews.renderers.documents.prose_room import MOST_ASIDE, ProseRoom
from portfolio.files.previews.renderers.documents.prose_writer import ProseWriter
from portfolio.files.previews.renderers.documents.rich_colours import LOOKS, RichColours, RichLook
from portfolio.files.previews.renderers.documents.rich_tables import RichTables
from portfolio.files.previews.renderers.documents.rich_text import SIGNS, RichGroup, RichTextReader
from portfolio.files.previews.renderers.words.raised_signs import ABOVE, BELOW, raised
from portfolio.files.previews.sandbox import CannotShow

LARGEST = 128 << 20  # bytes: pictures are written in them as digits
_HEADING = re.compile(r"(?:heading|titre)\s*([1-9])\b|^(?:title|titre);?$", re.IGNORECASE)
_AROUND = {
    "header": "En-tête", "headerl": "En-tête, pages de gauche", "headerr": "En-tête",
    "headerf": "En-tête, première page", "footer": "Pied de page", "footerl": "Pied de page, pages de gauche",
    "footerr": "Pied de page", "footerf": "Pied de page, première page",
}  # fmt: skip
# Groups whose words are kept for something else than the text.
_KEPT = frozenset(
    {"fldinst", "listtext", "pntext", "atnauthor", "atndate", "revtbl", "stylesheet", "objclass", "pict", "sn", "sv",
     "colortbl", "ffl"}
)  # fmt: skip
_READ = frozenset({*_AROUND, *_KEPT, "footnote", "annotation", "fldrslt", "shptxt", "field", "object"})
_TRANSPARENT = frozenset(
    {"shppict", "shpinst", "ud", "shpgrp", "do", "result", "shp", "picprop", "sp", "formfield", "nesttableprops"}
)
_PASSED_OVER = frozenset(
    {"nonshppict", "shprslt", "nonesttables", "objdata", "upr", "pn", "listtable", "atnid", "rsidtbl",
     "generator", "xmlnstbl", "fontemb", "filetbl", "info", "atnref", "atrfstart", "atrfend"}
)  # fmt: skip


@dataclass(frozen=True)
class _TextGroup(RichGroup):
    """place: what the words of the group are for, and which of its kind. author…: of a tracked change, by number."""

    place: tuple[str, int] = ("", 0)
    hidden: bool = False
    struck: bool = False
    shifted: str = ""
    look: RichLook = RichLook()
    inserted: bool = False
    deleted: bool = False
    author: int = 0
    moment: int = 0
    deleter: int = 0
    deleted_at: int = 0


class _RichParagraph:
    def __init__(self) -> None:
        self.in_table = False
        self.nesting = 0  # how many tables it says it stands in
        self.shaded = False
        self.heading = 0
        self.style = -1
        self.level = 0
        self.marker = ""

    @property
    def depth(self) -> int:
        """Returns how many tables it stands in."""
        return max(self.nesting, int(self.in_table))


class RichDocumentReader(RichTextReader[_TextGroup]):
    """Reads a document. text, before, behind…: what is shown, each in its own writer."""

    def __init__(self) -> None:
        super().__init__(_TextGroup())
        room = ProseRoom(signs=MOST_ASIDE)
        self.text, self.headers, self.footers = ProseWriter(), ProseWriter(room), ProseWriter(room)
        self.notes, self.end_notes, self.comments = ProseWriter(room), ProseWriter(room), ProseWriter(room)
        self._writer = self.text
        self._paragraph = _RichParagraph()
        self._outer: list[tuple[ProseWriter, _RichParagraph, RichTables]] = []
        self._fields, self._form = FieldStack(), RichForm()
        self._kept: dict[str, str] = {}
        self._places = 0
        self._counts = {"note": 0, "note de fin": 0, "commentaire": 0}
        self._headings: dict[int, int] = {}
        self._style_read = -1
        self._authors: list[str] = []
        self._colours = RichColours()
        self._boxes = 0
        self._on_colour = False  # its pages
        self.tables = RichTables(self.text)
        self._words: dict[str, Callable[[int | None], None]] = {
            "par": lambda _: self._end_paragraph(),
            "sect": lambda _: self._end_paragraph(),
            "page": lambda _: self._end_paragraph(),
            "pard": lambda _: self._reset_paragraph(),
            "plain": lambda _: self._set(
                hidden=False, struck=False, inserted=False, deleted=False, shifted="", look=RichLook()
            ),
            "intbl": lambda _: setattr(self._paragraph, "in_table", True),
            "itap": lambda n: setattr(self._paragraph, "nesting", n or 0),
            "s": self._note_style,
            "outlinelevel": lambda n: setattr(self._paragraph, "heading", (n or 0) + 1 if (n or 0) < 9 else 0),
            "ilvl": lambda n: setattr(self._paragraph, "level", min(max(n or 0, 0), 8)),
            "super": lambda n: self._set(shifted=ABOVE if n != 0 else ""),
            "sub": lambda n: self._set(shifted=BELOW if n != 0 else ""),
            "nosupersub": lambda _: self._set(shifted=""),
            **{word: self._look_setter(name) for word, name in LOOKS.items()},
            "cbpat": lambda n: setattr(self._paragraph, "shaded", self._colours.is_shade(n or 0)),
            "shading": lambda n: setattr(self._paragraph, "shaded", bool(n)),
            "viewbksp": lambda n: setattr(self, "_on_colour", n != 0),
            **dict.fromkeys(("red", "green", "blue"), self._note_channel),
            "v": lambda n: self._set(hidden=n != 0),
            "strike": lambda n: self._set(struck=n != 0),
            "striked": lambda n: self._set(struck=n != 0),  # by two lines
            "revised": lambda n: self._set(inserted=n != 0),
            "deleted": lambda n: self._set(deleted=n != 0),
            "revauth": lambda n: self._set(author=n or 0),
            "revdttm": lambda n: self._set(moment=n or 0),
            "revauthdel": lambda n: self._set(deleter=n or 0),
            "revdttmdel": lambda n: self._set(deleted_at=n or 0),
            "trowd": lambda _: self.tables.start_row(),
            "clvmgf": lambda _: setattr(self.tables.next_cell, "starts_down", True),
            "clvmrg": lambda _: setattr(self.tables.next_cell, "continues_down", True),
            "clmrg": lambda _: setattr(self.tables.next_cell, "continues_across", True),
            "cellx": lambda n: self.tables.define_cell(n or 0),
            "cell": lambda _: self._end_cell(1),
            "row": lambda _: self.tables.end_row(),
            "nestcell": lambda _: self._end_cell(max(self._paragraph.depth, 2)),
            "nestrow": lambda _: self.tables.end_inner_row(),
            "ftnalt": lambda _: self._kept.__setitem__("ftnalt", "1"),
            "chpgn": lambda _: self.add(NO_VALUE),
            **self._form.words,
        }
        self._ends: dict[str, Callable[[], None]] = {
            "stylesheet": self._end_styles,
            "revtbl": self._end_authors,
            "colortbl": lambda: self._colours.read(self._kept["colortbl"]),
            "footnote": self._end_note,
            "annotation": self._end_comment,
            "shptxt": self._end_text_box,
            "fldinst": self._end_instruction,
            "ffl": lambda: self._form.add_choice(self._kept["ffl"].strip()),
            "field": self._end_field,
            "listtext": lambda: self._end_marker("listtext"),
            "pntext": lambda: self._end_marker("pntext"),
            "sv": self._end_property,
            "pict": self._end_picture,
            "object": self._end_object,
            **{name: self._side_ender(title) for name, title in _AROUND.items()},
        }

    def _side_ender(self, title: str) -> Callable[[], None]:
        return lambda: self._restore().end_section(title)

    def full(self) -> bool:
        return self.text.full

    # --- control words ----------------------------------------------------------------------------

    def word(self, word: str, number: int | None) -> None:
        if word in _PASSED_OVER:
            self.now = replace(self.now, unseen=True)
        elif word in _READ:
            self._start_place(word)
        elif word in _TRANSPARENT:
            self.now = replace(self.now, unseen=False) if word == "ud" else self.now
            if word == "nesttableprops":
                self.tables.define_inner_rows()
        elif self.optional:
            self.now = replace(self.now, unseen=True)
        elif self.now.unseen:
            return
        elif act := self._words.get(word):
            act(number)
        elif word in SIGNS:
            self.add(SIGNS[word])

    def _set(self, **more: int | str | RichLook) -> None:
        self.now = replace(self.now, **more)  # type: ignore[arg-type]

    def _look_setter(self, name: str) -> Callable[[int | None], None]:
        return lambda n: self._set(look=self.now.look._replace(**{name: n or 0}))

    def _note_channel(self, number: int | None) -> None:
        if self.now.place[0] == "colortbl":
            self.add(f"{min(max(number or 0, 0), 255):02X}")

    def _note_style(self, number: int | None) -> None:
        self._paragraph.style = number or 0
        self._style_read = number or 0

    def _reset_paragraph(self) -> None:
        marker = self._paragraph.marker
        self._paragraph = _RichParagraph()
        self._paragraph.marker = marker

    # --- groups -----------------------------------------------------------------------------------

    def _start_place(self, name: str) -> None:
        if self.now.unseen and name not in ("stylesheet", "revtbl"):
            return
        self._places += 1
        self.now = replace(self.now, place=(name, self._places))
        if name in _KEPT:
            self._kept[name] = ""
        elif name in _AROUND:
            self._divert(self.headers if name.startswith("header") else self.footers)
        elif name in ("footnote", "annotation"):
            self._start_note(name)
        elif name == "shptxt":
            self._divert(self._writer)
            self._writer.open_box("Zone de texte")
            self._boxes += 1
        elif name == "field":
            self._fields.begin()
        elif name == "fldrslt":
            self._fields.separate()

    def _start_note(self, name: str) -> None:
        what = "note" if name == "footnote" else "commentaire"
        self._kept.pop("ftnalt", None)
        self._counts[what] += 1
        self._write(f"[{what} {self._counts[what]}]", TextMark(marks.REFERENCE, ""))
        self._divert(ProseWriter(ProseRoom(signs=MOST_ASIDE)))

    def _divert(self, writer: ProseWriter) -> None:
        self._outer.append((self._writer, self._paragraph, self.tables))
        self._writer, self._paragraph, self.tables = writer, _RichParagraph(), RichTables(writer)
        self.now = replace(self.now, hidden=False, struck=False, look=RichLook())

    def _restore(self) -> ProseWriter:
        diverted = self._writer
        self._end_paragraph()
        self.tables.close()
        if self._outer:
            self._writer, self._paragraph, self.tables = self._outer.pop()
        return diverted

    def ended(self, inner: _TextGroup) -> None:
        if inner.place == self.now.place:
            return
        name, _ = inner.place
        if end := self._ends.get(name):
            end()

    def _end_styles(self) -> None:
        self._paragraph = _RichParagraph()

    def _end_authors(self) -> None:
        self._authors = [author.strip() for author in self._kept["revtbl"].split(";")]

    def _end_text_box(self) -> None:
        self._restore()
        self._writer.close_box()
        self._boxes -= 1

    def _end_marker(self, name: str) -> None:
        marker = self._kept[name].strip()
        written = marker and (marker[0].isalnum() or marker[0] in "(-–")
        self._paragraph.marker = marker if written else BULLET

    def _end_property(self) -> None:
        if self._kept.get("sn") == "wzDescription":
            self._kept["words"] = self._kept["sv"]

    def _end_picture(self) -> None:
        self._write(*marks.picture(self._kept.pop("words", "")))

    def _end_object(self) -> None:
        if program := self._kept.pop("objclass", "").strip():
            self._write(*marks.picture(program, "Objet incorporé"))

    def _end_instruction(self) -> None:
        self._fields.instruct(self._kept["fldinst"])
        self._fields.note_value(self._form.taken())

    def _end_field(self) -> None:
        empty = self._fields.end()
        if empty is not None:
            self._write(*empty)

    def _end_note(self) -> None:
        note = self._restore()
        note.end_section()
        writer = self.end_notes if self._kept.pop("ftnalt", "") else self.notes
        for section in note.sections:
            writer.add_box(f"Note {self._counts['note']}", section["blocks"])

    def _end_comment(self) -> None:
        comment = self._restore()
        comment.end_section()
        day = self._kept.pop("atndate", "").strip()
        title = marks.note_title(
            self._counts["commentaire"],
            self._kept.pop("atnauthor", ""),
            marks.packed_moment(int(day)) if day.isdigit() else "",
        )
        for section in comment.sections:
            self.comments.add_box(title, section["blocks"])

    # --- words ------------------------------------------------------------------------------------

    def add(self, text: str) -> None:
        name, _ = self.now.place
        if name == "stylesheet":
            self._note_styles(text)
        elif self.now.unseen:
            return
        elif name in _KEPT:
            if len(self._kept.get(name, "")) < 20_000:
                self._kept[name] = self._kept.get(name, "") + text
        else:
            self._write(raised(text, self.now.shifted))

    def _note_styles(self, text: str) -> None:
        if match := _HEADING.search(text.strip()):
            self._headings[self._style_read] = int(match[1] or 1)

    def _write(self, text: str, mark: TextMark | None = None) -> None:
        now = self.now
        if now.unseen or self._fields.in_instruction:
            return
        self.tables.place(self._paragraph.depth)
        all_marks = self._fields.marks()
        if now.deleted:
            all_marks.append(marks.deleted(self._author(now.deleter), marks.packed_moment(now.deleted_at)))
        if now.inserted:
            all_marks.append(marks.inserted(self._author(now.author), marks.packed_moment(now.moment)))
        if now.hidden:
            all_marks.append(marks.HIDDEN_TEXT)
        if now.struck:
            all_marks.append(marks.STRUCK_TEXT)
        if mark is not None:
            all_marks.append(mark)
        else:
            all_marks += self._colours.unseen(text, now.look, on_white=self._is_on_white())
        self._writer.text(text, all_marks)

    def _is_on_white(self) -> bool:
        """Returns whether words stand on the paper itself, as far as is known: cells and boxes have other colours."""
        return not (self._paragraph.shaded or self._paragraph.depth or self._boxes or self._on_colour)

    def _author(self, number: int) -> str:
        name = self._authors[number] if 0 <= number < len(self._authors) else ""
        return "" if name in ("Unknown", "Inconnu") else name

    def _end_paragraph(self) -> None:
        if self.now.unseen:
            return
        paragraph = self._paragraph
        heading = paragraph.heading or self._headings.get(paragraph.style, 0)
        if heading:
            self._writer.end_heading(heading, paragraph.marker)
        elif paragraph.marker:
            self._writer.end_item(paragraph.level + 1, paragraph.marker)
        else:
            self._writer.end_paragraph()
        paragraph.marker = ""

    def _end_cell(self, depth: int) -> None:
        self._paragraph.in_table = True
        self.tables.place(depth)
        self._end_paragraph()
        self.tables.end_cell()


def read(source: BinaryIO) -> Prose:
    """Returns the document as it is read, in French where its words are ours. Raises CannotShow if it has more than
    LARGEST bytes or is no rich text.
    """
    data = source.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise CannotShow("too_large")
    if not data.lstrip().startswith(b"{\\rt"):
        raise CannotShow("damaged")
    reader = RichDocumentReader()
    reader.read(data.decode("latin-1"))
    reader.tables.close()
    reader.text.end_section()
    reader.notes.end_section("Notes de bas de page")
    reader.end_notes.end_section("Notes de fin")
    reader.comments.end_section("Commentaires")
    behind = (reader.footers, reader.notes, reader.end_notes, reader.comments)
    prose = Prose(
        reader.headers.sections + reader.text.sections + [section for writer in behind for section in writer.sections]
    )
    prose.note(CUT, reader.cut or reader.text.full)
    prose.note(prose_notes.MORE_ASIDE, reader.comments.full)
    return prose
