"""Reads a .doc into a ProseWriter: its text, then headers, footers, notes, comments and text boxes."""

from __future__ import annotations

from typing import BinaryIO

from portfolio.files.previews.preview_spec import CUT
from portfolio.files.previews.renderers.documents import marks, prose_notes
from portfolio.files.previews.renderers.documents.prose_notes import Prose
from portfolio.files.previews.renderers.documents.prose_room import MOST_ASIDE, ProseRoom
from portfolio.files.previews.renderers.documents.prose_writer import ProseWriter
from portfolio.files.previews.renderers.word97 import form_fields, older_text
from portfolio.files.previews.renderers.word97.pieces import MOST_READ, WordFile
from portfolio.files.previews.renderers.word97.properties import CharacterShape, OldParagraphShape
from portfolio.files.previews.renderers.word97.stories import COMMENT_SIGN, OldParagraph, StoryReader
from portfolio.files.recognition.bounded_reader import Window
from portfolio.files.recognition.ole import Compound

# Places of tables in the header ([MS-DOC] 2.5.6).
_FONTS = 15
_FOOTNOTE_PLACES, _FOOTNOTES, _COMMENT_PLACES, _COMMENTS, _HEADERS = 2, 3, 4, 5, 11
_OWNERS, _ENDNOTE_PLACES, _ENDNOTES, _AUTHORS, _COMMENT_DATES = 36, 46, 47, 51, 112
_NAME_OF_FONT = 39  # where it stands in its row
_SIZE_OF_NOTE, _SIZE_OF_COMMENT, _SIZE_OF_DATE = 2, 30, 18
_SIDES = (
    "En-tête, pages paires", "En-tête", "Pied de page, pages paires", "Pied de page", "En-tête, première page",
    "Pied de page, première page",
)  # fmt: skip
_SEPARATORS = 6  # stories before those of the first section
_ENDS = "\r\x07\x0c"


def read(source: BinaryIO) -> Prose:
    """Returns the text of a .doc and what stands around it; of Word 6 or 95, the text alone. Raises CannotShow
    (`damaged`), Torn.
    """
    file = WordFile(Compound(Window(source)))
    return _older(file) if file.is_older else _OldWordDocument(file).read()


def _older(file: WordFile) -> Prose:
    writer = ProseWriter()
    text = older_text.text_of(file.stream)
    for line in text.replace("\x07", "\r").replace("\x0c", "\r").split("\r"):
        writer.text("".join(sign if sign >= " " or sign == "\t" else "\n" if sign == "\x0b" else "" for sign in line))
        writer.end_paragraph()
    writer.end_section()
    prose = Prose(writer.sections)
    prose.note(CUT, writer.full)
    prose.note(prose_notes.OLDER_WORD)
    return prose


