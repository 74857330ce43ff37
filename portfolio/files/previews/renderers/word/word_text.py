"""Reads a part of a .docx (the text, a header, notes, comments) by its XML, piece by piece, into a ProseWriter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from portfolio.files.previews.renderers.documents import marks
from portfolio.files.previews.renderers.documents.field_words import NO_VALUE, FieldStack
from portfolio.files.previews.renderers.documents.marks import TextMark
from portfolio.files.previews.renderers.documents.prose_writer import ProseWriter
from portfolio.files.previews.renderers.office_names import Attributes, PartReader, number
from portfolio.files.previews.renderers.package import Package, Relation
from portfolio.files.previews.renderers.word.word_drawings import WordDrawings
from portfolio.files.previews.renderers.word.word_equations import WordEquations
from portfolio.files.previews.renderers.word.word_forms import FormFields
from portfolio.files.previews.renderers.word.word_runs import PROPERTIES, WordRun
from portfolio.files.previews.renderers.word.word_styles import Numbering, ParagraphShape, StyleSheet
from portfolio.files.previews.renderers.word.word_tables import WordTables
from portfolio.files.previews.renderers.words.symbol_fonts import sign_of

_CHANGES = {
    "w:ins": marks.inserted, "w:del": marks.deleted, "w:moveTo": marks.moved_here, "w:moveFrom": marks.moved_away,
}  # fmt: skip
_SIGNS = {
    "w:tab": "\t", "w:ptab": "\t", "w:br": "\n", "w:cr": "\n", "w:noBreakHyphen": "\u2011",
}  # fmt: skip
_FIELDS_OF_THEIR_OWN = {
    "w:pgNum": "numéro de page", "w:dayShort": "date du jour", "w:dayLong": "date du jour",
    "w:monthShort": "date du jour", "w:monthLong": "date du jour", "w:yearShort": "date du jour",
    "w:yearLong": "date du jour",
}  # fmt: skip
_SEPARATORS = {"separator", "continuationSeparator", "continuationNotice"}
_MOST_PASSAGES, _LONGEST_PASSAGE = 20, 120


@dataclass
class WordBook:
    """What the parts of a document share. footnotes, endnotes, comments: {id: number}, as the text names them.

    passages: {id of a comment: words that it is about}. kinds_of_parts: {id of the relation of a header or footer:
    first, even or default}. inserted_files: how many other files are to be inserted. on_colour: whether its pages may
    be.
    """

    package: Package
    styles: StyleSheet
    numbering: Numbering
    footnotes: dict[str, int] = field(default_factory=dict)
    endnotes: dict[str, int] = field(default_factory=dict)
    comments: dict[str, int] = field(default_factory=dict)
    passages: dict[str, str] = field(default_factory=dict)
    kinds_of_parts: dict[str, str] = field(default_factory=dict)
    inserted_files: int = 0
    on_colour: bool = False
    has_other_formats: bool = False


@dataclass
class _WordParagraph:
    """The paragraph that is read, and its run. end_mark: who added or deleted its end."""

    own: ParagraphShape = field(default_factory=ParagraphShape)
    style: str = ""
    end_mark: TextMark | None = None
    run: WordRun = field(default_factory=WordRun)


class WordReader(PartReader):
    unread = frozenset(
        {
            "w:tblPrChange", "w:tcPrChange", "w:trPrChange", "w:sectPrChange", "w:tblPrExChange", "w:tblGridChange",
            "w:numberingChange", "w:sdtEndPr", "w:sdtPr",
        }
    )  # fmt: skip

    def __init__(self, book: WordBook, writer: ProseWriter, relations: dict[str, Relation]) -> None:
        super().__init__()
        self._book, self._writer, self._relations = book, writer, relations
        self._fields = FieldStack()
        self._changes: list[TextMark] = []
        self._links: list[TextMark | None] = []
        self._reads_text = self._reads_instruction = False
        self._in_paragraph_shape = self._in_run_shape = False
        self._boxes = 0
        self._reads_guide, self._guide = False, ""  # words above others, which say how these are read
        self._outer: list[_WordParagraph] = []
        self._now = _WordParagraph()
        self._form = FormFields()
        self._open_passages: dict[str, list[str]] = {}
        self._drawings = WordDrawings(book.package, writer, relations, self._emit)
        self._tables = WordTables(writer, self.skip)
        self._equations = WordEquations(self._emit)
        self.starts = self._starts() | self._drawings.starts | self._tables.starts | self._equations.starts
        self.starts |= self._form.starts
        self.ends = self._ends() | self._drawings.ends | self._tables.ends | self._equations.ends
        self.choose_forms()

    def _starts(self) -> dict[str, Callable[[Attributes], None]]:
        starts: dict[str, Callable[[Attributes], None]] = {
            "w:p": self._start_paragraph,
            "w:pPr": lambda _: setattr(self, "_in_paragraph_shape", True),
            "w:rPr": lambda _: setattr(self, "_in_run_shape", True),
            "w:rPrChange": self._note_other_format,
            "w:pPrChange": self._note_other_format,
            "w:pStyle": lambda a: setattr(self._now, "style", a.get("val", "")),
            "w:outlineLvl": self._note_outline,
            "w:numId": lambda a: setattr(self._now.own, "numbering", number(a.get("val"))),
            "w:ilvl": lambda a: setattr(self._now.own, "level", number(a.get("val"))),
            "w:r": lambda _: setattr(self._now, "run", WordRun()),
            "w:sym": self._symbol,
            "w:hyperlink": self._start_link,
            "w:fldSimple": self._start_simple_field,
            "w:fldChar": self._field_sign,
            "w:instrText": lambda _: setattr(self, "_reads_instruction", True),
            "w:delInstrText": lambda _: setattr(self, "_reads_instruction", True),
            "w:footnoteReference": lambda a: self._refer(self._book.footnotes, a, "note"),
            "w:endnoteReference": lambda a: self._refer(self._book.endnotes, a, "note de fin"),
            "w:commentReference": lambda a: self._refer(self._book.comments, a, "commentaire"),
            "w:commentRangeStart": self._start_passage,
            "w:commentRangeEnd": self._end_passage,
            "w:footnote": lambda a: self._start_note(a, self._book.footnotes),
            "w:endnote": lambda a: self._start_note(a, self._book.endnotes),
            "w:comment": self._start_comment,
            "w:txbxContent": self._start_text_box,
            "w:headerReference": self._note_part,
            "w:footerReference": self._note_part,
            "w:rt": lambda _: setattr(self, "_reads_guide", True),
            "w:background": lambda _: setattr(self._book, "on_colour", True),
            "w:altChunk": self._note_file,
            "w:subDoc": self._note_file,
        }
        starts |= dict.fromkeys(("w:t", "w:delText", "m:t"), self._start_text)
        starts |= {tag: self._property_noter(tag) for tag in PROPERTIES}
        starts |= {tag: self._change_starter(tag) for tag in _CHANGES}
        starts |= {tag: self._sign_emitter(sign) for tag, sign in _SIGNS.items()}
        starts |= {tag: self._field_emitter(words) for tag, words in _FIELDS_OF_THEIR_OWN.items()}
        return starts

    def _ends(self) -> dict[str, Callable[[], None]]:
        ends: dict[str, Callable[[], None]] = {
            "w:p": self._end_paragraph,
            "w:pPr": lambda: setattr(self, "_in_paragraph_shape", False),
            "w:rPr": lambda: setattr(self, "_in_run_shape", False),
            "w:hyperlink": lambda: self._links.__delitem__(-1),
            "w:fldSimple": self._end_field,
            "w:footnote": self._writer.close_box,
            "w:endnote": self._writer.close_box,
            "w:comment": self._writer.close_box,
            "w:txbxContent": self._end_text_box,
            "w:rt": lambda: setattr(self, "_reads_guide", False),
            "w:ruby": self._end_ruby,
        }
        ends |= dict.fromkeys(("w:t", "w:delText", "m:t", "w:instrText", "w:delInstrText"), self._end_text)
        ends |= dict.fromkeys(_CHANGES, self._end_change)
        return ends

    # --- words ------------------------------------------------------------------------------------

    def characters(self, text: str) -> None:
        if self.passing:
            return
        if self._reads_text and self._reads_guide:
            self._guide = (self._guide + text)[:_LONGEST_PASSAGE]
        elif self._reads_text and self._equations.is_open:
            self._equations.add(text)
        elif self._reads_text:
            self._emit(self._now.run.words(text))
        elif self._reads_instruction:
            self._fields.instruct(text)

    def _emit(self, text: str, mark: TextMark | None = None) -> None:
        """Writes words where they stand, with all that is particular about them; nothing inside the instruction of a
        field.
        """
        if self._fields.in_instruction:
            return
        all_marks = self._changes + self._fields.marks()
        all_marks += self._now.run.marks(self._book.styles, self._now.style)
        if mark is None:
            all_marks += self._now.run.unseen(text, self._book.styles, self._now.style, on_white=self._is_on_white())
        if self._links and self._links[-1] is not None:
            all_marks.append(self._links[-1])
        if mark is not None:
            all_marks.append(mark)
        for words in self._open_passages.values():
            if len(words) <= _LONGEST_PASSAGE:
                words.append(text[: _LONGEST_PASSAGE + 1])
        self._writer.text(text, all_marks)

    def _is_on_white(self) -> bool:
        """Returns whether words stand on the paper itself, as far as is known: cells and boxes have colours by other
        ways.
        """
        return not (self._now.own.shaded or self._tables.is_open or self._boxes or self._book.on_colour)

    def _end_ruby(self) -> None:
        """Writes the guide of a word behind it: it stands before it in the file."""
        if guide := self._guide.strip():
            self._emit(f" ({guide})")
        self._guide = ""

    def _start_text(self, _attributes: Attributes) -> None:
        self._reads_text = True
        self._drawings.note_words()

    def _end_text(self) -> None:
        self._reads_text = self._reads_instruction = False

    def _sign_emitter(self, sign: str) -> Callable[[Attributes], None]:
        def emit(_attributes: Attributes) -> None:
            if not self._in_paragraph_shape:  # there, a tab is a place to stop at
                self._emit(sign)

        return emit

    def _field_emitter(self, words: str) -> Callable[[Attributes], None]:
        return lambda _: self._emit(NO_VALUE, TextMark(marks.FIELD, f"champ : {words}"))

    def _symbol(self, attributes: Attributes) -> None:
        try:
            code = int(attributes.get("char", ""), 16)
        except ValueError:
            return
        self._emit(sign_of(attributes.get("font", ""), code))

    # --- paragraphs and runs ----------------------------------------------------------------------

    def _start_paragraph(self, _attributes: Attributes) -> None:
        if self._tables.begin_content():
            self._outer.append(self._now)
            self._now = _WordParagraph()

    def _end_paragraph(self) -> None:
        self._fields.give_up_instructions()
        self._now.run = WordRun()
        if self._now.end_mark is not None:
            self._writer.text("¶", [self._now.end_mark])
        shape = self._book.styles.shape(self._now.style, self._now.own)
        marker = None
        if shape.numbering:
            marker = self._book.numbering.next_marker(shape.numbering, shape.level or 0)
        if shape.heading:
            self._writer.end_heading(shape.heading, marker or "")
        elif marker is not None:
            self._writer.end_item((shape.level or 0) + 1, marker)
        else:
            self._writer.end_paragraph()
        self._now = self._outer.pop() if self._outer else _WordParagraph()

    def _note_outline(self, attributes: Attributes) -> None:
        level = number(attributes.get("val"), 9)
        self._now.own.heading = level + 1 if 0 <= level < 9 else 0

    def _property_noter(self, tag: str) -> Callable[[Attributes], None]:
        def note(attributes: Attributes) -> None:
            if not self._in_paragraph_shape:
                self._now.run.note(tag, attributes)
            elif tag == "w:shd" and not self._in_run_shape:  # otherwise it is of the sign of its end
                self._now.own.note_look(tag, attributes)

        return note

    def _note_other_format(self, _attributes: Attributes) -> None:
        self._book.has_other_formats = True
        self.skip()

    # --- tracked changes --------------------------------------------------------------------------

    def _change_starter(self, tag: str) -> Callable[[Attributes], None]:
        def start(attributes: Attributes) -> None:
            mark = _CHANGES[tag](attributes.get("author", ""), attributes.get("date", ""))
            if self._in_run_shape:
                if self._in_paragraph_shape:
                    self._now.end_mark = mark
            elif not self._tables.note_change(mark):
                self._changes.append(mark)

        return start

    def _end_change(self) -> None:
        if not self._in_run_shape and not self._tables.in_row_shape and self._changes:
            self._changes.pop()

    # --- fields and links -------------------------------------------------------------------------

    def _start_link(self, attributes: Attributes) -> None:
        relation = self._relations.get(attributes.get("id", ""))
        self._links.append(marks.link(relation.address) if relation is not None and relation.address else None)

    def _start_simple_field(self, attributes: Attributes) -> None:
        self._fields.begin()
        self._fields.instruct(attributes.get("instr", ""))
        self._fields.separate()

    def _field_sign(self, attributes: Attributes) -> None:
        kind = attributes.get("fldCharType")
        if kind == "begin":
            self._fields.begin()
            self._form.begin()
        elif kind == "separate":
            self._fields.separate()
        elif kind == "end":
            self._end_field()

    def _end_field(self) -> None:
        empty = self._fields.end()
        if empty is not None:
            words, mark = empty
            self._emit(self._form.value() or words, mark)
        self._form.begin()

    # --- notes, comments, text boxes, other parts -------------------------------------------------

    def _refer(self, numbers: dict[str, int], attributes: Attributes, what: str) -> None:
        number_of_note = numbers.setdefault(attributes.get("id", ""), len(numbers) + 1)
        self._emit(f"[{what} {number_of_note}]", TextMark(marks.REFERENCE, ""))

    def _start_note(self, attributes: Attributes, numbers: dict[str, int]) -> None:
        if attributes.get("type") in _SEPARATORS:
            self.skip()
            return
        listed = numbers.get(attributes.get("id", ""))
        self._writer.open_box(f"Note {listed}" if listed else "Note sans renvoi dans le texte")

    def _start_comment(self, attributes: Attributes) -> None:
        own_id = attributes.get("id", "")
        title = marks.note_title(
            self._book.comments.get(own_id, 0), attributes.get("author", ""), attributes.get("date", "")
        )
        passage = " ".join(self._book.passages.get(own_id, "").split())
        self._writer.open_box(f"{title}, sur « {passage} »" if passage else title)

    def _start_passage(self, attributes: Attributes) -> None:
        if len(self._open_passages) < _MOST_PASSAGES:
            self._open_passages[attributes.get("id", "")] = []

    def _end_passage(self, attributes: Attributes) -> None:
        own_id = attributes.get("id", "")
        if (words := self._open_passages.pop(own_id, None)) is not None:
            passage = "".join(words)
            self._book.passages[own_id] = passage[:_LONGEST_PASSAGE] + "…" * (len(passage) > _LONGEST_PASSAGE)

    def _start_text_box(self, _attributes: Attributes) -> None:
        self._boxes += 1
        self._writer.open_box("Zone de texte")

    def _end_text_box(self) -> None:
        self._boxes -= 1
        self._writer.close_box()

    def _note_part(self, attributes: Attributes) -> None:
        self._book.kinds_of_parts.setdefault(attributes.get("id", ""), attributes.get("type", "default"))

    def _note_file(self, _attributes: Attributes) -> None:
        self._book.inserted_files += 1
