"""Renders workbooks and CSV as tables: each cell as a French spreadsheet displays it. Formulas are never computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, Final

from portfolio.files.previews.preview_spec import UNSEEN_IN_CELLS, Preview, SheetView
from portfolio.files.previews.renderers import delimited_table
from portfolio.files.previews.renderers.words.struck_words import has_unseen
from portfolio.files.previews.renderers.workbooks import grid, ooxml, opendocument
from portfolio.files.previews.renderers.workbooks.excel97 import workbook as excel97
from portfolio.files.previews.sandbox import run

READERS: Final[dict[str, Callable[[BinaryIO], list[grid.WorkbookSheet]]]] = {
    "xlsx": ooxml.read,
    "xltx": ooxml.read,
    "xls": excel97.read,
    "ods": opendocument.read,
    "ots": opendocument.read,
}
_SAVED = "Valeurs enregistrées dans le classeur : les formules ne sont pas recalculées."
_HIDDEN = "Ce classeur a des feuilles masquées ({names}) : elles sont montrées à leur place, repliées."
_MORE = "Seules les {most} premières feuilles sont montrées. Téléchargez le fichier pour voir les autres."
_NO_FORMULAS = "Ce format d'avant 2007 ne laisse pas lire les formules, les graphiques ni les tableaux croisés."


def show(source: BinaryIO, kind: str, _what: str) -> Preview:
    if kind == "csv":
        return Preview("tables", sheets=[grid.laid_out(delimited_table.read(source))])
    sheets = READERS[kind](source)
    notes = [_SAVED] + [_NO_FORMULAS] * (kind == "xls")
    if hidden := [sheet.name for sheet in sheets if sheet.hidden]:
        notes.append(_HIDDEN.format(names=", ".join(hidden)))
    if len(sheets) > grid.MOST_SHEETS:
        notes.append(_MORE.format(most=grid.MOST_SHEETS))
    views = [grid.laid_out(sheet) for sheet in sheets[: grid.MOST_SHEETS]]
    notes += [UNSEEN_IN_CELLS] * any(map(_has_unseen, views))
    return Preview("tables", notes, sheets=views)


def _has_unseen(sheet: SheetView) -> bool:
    """Returns whether words of a sheet are marked as not seen: whole cells, or parts of them."""
    marked = any("unseen" in look for look in sheet["looks"])
    return marked or any(has_unseen(text) for row in sheet["rows"] for text in row["texts"])


if __name__ == "__main__":
    run(show)
