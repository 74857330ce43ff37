"""Reads one story of a .doc (the text, a header, a note) into a ProseWriter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from portfolio.files.previews.renderers.documents import marks
from portfolio.files.previews.renderers.documents.edged_table import EdgedTable
from portfolio.files.previews.renderers.documents.field_words import FieldStack
from portfolio.files.previews.renderers.documents.list_numbers import BULLET
from portfolio.files.previews.renderers.documents.marks import TextMark
from portfolio.files.previews.renderers.documents.prose_writer import ProseWriter
from portfolio.files.previews.renderers.word97.properties import CharacterShape, OldParagraphShape
from portfolio.files.previews.renderers.words.on_paper import unseen_marks
from portfolio.files.previews.renderers.words.raised_signs import raised
from portfolio.files.previews.renderers.words.symbol_fonts import in_signs, is_symbols, sign_of

_PICTURE, _NOTE_SIGN, COMMENT_SIGN, _DRAWN, _SYMBOL = "\x01", "\x02", "\x05", "\x08", "("
_FIELD_BEGINS, _FIELD_GOES_ON, _FIELD_ENDS = "\x13", "\x14", "\x15"
_SIGNS = {"\x0b": "\n", "\x1e": "\u2011", "\x1f": "", "\x0e": "\n", "\xa0": "\u00a0"}


class StoryPlaces(Protocol):
    """What a story asks of its document."""

    def author(self, number: int) -> str:
        """Returns the name of the author with this number; "" for one without a name."""

    def font(self, number: int) -> str:
        """Returns the name of the font with this number; "" for none."""

    def form_value(self, data_at: int) -> str:
        """Returns what a box or a list of a form displays, by where it is stored; "" for another field."""

    def reference(self, sign: str, place: int) -> str:
        """Returns « note 1 » for the sign of a note at this place; "" if there is none."""


@dataclass
class OldParagraph:
    """A paragraph. mark: the sign that ends it."""

    stretches: list[tuple[int, str, CharacterShape]]
    mark: str
    shape: OldParagraphShape

    def ends_cell(self, depth: int) -> bool:
        """Returns whether it ends a cell of a table that is inside depth - 1 others."""
        ends = self.mark == "\x07" if depth == 1 else self.shape.ends_inner_cell
        return ends and self.shape.depth == depth

    def ends_row(self, depth: int) -> bool:
        """Returns whether it ends a row of a table that is inside depth - 1 others, and is nothing else."""
        ends = self.shape.ends_row if depth == 1 else self.shape.ends_inner_row
        return ends and self.shape.depth == depth


class StoryReader:
    """Reads a story. on_paper: whether nothing but the paper is under it, as far as is known."""

    def __init__(self, document: StoryPlaces, writer: ProseWriter, *, on_paper: bool = True) -> None:
        self._document, self._writer = document, writer
        self._fields = FieldStack()
        self._on_paper = self._story_on_paper = on_paper

    def read(self, paragraphs: list[OldParagraph]) -> None:
        self._blocks(paragraphs, 0)

    def _blocks(self, paragraphs: list[OldParagraph], depth: int) -> None:
        """Reads paragraphs, and the tables among them. depth: how many tables all of them stand in."""
        number = 0
        while number < len(paragraphs) and not self._writer.full:
            if paragraphs[number].shape.depth > depth:
                number = self._table(paragraphs, number, depth + 1)
            else:
                self._paragraph(paragraphs[number])
                number += 1

    def _paragraph(self, paragraph: OldParagraph) -> None:
        shape = paragraph.shape
        self._on_paper = self._story_on_paper and not (shape.shaded or shape.depth)
        for place, text, characters in paragraph.stretches:
            self._write(place, text, characters)
        heading = shape.style if 1 <= shape.style <= 9 else 0
        if shape.outline is not None:
            heading = shape.outline + 1 if shape.outline < 9 else 0
        if heading:
            self._writer.end_heading(heading)
        elif shape.listed:
            self._writer.end_item(shape.level + 1, BULLET)
        else:
            self._writer.end_paragraph()

    def _table(self, paragraphs: list[OldParagraph], number: int, depth: int) -> int:
        """Reads the rows of a table, from the paragraph with this number on. Returns the number of the first paragraph
        behind it.
        """
        table = EdgedTable(self._writer)
        cell: list[OldParagraph] = []
        while number < len(paragraphs) and paragraphs[number].shape.depth >= depth and not self._writer.full:
            paragraph = paragraphs[number]
            number += 1
            if paragraph.ends_row(depth):
                self._cell(table, cell, depth)
                table.end_row(paragraph.shape.left, paragraph.shape.cells)
                cell = []
                continue
            cell.append(paragraph)
            if paragraph.ends_cell(depth):
                self._cell(table, cell, depth)
                cell = []
        self._cell(table, cell, depth)
        table.end_row(0, [])
        table.close()
        return number

    def _cell(self, table: EdgedTable, content: list[OldParagraph], depth: int) -> None:
        if content:
            table.place()
            self._blocks(content, depth)
            table.end_cell()

    # --- words ------------------------------------------------------------------------------------

    def _write(self, place: int, text: str, shape: CharacterShape) -> None:
        words: list[str] = []
        for at, sign in enumerate(text):
            if sign >= " " and not (shape.special and sign == _SYMBOL) or sign == "\t":
                words.append(sign)
                continue
            self._put(self._drawn(words, shape), shape)
            words = []
            self._special(sign, place + at, shape)
        self._put(self._drawn(words, shape), shape)

    def _drawn(self, signs: list[str], shape: CharacterShape) -> str:
        """Returns the signs as their fonts draw them."""
        text = "".join(signs)
        font, other_font = self._document.font(shape.font), self._document.font(shape.other_font)
        if self._fields.in_instruction or not (is_symbols(font) or is_symbols(other_font)):
            return text
        return "".join(in_signs(font if sign < "\x80" else other_font, sign) for sign in text)

    def _special(self, sign: str, place: int, shape: CharacterShape) -> None:
        if sign == _FIELD_BEGINS:
            self._fields.begin()
        elif sign == _FIELD_GOES_ON:
            self._fields.separate()
        elif sign == _FIELD_ENDS:
            if (empty := self._fields.end()) is not None:
                words, mark = empty
                self._put(words, shape, mark)
        elif sign in (_NOTE_SIGN, COMMENT_SIGN):
            if words := self._document.reference(sign, place):
                self._put(f"[{words}]", shape, TextMark(marks.REFERENCE, ""))
        elif sign == _PICTURE and self._fields.in_instruction:
            self._fields.note_value(self._document.form_value(shape.data_at))
        elif sign in (_PICTURE, _DRAWN) and shape.special:
            words, mark = marks.picture("", "Image" if sign == _PICTURE else "Dessin")
            self._put(words, shape, mark)
        elif sign == _SYMBOL:
            font = self._document.font(shape.symbol_font)
            self._put(sign_of(font, shape.symbol) if shape.symbol else sign, shape)
        elif sign in _SIGNS:
            self._put(_SIGNS[sign], shape)

    def _put(self, text: str, shape: CharacterShape, mark: TextMark | None = None) -> None:
        if not text:
            return
        if self._fields.in_instruction:
            self._fields.instruct(text)
            return
        all_marks = self._fields.marks()
        author = self._document.author
        if shape.deleted:
            all_marks.append(marks.deleted(author(shape.deleter), marks.packed_moment(shape.deleted_at)))
        if shape.inserted:
            all_marks.append(marks.inserted(author(shape.author), marks.packed_moment(shape.moment)))
        if shape.hidden:
            all_marks.append(marks.HIDDEN_TEXT)
        if shape.struck:
            all_marks.append(marks.STRUCK_TEXT)
        if mark is not None:
            all_marks.append(mark)
        else:
            all_marks += unseen_marks(text, white=shape.white and self._on_paper and not shape.shaded, tiny=shape.tiny)
        self._writer.text(raised(text, shape.shifted), all_marks)
