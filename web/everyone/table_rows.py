"""Writes the rows of a sheet as HTML: one has some 12,000 cells, over which a template takes many times as long."""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup, escape

from portfolio.files.previews.preview_spec import CellView, RowView, SheetView

_BETWEEN = "\0"


def rows_of(sheet: SheetView) -> Markup:
    """Returns the `<tr>` of the sheet, one per line, for the inside of a `<tbody>`. Whatever comes from the file is
    escaped: all of it in one go, since a call for each cell costs more than all the rest.
    """
    rows, across = sheet["rows"], len(sheet["columns"])
    texts = _escaped([text for row in rows for text in (row["name"], *map(_text, row["cells"]))])
    lines, at = [], 0
    for row in rows:
        end = at + 1 + len(row["cells"])
        lines.append(_gap(texts[at], across) if row["empty"] else _row(row, texts[at], texts[at + 1 : end]))
        at = end
    return Markup("\n".join(lines))  # noqa: S704  # each piece is escaped, or a text of ours


def _text(cell: CellView) -> str:
    return cell if isinstance(cell, str) else str(cell["text"])


def _gap(name: str, across: int) -> str:
    return f'<tr class="gap"><th scope="row">{name}</th><td colspan="{across}">lignes vides</td></tr>'


def _row(row: RowView, name: str, texts: list[str]) -> str:
    """Returns one row. name, texts: of its head and of its cells, escaped."""
    head, note = ('<tr class="masked">', "<small>ligne masquée</small>") if row["hidden"] else ("<tr>", "")
    cells = [
        f"<td>{text}</td>" if isinstance(cell, str) else f"<td{_style(cell)}>{text}</td>"
        for cell, text in zip(row["cells"], texts, strict=True)
    ]
    return f'{head}<th scope="row">{name}{note}</th>{"".join(cells)}</tr>'


def _escaped(texts: list[str]) -> list[str]:
    """Escapes the texts in one go, unless one of them has the very sign that is put between them."""
    if not texts:
        return []
    apart = str(escape(_BETWEEN.join(texts))).split(_BETWEEN)
    return apart if len(apart) == len(texts) else [str(escape(text)) for text in texts]


def _style(cell: dict[str, str | int]) -> str:
    if len(cell) == 2 and "kind" in cell:  # its text, and that it is a number: most of those that are not bare words
        return _attributes(cell["kind"], None, None, None)
    return _attributes(cell.get("kind"), cell.get("colour"), cell.get("across"), cell.get("down"))


@lru_cache(maxsize=512)
def _attributes(kind: object, colour: object, across: object, down: object) -> str:
    names = " ".join(str(escape(name)) for name in (kind, colour and f"ink-{colour}") if name)
    style = f' class="{names}"' if names else ""
    return style + (f' colspan="{escape(across)}" rowspan="{escape(down)}"' if across else "")
