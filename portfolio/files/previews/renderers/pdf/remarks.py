"""Says what the annotations of a page say (ISO 32000-2, 12.5): comments, of which the picture has an icon at most,
lines through words, boxes that are ticked.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

_MOST = 500  # of a page
_LONGEST = 2_000
MORE = "[les autres annotations de cette page ne sont pas dites : téléchargez le fichier pour les lire]"
_COMMENTS = frozenset(
    {
        raw.FPDF_ANNOT_TEXT, raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_LINE, raw.FPDF_ANNOT_SQUARE,
        raw.FPDF_ANNOT_CIRCLE, raw.FPDF_ANNOT_POLYGON, raw.FPDF_ANNOT_POLYLINE, raw.FPDF_ANNOT_HIGHLIGHT,
        raw.FPDF_ANNOT_UNDERLINE, raw.FPDF_ANNOT_SQUIGGLY, raw.FPDF_ANNOT_STRIKEOUT, raw.FPDF_ANNOT_STAMP,
        raw.FPDF_ANNOT_CARET, raw.FPDF_ANNOT_INK,
    }
)  # fmt: skip
_BOXES = (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON)
_UNSEEN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW


class Box(NamedTuple):
    """Edges in pixels of the picture of a page."""

    left: int
    top: int
    right: int
    bottom: int


def undrawn_ticks(page: pypdfium2.PdfPage, width: int, height: int, by_field: frozenset[int]) -> list[Box]:
    """Returns the boxes of a page that are ticked and drawn empty. width, height: of its picture. by_field: as
    `inherited_values.ticked` gives them.
    """
    boxes: list[Box] = []
    for place in range(min(raw.FPDFPage_GetAnnotCount(page), _MOST)) if page.formenv else ():
        annotation = raw.FPDFPage_GetAnnot(page, place)
        if not annotation:
            continue
        try:
            edges = raw.FS_RECTF()
            hidden = raw.FPDFAnnot_GetFlags(annotation) & _UNSEEN
            ticked = _is_ticked_undrawn(page.formenv, annotation, by_its_field=place in by_field)
            if not hidden and ticked and raw.FPDFAnnot_GetRect(annotation, edges):
                first = _on_picture(page, width, height, edges.left, edges.top)
                second = _on_picture(page, width, height, edges.right, edges.bottom)
                (left, right), (top, bottom) = map(sorted, zip(first, second, strict=True))
                boxes.append(Box(left, top, right, bottom))
        finally:
            raw.FPDFPage_CloseAnnot(annotation)
    return boxes


def _on_picture(page: pypdfium2.PdfPage, width: int, height: int, across: float, up: float) -> tuple[int, int]:
    """Returns (column, line) of the picture of a page for a point of it."""
    column, line = ctypes.c_int(), ctypes.c_int()
    raw.FPDF_PageToDevice(page, 0, 0, width, height, 0, across, up, column, line)
    return column.value, line.value


def flatten(page: pypdfium2.PdfPage) -> None:
    """Makes what is drawn by annotations and typed into a form part of the page: its words are found only once it is
    opened again. What cannot be flattened stays as it is.
    """
    raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY)


def has_boxes(page: pypdfium2.PdfPage) -> bool:
    """Returns whether a page has a box that PDFium takes for empty."""
    for place in range(min(raw.FPDFPage_GetAnnotCount(page), _MOST)) if page.formenv else ():
        annotation = raw.FPDFPage_GetAnnot(page, place)
        if annotation:
            is_box = raw.FPDFAnnot_GetFormFieldType(page.formenv, annotation) in _BOXES
            is_empty = is_box and not _is_ticked(page.formenv, annotation, by_its_field=False)
            raw.FPDFPage_CloseAnnot(annotation)
            if is_empty:
                return True
    return False


def lines_of(page: pypdfium2.PdfPage, by_field: frozenset[int]) -> list[tuple[str, str]]:
    """Returns (words of an annotation, French line that says them) of a page that is not flattened yet. by_field: as
    `inherited_values.ticked` gives them.
    """
    lines: list[tuple[str, str]] = []
    written = page.get_textpage()  # once: it is worked out from the whole page
    for place in range(min(raw.FPDFPage_GetAnnotCount(page), _MOST)):
        annotation = raw.FPDFPage_GetAnnot(page, place)
        if not annotation:
            continue
        try:
            lines += _lines(page, written, annotation, by_its_field=place in by_field)
        finally:
            raw.FPDFPage_CloseAnnot(annotation)
    return lines + [("", MORE)] * (raw.FPDFPage_GetAnnotCount(page) > _MOST)


def _lines(
    page: pypdfium2.PdfPage, written: pypdfium2.PdfTextPage, annotation: raw.FPDF_ANNOTATION, *, by_its_field: bool
) -> Iterator[tuple[str, str]]:
    kind = raw.FPDFAnnot_GetSubtype(annotation)
    is_field = kind == raw.FPDF_ANNOT_WIDGET and page.formenv
    if is_field and _is_ticked(page.formenv, annotation, by_its_field=by_its_field):
        yield "", f"[case cochée : {_name_of_field(page.formenv, annotation)}]"
    if kind not in _COMMENTS:
        return
    if kind == raw.FPDF_ANNOT_STRIKEOUT and (struck := _words_under(written, annotation)):
        yield "", f"[barré : {struck}]"
    if words := _text(annotation, b"Contents"):
        author = _text(annotation, b"T")
        yield words, f"[commentaire{' de ' + author if author else ''} : {words}]"


def _is_ticked(form: pypdfium2.PdfFormEnv, annotation: raw.FPDF_ANNOTATION, *, by_its_field: bool) -> bool:
    """Returns whether a box is ticked: by what is drawn of it, or by its state, where a program left it to the reader
    to draw it.
    """
    if raw.FPDFAnnot_GetFormFieldType(form, annotation) not in _BOXES:
        return False
    return bool(raw.FPDFAnnot_IsChecked(form, annotation)) or _is_ticked_undrawn(
        form, annotation, by_its_field=by_its_field
    )


def _is_ticked_undrawn(form: pypdfium2.PdfFormEnv, annotation: raw.FPDF_ANNOTATION, *, by_its_field: bool) -> bool:
    """Returns whether a box is ticked by its state alone: PDFium draws it empty."""
    kind = raw.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind not in _BOXES or raw.FPDFAnnot_IsChecked(form, annotation):
        return False
    # PDFium draws such a box by itself, under a name of its own, and says « Off », as a text, where there is no state.
    if raw.FPDFAnnot_GetValueType(annotation, b"AS") == raw.FPDF_OBJECT_NAME:
        return _text(annotation, b"AS") not in ("", "Off")
    return by_its_field or kind == raw.FPDF_FORMFIELD_CHECKBOX and _text(annotation, b"V") not in ("", "Off")


def _name_of_field(form: pypdfium2.PdfFormEnv, annotation: raw.FPDF_ANNOTATION) -> str:
    """Returns what a program reads aloud for a field, else its name; « sans nom » without either."""
    aloud = _read(lambda room, size: raw.FPDFAnnot_GetFormFieldAlternateName(form, annotation, room, size))
    name = _read(lambda room, size: raw.FPDFAnnot_GetFormFieldName(form, annotation, room, size))
    return aloud or name or "sans nom"


def _words_under(written: pypdfium2.PdfTextPage, annotation: raw.FPDF_ANNOTATION) -> str:
    edges = raw.FS_RECTF()
    if not raw.FPDFAnnot_GetRect(annotation, edges):
        return ""
    words = written.get_text_bounded(edges.left, edges.bottom, edges.right, edges.top)
    return " ".join(words.split())[:_LONGEST]


def _text(annotation: raw.FPDF_ANNOTATION, key: bytes) -> str:
    """Returns an entry of an annotation, on one line, _LONGEST characters at most; "" if it has none."""
    return _read(lambda room, length: raw.FPDFAnnot_GetStringValue(annotation, key, room, length))


def _read(ask: Callable[[object, int], int]) -> str:
    """Returns a text of PDFium, on one line, _LONGEST characters at most. ask: writes it into a room of so many bytes,
    and returns how many it has.
    """
    length = ask(None, 0)
    written = ctypes.create_string_buffer(max(length, 2))
    ask(ctypes.cast(written, ctypes.POINTER(raw.FPDF_WCHAR)), length)
    return " ".join(written.raw.decode("utf-16-le", "replace").replace("\0", "").split())[:_LONGEST]
