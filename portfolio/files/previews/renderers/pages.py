"""Renders PDF by pages. The PDFium we use is built without a JavaScript engine; links and actions are not drawn."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import BinaryIO

import pypdfium2
from PIL import Image, ImageDraw
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
    UNSEEN_WORDS,
    PageView,
    Preview,
)
from portfolio.files.previews.renderers.pdf import inherited_values, remarks, unseen_words
from portfolio.files.previews.renderers.pictures import grey_png, webp
from portfolio.files.previews.sandbox import CannotShow, run

BROKEN = "Ce fichier est abîmé : on ne peut pas en montrer {pages}."
_A4 = (595.0, 842.0)  # points

LARGEST_SCALE = 4.0  # a stamp-sized page is not blown up to a screen
LONGEST_SEARCH_S = 5.0  # for the text of the pages, beside their pictures
LONGEST_LOOK_S = 1.0  # for what of it cannot be seen


def show(source: BinaryIO, _kind: str, what: str) -> bytes | Preview:
    if what == OUTLINE:
        return _outline(source, _opened(source))
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
    width, height = drawn.size
    _tick(drawn, remarks.undrawn_ticks(page, width, height, _ticked_by_field(source, page, number - 1)))
    page.close()
    return grey_png(drawn) if legible else webp(drawn)


def _ticked_by_field(source: BinaryIO, page: pypdfium2.PdfPage, index: int) -> frozenset[int]:
    """Returns what `inherited_values.ticked` does, which is asked only of a page that has boxes."""
    return inherited_values.ticked(source, index) if remarks.has_boxes(page) else frozenset()


def _tick(picture: Image.Image, boxes: list[remarks.Box]) -> None:
    """Draws a cross into each box."""
    pen = ImageDraw.Draw(picture)
    for box in boxes:
        inset = min(box.right - box.left, box.bottom - box.top) // 5
        left, top, right, bottom = box.left + inset, box.top + inset, box.right - inset, box.bottom - inset
        thickness = max(1, inset // 2)
        pen.line((left, top, right, bottom), "black", thickness)
        pen.line((left, bottom, right, top), "black", thickness)


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


def _outline(source: BinaryIO, document: pypdfium2.PdfDocument) -> Preview:
    pages: list[PageView] = []
    broken: list[int] = []
    search, unseen = _Search(), False
    signs = MOST_SIGNS
    for index in range(min(len(document), MOST_PAGES)):
        try:
            size, text, hides = _page(source, document, index, search if signs else None)
        except pypdfium2.PdfiumError:
            broken.append(index + 1)
            size, text, hides = _A4, "", False
        unseen = unseen or hides
        scale = _scale(size, LONGEST_PAGE)
        text = text[:signs]
        signs -= len(text)
        pages.append({"width": round(size[0] * scale), "height": round(size[1] * scale), "text": text.strip()})
    if broken and len(broken) == len(pages):
        raise CannotShow("damaged")
    notes = ([_broken(broken)] if broken else []) + [UNSEEN_WORDS] * unseen + [CUT] * (len(document) > MOST_PAGES)
    return Preview("pages", notes, page_count=len(document), pages=pages)


class _Search:
    """How much time is left for the words of the pages, and for those among them that cannot be seen."""

    def __init__(self) -> None:
        self._end = time.monotonic() + LONGEST_SEARCH_S
        self._left = LONGEST_LOOK_S

    @property
    def goes_on(self) -> bool:
        return time.monotonic() < self._end

    def unseen(self, page: pypdfium2.PdfPage) -> list[str]:
        """Takes out of a page the words that cannot be seen. Returns lines that say them."""
        if self._left <= 0:
            return []
        begun = time.monotonic()
        lines = unseen_words.take_out(page)
        self._left -= time.monotonic() - begun
        return lines


def _page(
    source: BinaryIO, document: pypdfium2.PdfDocument, index: int, search: _Search | None
) -> tuple[tuple[float, float], str, bool]:
    """Returns the size in points of a page, its words, none without time left to `search`, and whether some of them
    cannot be seen. They are also those typed into a form or over the page by a program of annotations, and what
    comments say. index: from 0. Raises PdfiumError.
    """
    page = document[index]
    if search is None or not search.goes_on:
        size = page.get_size()
        page.close()
        return size, "", False
    lines: list[tuple[str, str]] = []
    if FPDFPage_GetAnnotCount(page) > 0:
        lines = remarks.lines_of(page, _ticked_by_field(source, page, index))
        remarks.flatten(page)
        page.close()
        page = document[index]
    unseen = search.unseen(page)
    size, text = page.get_size(), page.get_textpage().get_text_bounded()
    page.close()
    read_aloud = [line for words, line in lines if not words or words not in text]
    return size, "\n".join([text, *read_aloud, *unseen]), bool(unseen)


def _broken(numbers: list[int]) -> str:
    *others, last = map(str, numbers)
    return BROKEN.format(pages=f"les pages {', '.join(others)} et {last}" if others else f"la page {last}")


if __name__ == "__main__":
    run(show)
