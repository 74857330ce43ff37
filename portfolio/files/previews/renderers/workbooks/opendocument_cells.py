"""Says what a cell of an .ods displays, and its formula as a French spreadsheet writes it."""

from __future__ import annotations

import re

from portfolio.files.previews.renderers.workbooks import grid
from portfolio.files.previews.renderers.workbooks.calendar_formats import days_of
from portfolio.files.previews.renderers.workbooks.french_formulas import french
from portfolio.files.previews.renderers.workbooks.grid import Cell
from portfolio.files.previews.renderers.workbooks.number_formats import GENERAL, display_number

_FORMATS = {"percentage": "0.00\\ %", "currency": '#,##0.00\\ "€"', "date": "dd/mm/yyyy", "time": "[h]:mm:ss"}
_REFERENCE = re.compile(r"\[([^\]]*)\]")
_DURATION = re.compile(r"(-?)PT?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")


def displayed(attributes: dict[str, str], text: str | None) -> Cell | None:
    """Returns the cell as it is displayed; None for an empty one. attributes: of its element. text: that the program
    saved for display, None without.
    """
    kind = attributes.get("calcext:value-type") or attributes.get("office:value-type", "")
    if text is None and not kind:
        return Cell(grid.UNSAVED, grid.MISSING) if "table:formula" in attributes else None
    if text is None:
        return _by_value(kind, attributes)
    if kind == "error" or text.startswith(("Err:", "#DIV/0", "#N/A", "#REF!")):
        return Cell(text, grid.ERROR)
    return Cell(text, grid.NUMBER if kind in ("float", *_FORMATS) else "")


def _by_value(kind: str, attributes: dict[str, str]) -> Cell:
    """Returns the cell that was saved by its value alone, displayed by the format of its kind; a value that cannot be
    read, as it is written. kind: of office:value-type.
    """
    if kind == "boolean":
        return grid.truth(attributes.get("office:boolean-value") == "true")
    if kind == "string":
        return Cell(attributes.get("office:string-value", ""))
    stored = attributes.get(f"office:{kind}-value") or attributes.get("office:value", "")
    try:
        number = days_of(stored) if kind == "date" else _hours(stored) if kind == "time" else float(stored)
    except ValueError:
        return Cell(stored)
    code = _FORMATS.get(kind, GENERAL)
    if kind == "date" and number % 1:
        code += " hh:mm"
    if kind == "currency":
        code = code.replace("€", {"EUR": "€"}.get(currency := attributes.get("office:currency", "EUR"), currency))
    return Cell(display_number(number, code).text, grid.NUMBER)


def _hours(iso: str) -> float:
    match = _DURATION.fullmatch(iso)
    if match is None:
        raise ValueError(iso)
    hours, minutes, seconds = (float(part or 0) for part in match.groups()[1:])
    return (-1 if match[1] else 1) * (hours * 3600 + minutes * 60 + seconds) / 86_400


def formula_of(stored: str) -> str:
    """Returns « =SOMME(A1:A3) » for « of:=SUM([.A1:.A3]) »."""
    written = stored.partition("=")[2]
    return french(_REFERENCE.sub(lambda match: area_name(match[1]), written))


def area_name(area: str) -> str:
    """Returns « A1:B2 » for « .A1:.B2 », « Feuille.A1:B2 » for « Feuille.A1:Feuille.B2 »."""
    first, _, last = area.partition(":")
    sheet, _, start = first.rpartition(".")
    start = f"{sheet}.{start}" if sheet else start
    return f"{start}:{last.rpartition('.')[2]}" if last else start


def repetitions(text: str | None) -> int:
    return min(int(text), 1 << 21) if text and text.isascii() and text.isdigit() else 1
