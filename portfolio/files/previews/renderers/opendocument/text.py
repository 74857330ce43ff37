"""Reads the text of an OpenDocument part by its XML, piece by piece, into a ProseWriter."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from portfolio.files.previews.renderers.documents import marks
from portfolio.files.previews.renderers.documents.list_numbers import Counters
from portfolio.files.previews.renderers.documents.marks import TextMark
from portfolio.files.previews.renderers.documents.prose_room import MOST_ASIDE, MOST_COLUMNS, ProseRoom
from portfolio.files.previews.renderers.documents.prose_writer import ProseWriter
from portfolio.files.previews.renderers.office_names import Attributes, PartReader, number
from portfolio.files.previews.renderers.opendocument.changes import TrackedChanges
from portfolio.files.previews.renderers.opendocument.drawings import Drawings
from portfolio.files.previews.renderers.opendocument.fields import FIELDS, field_mark
from portfolio.files.previews.renderers.opendocument.form_fields import OdfFormFields
from portfolio.files.previews.renderers.opendocument.looks import Looks
from portfolio.files.previews.renderers.opendocument.styles import StyleHandlers, Styles
from portfolio.files.previews.renderers.package import Package

_SPACES = re.compile(r"[ \t\r\n]+")
_PARTS_OF_INDEXES = (
    "table-of-content-source", "illustration-index-source", "table-index-source", "object-index-source",
    "user-index-source", "alphabetical-index-source", "bibliography-source",
)  # fmt: skip
_NOTES = {"footnote": "note", "endnote": "note de fin"}


@dataclass
class Asides:
    """Where notes and comments of a text are written. counts: how many there are of each so far."""

    footnotes: ProseWriter
    endnotes: ProseWriter
    comments: ProseWriter
    counts: dict[str, int] = field(default_factory=dict)

    @staticmethod
    def empty() -> Asides:
        room = ProseRoom(signs=MOST_ASIDE)
        return Asides(ProseWriter(room), ProseWriter(room), ProseWriter(room))


@dataclass
class _Item:
    """The item of a list that is read. marker: before its first paragraph; then empty."""

    level: int
    name: str
    marker: str | None = None
    start: int | None = None
    is_item: bool = False


class TextReader(PartReader):
    """Reads texts. asides: None where notes and comments stand in place, as on slides. styles: of this part."""

    unread = frozenset(
        {
            "office:scripts", "office:settings", "office:font-face-decls", "script:event-listeners",
            "office:event-listeners", "text:script", "presentation:settings",
            *(f"text:{name}" for name in _PARTS_OF_INDEXES),
        }
    )  # fmt: skip

    def __init__(self, package: Package, writer: ProseWriter, styles: Styles, asides: Asides | None) -> None:
        super().__init__()
        self.writer = writer
        self.styles = styles
        self.asides = asides
        self._outer_writers: list[ProseWriter] = []
        self._reads: list[bool] = [False]  # whether characters are words, from the outside in
        self._collected: list[str] | None = None
        self._marks: list[TextMark | None] = []
        self._looks = Looks(styles)
        self._sections_in_colour: list[bool] = []
        self._after_space = True
        self._items: list[_Item] = []
        self._counters: dict[str, Counters] = {}
        self._outline = Counters()
        self._heading: Attributes = {}
        self._repeated: list[int] = []
        self._author = self._day = ""
        self.changes = TrackedChanges(self)
        self.drawings = Drawings(package, self, boxed=asides is not None)
        fields = OdfFormFields(self.write)
        self.starts = StyleHandlers(styles).starts | self._starts() | self.changes.starts | self.drawings.starts
        self.starts |= fields.starts
        self.ends = self._ends() | self.changes.ends | self.drawings.ends | fields.ends

    def _starts(self) -> dict[str, Callable[[Attributes], None]]:
        starts: dict[str, Callable[[Attributes], None]] = {
            "text:p": self._start_paragraph,
            "text:h": self._start_paragraph,
            "text:span": self._start_span,
            "text:a": lambda a: self._marks.append(_link(a)),
            "draw:a": lambda a: self._marks.append(_link(a)),
            "text:section": self._start_section,
            "text:hidden-text": self._hidden_text,
            "text:hidden-paragraph": self._hidden_paragraph,
            "text:s": lambda a: self._emit(" " * min(max(number(a.get("c"), 1), 1), 200)),
            "text:tab": lambda _: self._emit("\t"),
            "text:line-break": lambda _: self._emit("\n"),
            "text:list": self._start_list,
            "text:list-item": self._start_item,
            "text:list-header": lambda _: self._items.append(self._inner_item()),
            "text:note": self._start_note,
            "office:annotation": self._start_comment,
            "table:table": lambda _: self.writer.open_table(),
            "table:table-row": self._start_row,
            "table:table-cell": self._start_cell,
            "table:covered-table-cell": lambda _: self.skip(),
        }
        starts |= {tag: self._field_starter(tag) for tag in FIELDS}
        collected = ("dc:creator", "dc:date", "text:note-citation", "text:ruby-text")
        starts |= {tag: lambda _: self.collect() for tag in collected}
        return starts

    def _ends(self) -> dict[str, Callable[[], None]]:
        ends: dict[str, Callable[[], None]] = {
            "text:p": self._end_paragraph,
            "text:h": self._end_paragraph,
            "text:span": self._end_span,
            "text:section": self._end_section,
            "text:list": lambda: self._items.__delitem__(-1),
            "text:list-item": lambda: self._items.__delitem__(-1),
            "text:list-header": lambda: self._items.__delitem__(-1),
            "text:note": self._end_note,
            "office:annotation": self._end_comment,
            "table:table": lambda: self.writer.close_table(),
            "table:table-cell": self._end_cell,
            "dc:creator": lambda: setattr(self, "_author", self.collected()),
            "dc:date": lambda: setattr(self, "_day", self.collected()),
            "text:note-citation": self._pass_collected,
            "text:ruby-text": self._end_guide,
        }
        marked = ("text:a", "draw:a", "text:hidden-text", "text:hidden-paragraph")
        return ends | dict.fromkeys((*marked, *FIELDS), self._end_mark)

    # --- what the parts of the reader share -------------------------------------------------------

    @property
    def author(self) -> str:
        return self._author

    @property
    def day(self) -> str:
        return self._day

    def divert(self, writer: ProseWriter) -> None:
        """Writes into `writer` what follows, until `restore`. Calls may stand inside each other."""
        self._outer_writers.append(self.writer)
        self.writer = writer
        self._reads.append(False)
        self._items.append(_Item(0, ""))

    def restore(self) -> ProseWriter:
        """Writes again where `divert` was called, and returns the writer that it was given. Raises IndexError without
        it.
        """
        diverted, self.writer = self.writer, self._outer_writers.pop()
        self._reads.pop()
        self._items.pop()
        return diverted

    def pause(self) -> None:
        """Ignores characters until `go_on`: those inside a drawing, but in none of its paragraphs."""
        self._reads.append(False)

    def go_on(self) -> None:
        self._reads.pop()

    def collect(self) -> None:
        """Keeps characters for `collected`, which returns them, instead of writing them."""
        self._collected = []

    def collected(self) -> str:
        text, self._collected = "".join(self._collected or []), None
        return text.strip()

    def _pass_collected(self) -> None:
        self._collected = None

    def _end_guide(self) -> None:
        """Writes, behind a word, how it is read."""
        if guide := self.collected():
            self._emit(f" ({guide})")

    def write(self, text: str, mark: TextMark | None = None) -> None:
        """Writes words where they stand, with all that is particular about them; as a paragraph if outside any."""
        self._emit(text, mark)
        if not any(self._reads):
            self.writer.end_paragraph()

    # --- words ------------------------------------------------------------------------------------

    def characters(self, text: str) -> None:
        if self.passing:
            return
        if self._collected is not None:
            if len(self._collected) < 100:
                self._collected.append(text[:1000])
        elif self._reads[-1]:
            text = self._looks.drawn(_SPACES.sub(" ", text))
            self._emit(text[1:] if self._after_space and text.startswith(" ") else text)

    def _emit(self, text: str, mark: TextMark | None = None) -> None:
        if not text:
            return
        self._after_space = text[-1] in " \n\t"
        all_marks = [each for each in (*self.changes.active(), *self._marks, mark) if each is not None]
        all_marks += self._looks.marks()
        if mark is None:
            all_marks += self._looks.unseen(text, on_white=self.is_on_white(), in_white=self.is_in_white())
        self.writer.text(text, all_marks)

    @property
    def in_table(self) -> bool:
        return bool(self._repeated)

    def is_in_white(self) -> bool:
        """Returns whether words are white where no style of theirs says a colour: those of some shapes."""
        return False

    def is_on_white(self) -> bool:
        """Returns whether words stand on the paper itself, as far as is known: cells and boxes have other colours."""
        return not (self.in_table or self.drawings.is_open or self.styles.on_colour or any(self._sections_in_colour))

    def _start_paragraph(self, attributes: Attributes) -> None:
        self._reads.append(True)
        self._after_space = True
        self._looks.start_paragraph(attributes.get("style-name", ""))
        self._heading = attributes

    def _end_paragraph(self) -> None:
        self._reads.pop()
        style = self._looks.end_paragraph()
        level, self._heading = number(self._heading.get("outline-level")), {}
        item = self._items[-1] if self._items else None
        if self.drawings.in_title or not level and self.styles.is_title(style):
            self.writer.end_heading(1)
        elif level > 0:
            self._end_heading(level, item)
        elif item is not None and item.level and item.marker is not None:
            self.writer.end_item(item.level, item.marker)
            item.marker = ""
        elif item is None and (name := self.styles.list_of(style)) in self.styles.lists and name:
            self.writer.end_item(1, self._counters.setdefault(name, Counters()).next_marker(0, self.styles.lists[name]))
        else:
            self.writer.end_paragraph()

    def _end_heading(self, level: int, item: _Item | None) -> None:
        marker = item.marker if item is not None and item.level else None
        if marker is None and "" in self.styles.lists:
            marker = self._outline.next_marker(level - 1, self.styles.lists[""])
        if item is not None and item.marker:
            item.marker = ""
        self.writer.end_heading(level, marker or "")

    def _start_span(self, attributes: Attributes) -> None:
        hidden = self._looks.start_span(attributes.get("style-name", ""))
        self._marks.append(marks.HIDDEN_TEXT if hidden else None)

    def _end_span(self) -> None:
        self._looks.end_span()
        self._end_mark()

    def _start_section(self, attributes: Attributes) -> None:
        style = attributes.get("style-name", "")
        look = self.styles.look("section", style)
        hidden = attributes.get("display") == "none" or bool(look.hidden)
        hidden = hidden or attributes.get("display") == "condition" and attributes.get("is-hidden") == "true"
        self._marks.append(TextMark(marks.HIDDEN, "section masquée") if hidden else None)
        self._sections_in_colour.append(bool(look.shaded))

    def _end_section(self) -> None:
        self._sections_in_colour.pop()
        self._end_mark()

    def _end_mark(self) -> None:
        if self._marks:
            self._marks.pop()

    def _field_starter(self, tag: str) -> Callable[[Attributes], None]:
        return lambda attributes: self._marks.append(field_mark(tag, attributes))

    def _hidden_text(self, attributes: Attributes) -> None:
        self._marks.append(TextMark(marks.HIDDEN, "texte masqué sous condition"))
        if attributes.get("is-hidden") == "true":
            self._emit(attributes.get("string-value", ""))

    def _hidden_paragraph(self, attributes: Attributes) -> None:
        hidden = attributes.get("is-hidden") == "true"
        self._marks.append(TextMark(marks.HIDDEN, "paragraphe masqué sous condition") if hidden else None)
        if hidden:
            self._emit("¶")

    # --- lists ------------------------------------------------------------------------------------

    def _inner_item(self) -> _Item:
        outer = self._items[-1] if self._items else _Item(0, "")
        return _Item(outer.level, outer.name, start=outer.start)

    def _start_list(self, attributes: Attributes) -> None:
        outer = self._items[-1] if self._items else _Item(0, "")
        name = attributes.get("style-name") or outer.name
        self._items.append(_Item(outer.level + 1, name))
        if outer.level == 0 and attributes.get("continue-numbering") != "true" and "continue-list" not in attributes:
            self._counters.pop(name, None)

    def _start_item(self, attributes: Attributes) -> None:
        item = self._inner_item()
        counters = self._counters.setdefault(item.name, Counters())
        level = max(item.level - 1, 0)
        if "start-value" in attributes:
            counters.last[level] = number(attributes["start-value"], 1) - 1
        item.marker = counters.next_marker(level, self.styles.lists.get(item.name, {}))
        self._items.append(item)

    # --- notes and comments -----------------------------------------------------------------------

    def _start_note(self, attributes: Attributes) -> None:
        kind = attributes.get("note-class", "footnote")
        if self.asides is None:
            self.skip()
            return
        counts = self.asides.counts
        counts[kind] = counts.get(kind, 0) + 1
        self._emit(f"[{_NOTES.get(kind, 'note')} {counts[kind]}]", TextMark(marks.REFERENCE, ""))
        self.divert(self.asides.endnotes if kind == "endnote" else self.asides.footnotes)
        self.writer.open_box(f"Note {counts[kind]}")

    def _end_note(self) -> None:
        self.writer.close_box()
        self.restore()

    def _start_comment(self, _attributes: Attributes) -> None:
        """Reads a comment to its end before its box begins: its author is said inside."""
        self._author = self._day = ""
        if self.asides is not None:
            counts = self.asides.counts
            counts["comment"] = counts.get("comment", 0) + 1
            self._emit(f"[commentaire {counts['comment']}]", TextMark(marks.REFERENCE, ""))
        self.divert(ProseWriter(ProseRoom(signs=MOST_ASIDE)))

    def _end_comment(self) -> None:
        comment = self.restore()
        comment.end_section()
        writer = self.writer if self.asides is None else self.asides.comments
        title = marks.note_title(0 if self.asides is None else self.asides.counts["comment"], self._author, self._day)
        for section in comment.sections:
            writer.add_box(title, section["blocks"])

    # --- tables -----------------------------------------------------------------------------------

    def _start_row(self, attributes: Attributes) -> None:
        self.writer.open_row("" if attributes.get("visibility", "visible") == "visible" else "ligne masquée")

    def _start_cell(self, attributes: Attributes) -> None:
        self._reads.append(False)
        self._items.append(_Item(0, ""))
        self._repeated.append(min(number(attributes.get("number-columns-repeated"), 1), MOST_COLUMNS))
        across, down = (number(attributes.get(f"number-{way}-spanned"), 1) for way in ("columns", "rows"))
        self.writer.open_cell(across, down)

    def _end_cell(self) -> None:
        self._reads.pop()
        self._items.pop()
        self.writer.close_cell()
        self.writer.skip_columns(self._repeated.pop() - 1)


def _link(attributes: Attributes) -> TextMark | None:
    """Returns the mark of a link; None for one to a place of the same document."""
    address = attributes.get("href", "")
    return marks.link(address) if address and not address.startswith("#") else None
