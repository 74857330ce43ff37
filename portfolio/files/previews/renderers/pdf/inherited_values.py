"""Reads which boxes of a PDF form are ticked by the value of their field alone (ISO 32000-2, 12.7.4): PDFium reads what
is written with the box, and not above it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import BinaryIO

import pikepdf

_DEEPEST = 20  # fields above each other
_MOST = 500  # annotations of a page
_OFF = ("", "/Off")
_RADIO, _PUSHED = 1 << 15, 1 << 16  # flags of a button


def ticked(source: BinaryIO, index: int) -> frozenset[int]:
    """Returns the places of these boxes among the annotations of a page, from 0; none of a file that qpdf cannot read.
    index: of the page, from 0.
    """
    try:
        widgets = list(_opened(source).pages[index].obj.get("/Annots") or [])[:_MOST]
        return frozenset(place for place, widget in enumerate(widgets) if _is_ticked(widget))
    except (pikepdf.PdfError, AttributeError, IndexError, TypeError, ValueError):  # qpdf has several for damage
        return frozenset()


@lru_cache(maxsize=1)
def _opened(source: BinaryIO) -> pikepdf.Pdf:
    source.seek(0)
    return pikepdf.open(source)


def _is_ticked(widget: pikepdf.Object) -> bool:
    if not isinstance(widget, pikepdf.Dictionary) or isinstance(widget.get("/AS"), pikepdf.Name):
        return False
    value = _above(widget, "/V")
    if str(_above(widget, "/FT")) != "/Btn" or value is None or str(value) in _OFF:
        return False
    flags = _above(widget, "/Ff")
    flags = flags if isinstance(flags, int) else 0
    if flags & _PUSHED:
        return False
    states = _states(widget)
    return str(value) in states if states else not flags & _RADIO


def _states(widget: pikepdf.Dictionary) -> set[str]:
    """Returns the names of the states of a box that are drawn, but for that of an empty one."""
    drawn = widget.get("/AP")
    usual = drawn.get("/N") if isinstance(drawn, pikepdf.Dictionary) else None
    return set(usual.keys()) - {"/Off"} if isinstance(usual, pikepdf.Dictionary) else set()


def _above(widget: pikepdf.Dictionary, key: str) -> object:
    """Returns an entry of a field, or of the nearest one above it that has one; None without any."""
    field: object = widget
    for _ in range(_DEEPEST):
        if not isinstance(field, pikepdf.Dictionary):
            break
        if key in field:
            return field[key]
        field = field.get("/Parent")
    return None
