"""Writes the rows of a sheet as HTML: one has some 12,000 cells, over which a template takes many times as long."""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup, escape

from portfolio.files.previews.preview_spec import CellView, RowView, SheetView

_BETWEEN = "\0"


def rows_of(sheet: SheetView) -> Markup:
    """Returns the `<tr>` of the sheet, one per line, for the inside of a `<tbody>`. Whatever comes from the file is
    escaped.
    """
    across = len(sheet["columns"])
    rows = "\n".join(_gap(row, across) if row["empty"] else _row(row) for row in sheet["rows"])
    return Markup(rows)  # noqa: S704  # each piece is escaped, or a text of ours


def _gap(row: RowView, across: int) -> str:
    return f'<tr class="gap"><th scope="row">{escape(row["name"])}</th><td colspan="{across}">lignes vides</td></tr>'


def _row(row: RowView) -> str:
    head, note = ('<tr class="masked">', "<small>ligne masquée</small>") if row["hidden"] else ("<tr>", "")
    texts = _escaped([cell if isinstance(cell, str) else str(cell["text"]) for cell in row["cells"]])
    cells = "".join([f"<td{_style(cell)}>{text}</td>" for cell, text in zip(row["cells"], texts, strict=True)])
    return f'{head}<th scope="row">{escape(row["name"])}{note}</th>{cells}</tr>'


def _escaped(texts: list[str]) -> list[str]:
    """Escapes the texts in one go, unless one of them has the very sign that is put between them."""
    if not texts:
        return []
    apart = str(escape(_BETWEEN.join(texts))).split(_BETWEEN)
    return apart if len(apart) == len(texts) else [str(escape(text)) for text in texts]


def _style(cell: CellView) -> str:
    if isinstance(cell, str):
        return ""
    return _attributes(cell.get("kind"), cell.get("colour"), cell.get("across"), cell.get("down"))


@lru_cache(maxsize=512)
def _attributes(kind: object, colour: object, across: object, down: object) -> str:
    names = " ".join(str(escape(name)) for name in (kind, colour and f"ink-{colour}") if name)
    style = f' class="{names}"' if names else ""
    return style + (f' colspan="{escape(across)}" rowspan="{escape(down)}"' if across else "")
