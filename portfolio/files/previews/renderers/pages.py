"""Renders PDF by pages. The PDFium we use is built without a JavaScript engine; links and actions are not drawn."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import BinaryIO

import pypdfium2
from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDFPage_GetAnnotCount

from portfolio.files.previews.preview_spec import (
    CUT,
    LEGIBLE,
    LONGEST_LEGIBLE,
    LONGEST_PAGE,
    LONGEST_SIDE,
    MOST_PAGES,
    MOST_SIGNS,
    OUTLINE,
    THUMBNAIL,
    PageView,
    Preview,
)
from portfolio.files.previews.renderers.pdf import remarks
from portfolio.files.previews.renderers.pictures import grey_png, webp
from portfolio.files.previews.sandbox import CannotShow, run

BROKEN = "Ce fichier est abîmé : on ne peut pas en montrer {pages}."
_A4 = (595.0, 842.0)  # points

LARGEST_SCALE = 4.0  # a stamp-sized page is not blown up to a screen
LONGEST_SEARCH_S = 5.0  # for the text of the pages, beside their pictures


def show(source: BinaryIO, _kind: str, what: str) -> bytes | Preview:
    if what == OUTLINE:
        return _outline(_opened(source))
    document = _to_draw(source)
    number = 1 if what == THUMBNAIL else int(what.rpartition("-")[2])
    if not 1 <= number <= min(len(document), MOST_PAGES):
        raise CannotShow("absent")
    page = document[number - 1]
    legible = what.startswith(LEGIBLE)
    longest = LONGEST_SIDE[THUMBNAIL] if what == THUMBNAIL else LONGEST_LEGIBLE if legible else LONGEST_PAGE
    # A form keeps its answers out of the page: without this, a filled-in statement would look empty.
    bitmap = page.render(scale=_scale(page.get_size(), longest), may_draw_forms=True, rev_byteorder=True)
    drawn = bitmap.to_pil().convert("RGB")
    page.close()
    return grey_png(drawn) if legible else webp(drawn)


def _opened(source: BinaryIO) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        raise CannotShow("locked" if error.err_code == FPDF_ERR_PASSWORD else "damaged") from None
    document.init_forms()
    return document


@lru_cache(maxsize=1)
def _to_draw(source: BinaryIO) -> pypdfium2.PdfDocument:
    """Returns the document, opened once for all its pictures: the one whose words were searched was changed by that.
    Raises CannotShow (`locked`, `damaged`).
    """
    return _opened(source)


def _scale(size: tuple[float, float], longest: int) -> float:
    return min(longest / max(*size, 1.0), LARGEST_SCALE)


def _outline(document: pypdfium2.PdfDocument) -> Preview:
    pages: list[PageView] = []
    broken: list[int] = []
    signs, end = MOST_SIGNS, time.monotonic() + LONGEST_SEARCH_S
    for index in range(min(len(document), MOST_PAGES)):
        try:
            size, text = _page(document, index, searched=bool(signs) and time.monotonic() < end)
        except pypdfium2.PdfiumError:
            broken.append(index + 1)
            size, text = _A4, ""
        scale = _scale(size, LONGEST_PAGE)
        text = text[:signs]
        signs -= len(text)
        pages.append({"width": round(size[0] * scale), "height": round(size[1] * scale), "text": text.strip()})
    if broken and len(broken) == len(pages):
        raise CannotShow("damaged")
    notes = ([_broken(broken)] if broken else []) + [CUT] * (len(document) > MOST_PAGES)
    return Preview("pages", notes, page_count=len(document), pages=pages)


def _page(document: pypdfium2.PdfDocument, index: int, *, searched: bool) -> tuple[tuple[float, float], str]:
    """Returns the size in points of a page and its words, none unless `searched`: those typed into a form or over the
    page by a program of annotations too, and what comments say. index: from 0. Raises PdfiumError.
    """
    page = document[index]
    lines: list[tuple[str, str]] = []
    if searched and FPDFPage_GetAnnotCount(page) > 0:
        lines = remarks.lines_of(page)
        remarks.flatten(page)
        page.close()
        page = document[index]
    size, text = page.get_size(), page.get_textpage().get_text_bounded() if searched else ""
    page.close()
    return size, "\n".join([text, *(line for words, line in lines if not words or words not in text)])


def _broken(numbers: list[int]) -> str:
    *others, last = map(str, numbers)
    return BROKEN.format(pages=f"les pages {', '.join(others)} et {last}" if others else f"la page {last}")


if __name__ == "__main__":
    run(show)
