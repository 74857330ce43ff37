"""Reads the facts of one file in its confined process (side of the child)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import BinaryIO, Final

from portfolio.files.facts.gathered import Gathering
from portfolio.files.facts.media import pictures, recordings
from portfolio.files.facts.messages import mails, web_pages
from portfolio.files.facts.office97 import outlined
from portfolio.files.facts.office97 import workbook as workbook97
from portfolio.files.facts.ooxml import document, slides, workbook
from portfolio.files.facts.opendocument import package_of_file
from portfolio.files.facts.others_data import others_data
from portfolio.files.facts.papers import pdfs, texts
from portfolio.files.previews.preview_spec import PRINTED_BY
from portfolio.files.previews.sandbox import CannotShow, run

_BY_READER: Final[tuple[tuple[Callable[[BinaryIO, str, Gathering], None], tuple[str, ...]], ...]] = (
    (workbook.read, ("xlsx", "xltx")),
    (document.read, ("docx", "dotx")),
    (slides.read, ("pptx", "ppsx", "potx")),
    (package_of_file.read, ("odt", "ott", "ods", "ots", "odp", "otp", "odg")),
    (workbook97.read, ("xls",)),
    (outlined.read, ("doc", "ppt", "rtf")),
    (mails.read, ("eml", "mbox", "msg", "mhtml")),
    (web_pages.read, ("html",)),
    (pdfs.read, ("pdf",)),
    (pictures.read, ("png", "jpeg", "heic", "webp", "gif")),
    (recordings.read, ("mp4", "mov", "webm", "mp3", "m4a")),
    (texts.read, ("txt", "md", "json", "csv", "ics", "drawio")),
)
_WORKBOOKS: Final = frozenset(("xlsx", "xltx", "xls", "ods", "ots"))
_DOCUMENTS: Final = frozenset(PRINTED_BY) - _WORKBOOKS | {"pdf"}
READERS: Final = {kind: reader for reader, kinds in _BY_READER for kind in kinds}


def gathered_from(source: BinaryIO, kind: str) -> Gathering:
    """Returns what a file tells, as far as it can be read. Raises CannotShow where that is nothing."""
    gathering = Gathering()
    try:
        READERS[kind](source, kind, gathering)
    except CannotShow:
        if gathering.empty:
            raise
        gathering.whole = False
    except Exception:  # each reader has its own exceptions for a damaged file
        if gathering.empty:
            raise CannotShow("damaged") from None
        gathering.whole = False
    _count_words(gathering, kind)
    return gathering


def _count_words(gathering: Gathering, kind: str) -> None:
    """Counts the words of a document, or the cells of a workbook: what every file that is not empty has."""
    if kind in _WORKBOOKS:
        gathering.uses("filled_cells", count=len(gathering.texts))
    elif kind in _DOCUMENTS:
        gathering.uses("words", count=sum(len(text.split()) for _, text in gathering.texts))


def show(source: BinaryIO, kind: str, _what: str) -> bytes:
    gathering = gathered_from(source, kind)
    return json.dumps(gathering.facts(others_data(gathering.texts)), ensure_ascii=False).encode()


if __name__ == "__main__":
    run(show)