class _OldWordDocument:
    def __init__(self, file: WordFile) -> None:
        self._file = file
        text, footnotes, headers, macros, comments, endnotes, boxes, header_boxes = file.lengths
        self._starts: dict[str, int] = {}
        at = 0
        for name, length in (
            ("text", text), ("footnotes", footnotes), ("headers", headers), ("macros", macros), ("comments", comments),
            ("endnotes", endnotes), ("boxes", boxes), ("header_boxes", header_boxes),
        ):  # fmt: skip
            self._starts[name] = at
            at += length
        self._end = at
        self._authors = _strings(file.table(_AUTHORS))
        self._fonts = _fonts(file.table(_FONTS))
        self._footnotes = {place: n for n, place in enumerate(file.places(_FOOTNOTE_PLACES, _SIZE_OF_NOTE)[:-1], 1)}
        self._endnotes = {place: n for n, place in enumerate(file.places(_ENDNOTE_PLACES, _SIZE_OF_NOTE)[:-1], 1)}
        self._comments = {place: n for n, place in enumerate(file.places(_COMMENT_PLACES, _SIZE_OF_COMMENT)[:-1], 1)}
        self._aside = ProseRoom(signs=MOST_ASIDE)

    def read(self) -> Prose:
        writer = ProseWriter()
        self._story(writer, 0, self._starts["footnotes"])
        writer.end_section()
        headers, footers = self._headers()
        behind = ProseWriter(self._aside)
        self._notes(behind, "footnotes", _FOOTNOTES, "Notes de bas de page")
        self._notes(behind, "endnotes", _ENDNOTES, "Notes de fin")
        self._read_comments(behind)
        for name, end, title in (
            ("boxes", "header_boxes", "Zones de texte"),
            ("header_boxes", "", "Zones de texte des en-têtes et pieds de page"),
        ):
            self._story(behind, self._starts[name], self._starts.get(end, self._end), on_paper=False)
            behind.end_section(title)
        prose = Prose(headers.sections + writer.sections + footers.sections + behind.sections)
        prose.note(CUT, writer.full or self._starts["footnotes"] > MOST_READ)
        prose.note(prose_notes.MORE_ASIDE, self._aside.full)
        prose.note(prose_notes.OLD_WORD)
        return prose

    # --- stories ----------------------------------------------------------------------------------

    def _headers(self) -> tuple[ProseWriter, ProseWriter]:
        headers, footers = ProseWriter(self._aside), ProseWriter(self._aside)
        places, start = self._file.places(_HEADERS, 0), self._starts["headers"]
        for number in range(_SEPARATORS, len(places) - 1):
            title = _SIDES[(number - _SEPARATORS) % len(_SIDES)]
            writer = headers if title.startswith("En-tête") else footers
            self._story(writer, start + places[number], start + places[number + 1])
            before = list(writer.sections)
            writer.end_section(title)
            if writer.sections[len(before) :] and writer.sections[-1] in before:  # as in the section before
                writer.sections.pop()
            if writer.full:
                break
        return headers, footers

    def _notes(self, writer: ProseWriter, story: str, table: int, title: str) -> None:
        places, start = self._file.places(table, 0), self._starts[story]
        for number in range(max(0, len(places) - 2)):
            writer.open_box(f"Note {number + 1}")
            self._story(writer, start + places[number], start + places[number + 1])
            writer.close_box()
            if writer.full:
                break
        writer.end_section(title)

    def _read_comments(self, writer: ProseWriter) -> None:
        places, start = self._file.places(_COMMENTS, 0), self._starts["comments"]
        owners, rows = _owners(self._file.table(_OWNERS)), self._file.table(_COMMENT_PLACES)
        dates = self._file.table(_COMMENT_DATES)
        count = max(0, len(places) - 2)
        for number in range(count):
            row = rows[4 * (len(self._comments) + 1) + number * _SIZE_OF_COMMENT :][:_SIZE_OF_COMMENT]
            owner = int.from_bytes(row[20:22], "little")
            date = int.from_bytes(dates[number * _SIZE_OF_DATE :][:4], "little")
            name = owners[owner] if owner < len(owners) else ""
            writer.open_box(marks.note_title(number + 1, name, marks.packed_moment(date)))
            self._story(writer, start + places[number], start + places[number + 1])
            writer.close_box()
            if writer.full:
                break
        writer.end_section("Commentaires")

    def _story(self, writer: ProseWriter, start: int, end: int, *, on_paper: bool = True) -> None:
        if start < end:
            paragraphs = self._paragraphs(start, min(end, MOST_READ))
            StoryReader(self, writer, on_paper=on_paper).read(paragraphs)

    def _paragraphs(self, start: int, end: int) -> list[OldParagraph]:
        paragraphs: list[OldParagraph] = []
        now: list[tuple[int, str, CharacterShape]] = []
        for place, text, shape in self._file.text_with_shapes(start, end):
            first = 0
            for at, sign in enumerate(text):
                if sign in _ENDS:
                    now.append((place + first, text[first:at], shape))
                    paragraphs.append(OldParagraph(now, sign, self._file.paragraph_at(place + at)))
                    now, first = [], at + 1
            if first < len(text):
                now.append((place + first, text[first:], shape))
        if now:
            paragraphs.append(OldParagraph(now, "\r", OldParagraphShape()))
        return paragraphs

    # --- what stands for a special sign -----------------------------------------------------------

    def reference(self, sign: str, place: int) -> str:
        """Returns « note 1 » for the sign of a note at this place; nothing if there is none."""
        if sign == COMMENT_SIGN:
            return f"commentaire {self._comments[place]}" if place in self._comments else ""
        if place in self._footnotes:
            return f"note {self._footnotes[place]}"
        return f"note de fin {self._endnotes[place]}" if place in self._endnotes else ""

    def author(self, number: int) -> str:
        name = self._authors[number] if number < len(self._authors) else ""
        return "" if name in ("Unknown", "Inconnu") else name

    def form_value(self, data_at: int) -> str:
        return form_fields.words_of(self._file.data(data_at)) if data_at >= 0 else ""

    def font(self, number: int) -> str:
        return self._fonts[number] if 0 <= number < len(self._fonts) else ""


def _fonts(data: bytes) -> list[str]:
    """Returns the names of a table of fonts ([MS-DOC] 2.9.286), 5,000 at most."""
    names: list[str] = []
    count, extra = int.from_bytes(data[:2], "little"), int.from_bytes(data[2:4], "little")
    at = 4
    while at < len(data) and len(names) < min(count, 5_000):
        row = data[at + 1 : at + 1 + data[at]]
        names.append(row[_NAME_OF_FONT:].decode("utf-16-le", "replace").partition("\0")[0])
        at += 1 + data[at] + extra
    return names


def _strings(data: bytes) -> list[str]:
    """Returns the strings of a table of UTF-16 ([MS-DOC] 2.2.4); [] for a table of another form."""
    if data[:2] != b"\xff\xff":
        return []
    count, extra = int.from_bytes(data[2:4], "little"), int.from_bytes(data[4:6], "little")
    strings: list[str] = []
    at = 6
    for _ in range(min(count, 5_000)):
        length = 2 * int.from_bytes(data[at : at + 2], "little")
        strings.append(data[at + 2 : at + 2 + length].decode("utf-16-le", "replace"))
        at += 2 + length + extra
    return strings


def _owners(data: bytes) -> list[str]:
    names: list[str] = []
    at = 0
    while at + 2 <= len(data) and len(names) < 5_000:
        length = 2 * int.from_bytes(data[at : at + 2], "little")
        names.append(data[at + 2 : at + 2 + length].decode("utf-16-le", "replace"))
        at += 2 + length
    return names
