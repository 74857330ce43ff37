"""Writes « Données »: each value of a sheet by its path, to compare with, and cells that hold text alone."""

from __future__ import annotations

from collections.abc import Iterator

from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from portfolio.papers.xlsx_writer import put
from portfolio.sheet.content import SheetContent

MOST_CHARACTERS = 32_000  # Excel stops at 32,767 in a cell


def write_data(sheet: Worksheet, content: SheetContent) -> None:
    sheet.append(["Chemin", "Valeur", "Type"])
    for letter, width in (("A", 40), ("B", 110), ("C", 14)):
        sheet.column_dimensions[letter].width = width
        sheet[f"{letter}1"].font = Font(name="Arial", size=10, bold=True)
    sheet.freeze_panes = "A2"
    for row, words in enumerate(_leaves("", content), 2):
        for column, text in enumerate(words, 1):
            cell = put(sheet.cell(row, column), text)
            cell.alignment = Alignment(vertical="top", wrap_text=True)


def _leaves(path: str, value: object) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, dict) and value:
        for key in sorted(value):
            yield from _leaves(f"{path}/{key}", value[key])
    elif isinstance(value, list) and value:
        for number, item in enumerate(value):
            yield from _leaves(f"{path}/{number}", item)
    elif isinstance(value, str):
        for start in range(0, len(value) or 1, MOST_CHARACTERS):
            yield path, value[start : start + MOST_CHARACTERS], "texte"
    else:
        yield path, *_plain(value)


def _plain(value: object) -> tuple[str, str]:
    if value is None:
        return "", "néant"
    if isinstance(value, bool):
        return ("vrai" if value else "faux"), "booléen"
    if isinstance(value, int):
        return str(value), "entier"
    return "", "liste vide" if value == [] else "objet vide"
