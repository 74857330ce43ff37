"""Finds where a list begins in a file: the sheet, the line of titles, and which column is what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from portfolio.enrolment.lists.columns import FULL_NAME, ListKind, Several, title_key
from portfolio.files.tables.sheet import Record, TableSheet
from portfolio.identifiers import Malformed, name_key

_SOUGHT = 40  # exports write up to ten lines above their titles
_SURE = 3  # so many known titles make a line of titles, whatever else it holds
_MOSTLY = 0.8  # of the names of a column have two words: it holds first names too


@dataclass(frozen=True)
class Layout:
    """Where a list stands. header: its titles. records: the lines below. fields: what each column is, None for one that
    is not used. other_sheets: names of those with as many known titles.
    """

    sheet: TableSheet
    header: Record
    records: list[Record]
    fields: list[str | None]
    other_sheets: list[str]

    def places(self, name: str) -> list[int]:
        """Returns the columns of a field, from 0."""
        return [place for place, field in enumerate(self.fields) if field == name]

    @property
    def unknown(self) -> list[str]:
        """Returns the titles that are not used; an untitled column counts only if one of its cells is filled."""
        titles = []
        for place, name in enumerate(self.fields):
            title = self.header.cells[place].strip() if place < len(self.header.cells) else ""
            if title and not name:
                titles.append(title)
            elif not title and any("".join(record.cells[place : place + 1]).strip() for record in self.records):
                titles.append(f"colonne {place + 1} (sans titre)")
        return titles


def layout_of(sheets: Sequence[TableSheet], kind: ListKind, mapping: Mapping[str, str]) -> Layout:
    """Returns where the list of this kind stands. mapping: {title key: field, "" for a column not to use} as somebody
    said for columns that are not known. Raises Malformed where no line has titles that are known.
    """
    known = kind.titles | dict(mapping)
    sheets_with: list[tuple[int, TableSheet, int]] = []
    for sheet in sheets:
        scores = [_titles_in(record, known) for record in sheet.records[:_SOUGHT]]
        highest = max(scores, default=0)
        if highest:
            sheets_with.append((highest, sheet, scores.index(highest)))
    if not sheets_with:
        raise Malformed(_no_titles(sheets, kind))
    best, sheet, place = max(sheets_with, key=itemgetter(0))
    header, records = sheet.records[place], sheet.records[place + 1 :]
    fields: list[str | None] = [known.get(title_key(title)) or None for title in header.cells]
    fields = _with_first_names(fields, records, kind)
    others = [other.name for score, other, _ in sheets_with if other is not sheet and score == best]
    return Layout(sheet, header, records, fields, others)


def _titles_in(record: Record, known: Mapping[str, str]) -> int:
    """Returns how many fields the titles of a line name; 0 for a line of data where one or two words happen to be
    titles, as « apprenti ».
    """
    fields = {name for title in record.cells if (name := known.get(title_key(title)))}
    return 0 if len(fields) < _SURE and _is_data(record) else len(fields)


def _is_data(record: Record) -> bool:
    return any("@" in cell or re.search(r"[0-9]{4}", cell) for cell in record.cells)


def _with_first_names(fields: list[str | None], records: list[Record], kind: ListKind) -> list[str | None]:
    """Returns the fields, with a column of names as one of full names if it holds first names too and no other does."""
    both = kind.full_name
    if both is None or both.family not in fields or {both.given, FULL_NAME} & set(fields):
        return fields
    place = fields.index(both.family)
    names = [text for record in records if (text := "".join(record.cells[place : place + 1]).strip())]
    if not names or sum(" " in name for name in names) < _MOSTLY * len(names):
        return fields
    return [FULL_NAME if at == place else name for at, name in enumerate(fields)]


def column_faults(layout: Layout, kind: ListKind) -> list[str]:
    """Returns what is wrong, in French, with the columns of a list: two for one thing that do not agree, a required one
    that is missing, no line below the titles.
    """
    written = {title_key(title) for title in layout.header.cells}
    faults = [sentence for title, sentence in kind.foreign.items() if title_key(title) in written]
    for name, count in Counter(filter(None, layout.fields)).items():
        column = kind.columns.get(name)
        if count > 1 and (column is None or column.several == Several.ASKED) and not _agree(layout, name):
            titles = ", ".join(f"« {layout.header.cells[place].strip()} »" for place in layout.places(name))
            called = column.title if column else titles
            faults.append(f"Plusieurs colonnes peuvent être « {called} » : {titles}. Gardez-en une seule.")
    split = kind.full_name
    has = set(layout.fields) | ({split.family, split.given} if split and FULL_NAME in layout.fields else set())
    faults += [
        f"Il manque la colonne « {column.title} » : ajoutez-la, ou corrigez le titre de la colonne qui la contient."
        for name, column in kind.columns.items()
        if column.required and name not in has
    ]
    if not layout.records:
        faults.append(f"Ce fichier ne contient aucun {kind.called} sous la ligne des titres : ajoutez-les.")
    return faults


def _agree(layout: Layout, name: str) -> bool:
    """Returns True if no line has different values in the columns of a field."""
    places = layout.places(name)
    return all(
        len({key for place in places if (key := name_key("".join(record.cells[place : place + 1])))}) < 2
        for record in layout.records
    )


def _no_titles(sheets: Sequence[TableSheet], kind: ListKind) -> str:
    first = next((sheet.records[0] for sheet in sheets if sheet.records), None)
    if first is None:
        return "Ce fichier est vide : vérifiez que vous avez choisi le bon fichier."
    begins = f"contient un {kind.called}" if _is_data(first) else "ne contient aucun titre reconnu"
    titles = " ; ".join(column.title for column in kind.columns.values() if column.required)
    return (
        f"La première ligne {begins} : ajoutez au-dessus une ligne avec les titres des colonnes, par exemple {titles}."
    )
