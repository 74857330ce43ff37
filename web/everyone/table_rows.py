"""Writes the rows of a sheet as HTML: one has some 12,000 cells, over which a template takes many times as long."""

from __future__ import annotations

from markupsafe import Markup, escape

from portfolio.files.previews.preview_spec import LookView, SheetView

_BETWEEN = "\0"


def rows_of(sheet: SheetView) -> Markup:
    """Returns the `<tr>` of the sheet, one per line, for the inside of a `<tbody>`. Whatever comes from the file is
    escaped. It is escaped, and put in its place, in one go: a call for each cell or row costs more than all the rest.
    """
    rows, gap = sheet["rows"], _gap(len(sheet["columns"]))
    texts: list[str] = []
    for row in rows:
        texts.append(row["name"])
        texts += row["texts"]
    forms = _Forms(sheet["looks"])
    lines = [gap if row["empty"] else forms.of(row["hidden"], tuple(row["looks"])) for row in rows]
    return Markup("\n".join(lines) % tuple(_escaped(texts)))  # noqa: S704  # each piece is escaped, or a text of ours


def _gap(across: int) -> str:
    return f'<tr class="gap"><th scope="row">%s</th><td colspan="{across}">lignes vides</td></tr>'


class _Forms:
    """The rows without their words: one form for all those whose cells look alike. A `%s` for the name of the row, then
    one for each cell.
    """

    def __init__(self, looks: list[LookView]) -> None:
        self._cells = [f"<td{_attributes(look).replace('%', '%%')}>{_words(look)}</td>" for look in looks]
        self._known: dict[tuple[bool, tuple[int, ...]], str] = {}

    def of(self, hidden: bool, looks: tuple[int, ...]) -> str:
        """Returns the form of a row. looks: of its cells, by their places in those of the sheet."""
        form = self._known.get((hidden, looks))
        if form is None:
            head, note = ('<tr class="masked">', "<small>ligne masquée</small>") if hidden else ("<tr>", "")
            cells = "".join(self._cells[place] for place in looks)
            form = self._known[hidden, looks] = f'{head}<th scope="row">%s{note}</th>{cells}</tr>'
        return form


def _escaped(texts: list[str]) -> list[str]:
    """Escapes the texts in one go, unless one of them has the very sign that is put between them."""
    if not texts:
        return []
    apart = str(escape(_BETWEEN.join(texts))).split(_BETWEEN)
    return apart if len(apart) == len(texts) else [str(escape(text)) for text in texts]


def _words(look: LookView) -> str:
    words = "<s>%s</s> <small>(barré)</small>" if look.get("struck") else "%s"
    unseen = str(escape(look.get("unseen", ""))).replace("%", "%%")
    return f"{words} <small>({unseen})</small>" if unseen else words


def _attributes(look: LookView) -> str:
    colour = look.get("colour")
    names = " ".join(str(escape(name)) for name in (look.get("kind"), colour and f"ink-{colour}") if name)
    style = f' class="{names}"' if names else ""
    if "across" not in look:
        return style
    return f'{style} colspan="{escape(look["across"])}" rowspan="{escape(look["down"])}"'
