"""Finds the slides of a .ppt and their notes, in order, through the records of its file ([MS-PPT] 2.1)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from portfolio.files.previews.renderers.slides.powerpoint97_words import SlideText

LARGEST_STREAM = 64 << 20
DEEPEST = 16
_MOST_RECORDS = 2_000_000
_MOST_EDITS, _MOST_OBJECTS = 1_000, 100_000
DOCUMENT, SLIDE, NOTES = 0x03E8, 0x03EE, 0x03F0
_SLIDE_LIST, _SLIDE_IN_LIST, _NOTES_ATOM = 0x0FF0, 0x03F3, 0x03F1
_EDIT, _DIRECTORY = 0x0FF5, 0x1772
_SURROUNDINGS, _FONT = 0x03F2, 0x0FB7
_MOST_FONTS, _NAME_OF_FONT = 1_000, 64  # bytes
TEXT_KIND, SIGNS, BYTES, STYLES = 0x0F9F, 0x0FA0, 0x0FA8, 0x0FA1


@dataclass(frozen=True, slots=True)
class SlideRecord:
    """A record of the stream: its content stands from `start` to `end`. instance: what distinguishes its kind."""

    kind: int
    instance: int
    is_container: bool
    start: int
    end: int


@dataclass
class ListedSlide:
    """A slide as the document lists it. texts: of its outline."""

    object_id: int
    slide_id: int
    texts: list[SlideText] = field(default_factory=list)


class SlideFile:
    """A .ppt. current_user: the stream that says where the last edit stands."""

    def __init__(self, stream: bytes, current_user: bytes) -> None:
        self.stream = stream
        self._left = _MOST_RECORDS
        edit = int.from_bytes(current_user[16:20], "little")
        self._objects, document_id = self._directory(edit)
        document = self._record(self._objects.get(document_id, 0))
        self._document = document if document is not None and document.kind == DOCUMENT else None
        self.fonts = self._named_fonts()

    # --- records ----------------------------------------------------------------------------------

    def _record(self, at: int) -> SlideRecord | None:
        if not 0 <= at <= len(self.stream) - 8:
            return None
        head, kind, length = struct.unpack_from("<HHI", self.stream, at)
        return SlideRecord(kind, head >> 4, head & 15 == 15, at + 8, min(at + 8 + length, len(self.stream)))

    def children(self, parent: SlideRecord | None) -> Iterator[SlideRecord]:
        """Yields the records directly in a container, or those of the stream for None. Ends early at a torn one, and
        after _MOST_RECORDS of the whole file.
        """
        at, end = (parent.start, parent.end) if parent else (0, len(self.stream))
        while at + 8 <= end and self._left > 0:
            self._left -= 1
            record = self._record(at)
            if record is None:
                return
            yield record
            at = record.end

    def within(self, parent: SlideRecord, kinds: frozenset[int], depth: int = 0) -> Iterator[SlideRecord]:
        """Yields the records of these kinds inside a container, DEEPEST levels down at most, in order; not those inside
        one of them.
        """
        for record in self.children(parent):
            if record.kind in kinds:
                yield record
            elif record.is_container and depth < DEEPEST:
                yield from self.within(record, kinds, depth + 1)

    def data(self, record: SlideRecord) -> bytes:
        return self.stream[record.start : record.end]

    def words(self, record: SlideRecord) -> str:
        """Returns the text of a record: by one byte a sign if it is of kind BYTES, else by two."""
        data = self.data(record)
        return data.decode("latin-1") if record.kind == BYTES else data.decode("utf-16-le", "replace")

    def _named_fonts(self) -> dict[int, str]:
        """Returns the names of the fonts, by their numbers: _MOST_FONTS of them at most."""
        parts = self.children(self._document) if self._document else iter(())
        fonts = (font for part in parts if part.kind == _SURROUNDINGS for font in self.within(part, frozenset({_FONT})))
        return {
            font.instance: self.data(font)[:_NAME_OF_FONT].decode("utf-16-le", "replace").partition("\0")[0]
            for font in islice(fonts, _MOST_FONTS)
        }

    # --- slides -----------------------------------------------------------------------------------

    def _directory(self, at: int) -> tuple[dict[int, int], int]:
        """Returns {id of an object: its offset in the stream}, the last edit first, and the id of the document; ({}, 0)
        if no edit stands at offset `at`. Follows _MOST_EDITS edits at most.
        """
        objects: dict[int, int] = {}
        document_id = 0
        for number in range(_MOST_EDITS):
            edit = self._record(at)
            if edit is None or edit.kind != _EDIT or edit.end - edit.start < 20:
                break
            before, directory, document = struct.unpack_from("<III", self.stream, edit.start + 8)
            if number == 0:
                document_id = document
            self._read_directory(directory, objects)
            if not before or before >= at:
                break
            at = before
        return objects, document_id

    def _read_directory(self, at: int, objects: dict[int, int]) -> None:
        record = self._record(at)
        if record is None or record.kind != _DIRECTORY:
            return
        at = record.start
        while at + 4 <= record.end and len(objects) < _MOST_OBJECTS:
            head = int.from_bytes(self.stream[at : at + 4], "little")
            first, count = head & 0xFFFFF, head >> 20
            at += 4
            for number in range(count):
                if at + 4 > record.end:
                    return
                objects.setdefault(first + number, int.from_bytes(self.stream[at : at + 4], "little"))
                at += 4

    def slides(self) -> list[tuple[ListedSlide, SlideRecord]]:
        """Returns (slide as listed, its record) in the order of the document; if it lists none, in that of the file."""
        listed = self._listed(0)
        slides = [(slide, record) for slide in listed if (record := self._object(slide, SLIDE)) is not None]
        if slides:
            return slides
        return [(ListedSlide(0, 0), record) for record in self.children(None) if record.kind == SLIDE]

    def notes(self) -> dict[int, SlideRecord]:
        """Returns {id of a slide: the record of its notes}; slides without notes are not in it."""
        notes: dict[int, SlideRecord] = {}
        for listed in self._listed(2):
            record = self._object(listed, NOTES)
            atom = next((atom for atom in self.children(record) if atom.kind == _NOTES_ATOM), None) if record else None
            if record is not None and atom is not None:
                notes.setdefault(int.from_bytes(self.data(atom)[:4], "little"), record)
        return notes

    def _object(self, listed: ListedSlide, kind: int) -> SlideRecord | None:
        record = self._record(self._objects.get(listed.object_id, -1))
        return record if record is not None and record.kind == kind else None

    def _listed(self, instance: int) -> list[ListedSlide]:
        listed: list[ListedSlide] = []
        if self._document is None:
            return listed
        for record in self.children(self._document):
            if record.kind == _SLIDE_LIST and record.instance == instance:
                for atom in self.children(record):
                    if atom.kind == _SLIDE_IN_LIST:
                        object_id, _, _, slide_id = struct.unpack_from("<IIiI", self.data(atom).ljust(16, b"\0"))
                        listed.append(ListedSlide(object_id, slide_id))
                    elif listed and atom.kind == TEXT_KIND:
                        listed[-1].texts.append(self.read_text(atom, SlideText(0, "")))
                    elif listed and listed[-1].texts:
                        listed[-1].texts[-1] = self.read_text(atom, listed[-1].texts[-1])
        return listed

    def read_text(self, record: SlideRecord, text: SlideText) -> SlideText:
        """Returns the text with what a record says of it: its kind, its words or its styles; as it is for another."""
        if record.kind == TEXT_KIND:
            return replace(text, kind=int.from_bytes(self.data(record)[:4], "little"))
        if record.kind in (SIGNS, BYTES):
            return replace(text, words=self.words(record))
        return replace(text, styles=self.data(record)) if record.kind == STYLES else text
