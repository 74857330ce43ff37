"""Reads a .ppt into a ProseWriter: the words of its slides in their order, their notes and comments."""

from __future__ import annotations

import struct
from typing import BinaryIO

from portfolio.files.previews.preview_spec import CUT
from portfolio.files.previews.renderers.documents import marks, prose_notes
from portfolio.files.previews.renderers.documents.list_numbers import BULLET
from portfolio.files.previews.renderers.documents.prose_notes import Prose
from portfolio.files.previews.renderers.documents.prose_writer import ProseWriter
from portfolio.files.previews.renderers.slides.powerpoint97_records import (
    LARGEST_STREAM,
    ListedSlide,
    SlideFile,
    SlideRecord,
)
from portfolio.files.previews.renderers.slides.powerpoint97_words import SlideText
from portfolio.files.recognition.bounded_reader import Window
from portfolio.files.recognition.ole import Compound

MOST_SLIDES = 300
_SHAPE, _PROPERTIES, _TEXT_BOX, _OUTLINE_TEXT = 0xF004, 0xF00B, 0xF00D, 0x0F9E
_DRAWING, _SHOW, _COMMENT, _COMMENT_DATE, _STRING = 0x040C, 0x03F9, 0x2EE0, 0x2EE1, 0x0FBA
_REPEATED = frozenset({0x0FD8, 0x0FF7, 0x0FF8, 0x0FF9, 0x0FFA, 0x1015})  # number, date, header, footer of the page
_HIDDEN = 4
_TITLES, _LISTS, _NOTES = {0, 6}, {1, 7, 8}, 2
_PICTURE, _WORDS = 0x0104, 0x0381  # properties of a shape


def read(source: BinaryIO) -> Prose:
    """Returns the slides in their order, MOST_SLIDES at most, each with its notes and comments. Raises Torn; KeyError
    if the file has no presentation.
    """
    compound = Compound(Window(source))
    top = compound.top()
    user = compound.read(top["Current User"], 4096) if "Current User" in top else b""
    return _Slides(SlideFile(compound.read(top["PowerPoint Document"], LARGEST_STREAM), user)).read()


class _Slides:
    def __init__(self, file: SlideFile) -> None:
        self._file = file
        self._writer = ProseWriter()

    def read(self) -> Prose:
        writer, notes, hidden = self._writer, self._file.notes(), []
        slides = self._file.slides()
        for number, (listed, record) in enumerate(slides[:MOST_SLIDES], 1):
            self._shapes(record, listed)
            if listed.slide_id in notes:
                writer.open_box("Notes de l'orateur")
                self._shapes(notes[listed.slide_id], ListedSlide(0, 0))
                writer.close_box()
            self._comments(record)
            if is_hidden := self._is_hidden(record):
                hidden.append(str(number))
            writer.end_section(f"Diapositive {number}", hidden=is_hidden, even_if_empty=True)
            if writer.full:
                break
        prose = Prose(writer.sections)
        prose.note(prose_notes.OLD_SLIDES)
        prose.note(CUT, writer.full)
        prose.note(prose_notes.MORE_SLIDES.format(most=MOST_SLIDES), len(slides) > MOST_SLIDES)
        prose.note(prose_notes.HIDDEN_SLIDES.format(names=", ".join(hidden)), bool(hidden))
        return prose

    def _is_hidden(self, slide: SlideRecord) -> bool:
        show = next((record for record in self._file.children(slide) if record.kind == _SHOW), None)
        return show is not None and bool(int.from_bytes(self._file.data(show)[10:12], "little") & _HIDDEN)

    def _shapes(self, slide: SlideRecord, listed: ListedSlide) -> None:
        for drawing in self._file.children(slide):
            if drawing.kind == _DRAWING:
                for shape in self._file.within(drawing, frozenset({_SHAPE})):
                    self._shape(shape, listed)

    def _shape(self, shape: SlideRecord, listed: ListedSlide) -> None:
        has_text = False
        properties: dict[int, str] = {}
        for record in self._file.children(shape):
            if record.kind == _TEXT_BOX:
                has_text = self._text_box(record, listed) or has_text
            elif record.kind == _PROPERTIES:
                properties = _properties(self._file.data(record), record.instance)
        if not has_text and (_PICTURE in properties or properties.get(_WORDS)):
            what = "Image" if _PICTURE in properties else "Dessin"
            text, mark = marks.picture(properties.get(_WORDS, ""), what)
            self._writer.text(text, [mark])
            self._writer.end_paragraph()

    def _text_box(self, box: SlideRecord, listed: ListedSlide) -> bool:
        """Writes the words of a shape. Returns whether it has some; True too for a placeholder of the page (number,
        date), which is not written.
        """
        text, repeated = SlideText(4, ""), False
        for record in self._file.children(box):
            text = self._file.read_text(record, text)
            if record.kind == _OUTLINE_TEXT:
                index = int.from_bytes(self._file.data(record)[:4], "little")
                text = listed.texts[index] if index < len(listed.texts) else SlideText(text.kind, "")
            repeated = repeated or record.kind in _REPEATED
        if repeated and text.words.strip() in ("*", ""):
            return True
        for line in text.drawn(self._file.fonts).split("\r"):
            self._writer.text(line.replace("\x0b", "\n"))
            if text.kind in _TITLES:
                self._writer.end_heading(1)
            elif text.kind in _LISTS:
                self._writer.end_item(1, BULLET)
            else:
                self._writer.end_paragraph()
        return bool(text.words.strip())

    def _comments(self, slide: SlideRecord) -> None:
        for comment in self._file.within(slide, frozenset({_COMMENT})):
            strings: dict[int, str] = {}
            day = ""
            for record in self._file.children(comment):
                if record.kind == _STRING:
                    strings[record.instance] = self._file.words(record)
                elif record.kind == _COMMENT_DATE:
                    year, month, _, date, hour, minute = struct.unpack_from(
                        "<HHHHHH", self._file.data(record).ljust(16, b"\0"), 4
                    )
                    day = f"{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}"
            self._writer.open_box(marks.note_title(0, strings.get(0, ""), day))
            self._writer.text(strings.get(1, "").replace("\r", "\n"))
            self._writer.close_box()


def _properties(data: bytes, count: int) -> dict[int, str]:
    """Returns {number of a property: its text, "" for one without} of a shape ([MS-ODRAW] 2.3). count: of its
    properties.
    """
    properties: dict[int, str] = {}
    lengths: list[tuple[int, int]] = []
    for at in range(0, min(6 * count, len(data) - 5), 6):
        code, value = struct.unpack_from("<HI", data, at)
        properties[code & 0x3FFF] = ""
        if code & 0x8000:
            lengths.append((code & 0x3FFF, value))
    at = 6 * count
    for name, length in lengths:
        if name == _WORDS:
            properties[name] = data[at : at + min(length, 2000)].decode("utf-16-le", "replace").rstrip("\0")
        at += length
    return properties
