"""Renders text documents and slides: their words in their order, with tables, lists, notes, comments and changes.

No field is computed; no link or macro is followed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, Final

from portfolio.files.previews.preview_spec import WORDS_ONLY, Preview
from portfolio.files.previews.renderers.documents import prose_notes, rich_document
from portfolio.files.previews.renderers.documents.marks import DELETED, HIDDEN, INSERTED
from portfolio.files.previews.renderers.documents.prose_blocks import kinds_in
from portfolio.files.previews.renderers.documents.prose_notes import Prose
from portfolio.files.previews.renderers.opendocument import document, slides
from portfolio.files.previews.renderers.slides import powerpoint, powerpoint97
from portfolio.files.previews.renderers.word import word_document
from portfolio.files.previews.renderers.word97 import document as word97
from portfolio.files.previews.sandbox import run

READERS: Final[dict[str, Callable[[BinaryIO], Prose]]] = {
    "docx": word_document.read,
    "dotx": word_document.read,
    "odt": document.read,
    "ott": document.read,
    "odp": slides.read_slides,
    "otp": slides.read_slides,
    "odg": slides.read_pages,
    "doc": word97.read,
    "rtf": rich_document.read,
    "ppt": powerpoint97.read,
    "pptx": powerpoint.read,
    "ppsx": powerpoint.read,
    "potx": powerpoint.read,
}


def show(source: BinaryIO, kind: str, _what: str) -> Preview:
    prose = READERS[kind](source)
    notes = [WORDS_ONLY] if prose.sections else [prose_notes.NOTHING]
    kinds = {kind for section in prose.sections for kind in kinds_in(section["blocks"])}
    prose.note(prose_notes.TRACKED, bool(kinds & {DELETED, INSERTED}))
    prose.note(prose_notes.HIDDEN, HIDDEN in kinds)
    return Preview("prose", notes + prose.notes, sections=prose.sections)


if __name__ == "__main__":
    run(show)
