"""Reads an enrolment file (CSV): what each line would enrol and what must be corrected. Writes nothing."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from portfolio.counting import many
from portfolio.enrolment.rosters.delimited import DelimitedTable, Record, read_table
from portfolio.enrolment.rosters.roster_columns import (
    COLUMNS,
    FIELD_OF_TITLE,
    SHORT_TITLES,
    Column,
    Value,
    is_title,
    title_key,
)
from portfolio.identifiers import Malformed, name_key

MAX_BYTES = 1_000_000
MAX_ROWS = 500


@dataclass(frozen=True)
class RosterRow:
    """A line of the file. line: its number, as a text editor counts.

    values: field -> normalised text (`birth_date` an ISO day, `status` a CandidateStatus), `distance` a boolean;
    a refused value is kept as written. errors: field -> sentences; "row" for the line as a whole.
    """

    line: int
    values: dict[str, Value]
    errors: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Roster:
    """The file as read. columns: field -> title as written. There are no rows if the whole file is refused."""

    encoding: str | None = None
    delimiter: str | None = None
    had_bom: bool = False
    columns: dict[str, str] = field(default_factory=dict)
    unknown_columns: list[str] = field(default_factory=list)
    rows: list[RosterRow] = field(default_factory=list)
    file_errors: list[str] = field(default_factory=list)


def read_roster(data: bytes) -> Roster:
    """Returns the rows of a list, with their errors and warnings, or `file_errors` in French that say what to do.
    Raises nothing, for any bytes.
    """
    if len(data) > MAX_BYTES:
        return Roster(
            file_errors=["Ce fichier dépasse 1 Mo : une liste de candidats est bien plus petite. Vérifiez-le."]
        )
    try:
        table = read_table(data, is_title, MAX_ROWS)
    except Malformed as refusal:
        return Roster(file_errors=[refusal.message])
    fields = [FIELD_OF_TITLE.get(title_key(title)) for title in table.header.cells]
    file_errors = _file_errors(table, fields)
    rows = [] if file_errors else [_row(record, fields) for record in table.records]
    _mark_duplicates(rows)
    _warn_of_homonyms(rows)
    _warn_of_lost_zeros(rows)
    return Roster(
        encoding=table.encoding,
        delimiter=table.delimiter,
        had_bom=table.had_bom,
        columns={name: title.strip() for name, title in zip(fields, table.header.cells, strict=True) if name},
        unknown_columns=_unknown_columns(table, fields),
        rows=rows,
        file_errors=file_errors,
    )


# --- the file -------------------------------------------------------------------------------------


def _file_errors(table: DelimitedTable, fields: Sequence[str | None]) -> list[str]:
    if not any(fields):
        return [_no_titles(table)]
    errors = [
        f"Plusieurs colonnes peuvent être « {COLUMNS[name].title} » : "
        + ", ".join(
            f"« {title.strip()} »" for field, title in zip(fields, table.header.cells, strict=True) if field == name
        )
        + ". Gardez-en une seule."
        for name, count in Counter(filter(None, fields)).items()
        if count > 1
    ]
    errors += [
        f"Il manque la colonne « {column.title} » : ajoutez-la, ou corrigez le titre de la colonne qui la contient."
        for name, column in COLUMNS.items()
        if column.required and name not in fields
    ]
    if not table.records:
        errors.append("Ce fichier ne contient aucun candidat sous la ligne des titres : ajoutez-les.")
    return errors


def _no_titles(table: DelimitedTable) -> str:
    later = next((record.line for record in table.records if sum(map(is_title, record.cells)) > 1), None)
    if later is not None:
        return f"Les titres des colonnes sont à la ligne {later} : supprimez les lignes placées au-dessus."
    first = "contient un candidat" if _looks_like_data(table.header) else "ne contient aucun titre reconnu"
    titles = " ; ".join(column.title for column in COLUMNS.values() if column.required)
    return (
        f"La première ligne {first} : ajoutez au-dessus une ligne avec les titres des colonnes, par exemple {titles}."
    )


def _looks_like_data(record: Record) -> bool:
    return any("@" in cell or re.search(r"[0-9]{4}", cell) for cell in record.cells)


def _unknown_columns(table: DelimitedTable, fields: Sequence[str | None]) -> list[str]:
    """Returns the titles not recognised; an untitled column counts only if one of its cells is filled."""
    unknown = []
    for place, (title, name) in enumerate(zip(table.header.cells, fields, strict=True)):
        if title.strip() and not name:
            unknown.append(title.strip())
        elif not title.strip() and any("".join(record.cells[place : place + 1]).strip() for record in table.records):
            unknown.append(f"colonne {place + 1} (sans titre)")
    return unknown


# --- a line ---------------------------------------------------------------------------------------


def _row(record: Record, fields: Sequence[str | None]) -> RosterRow:
    row = RosterRow(record.line, values={"distance": False})
    cells = {name: cell.strip() for name, cell in zip(fields, record.cells, strict=False) if name}
    for name, column in COLUMNS.items():
        _read_cell(row, name, column, cells.get(name, ""))
    if any(cell.strip() for cell in record.cells[len(fields) :]):
        count, titles = many(len(record.cells), "cellule"), many(len(fields), "titre")
        row.errors["row"] = [f"Cette ligne a {count} pour {titles} : un séparateur est en trop."]
    return row


def _read_cell(row: RosterRow, name: str, column: Column, cell: str) -> None:
    if not cell:
        if column.required:
            row.errors[name] = [f"« {column.title} » est obligatoire : remplissez cette cellule."]
        return
    row.values[name] = cell
    try:
        row.values[name] = column.read(cell)
    except Malformed as refusal:
        row.errors[name] = [refusal.message]
        return
    doubt = column.doubt(cell) if column.doubt else None
    if doubt:
        row.warnings.append(doubt)


# --- between lines --------------------------------------------------------------------------------


def names_key(row: RosterRow) -> str:
    return name_key(f"{row.values.get('birth_name', '')} {row.values.get('given_names', '')}")


def _shared(keyed_rows: Iterable[tuple[Value | None, RosterRow]]) -> list[tuple[list[RosterRow], str]]:
    """Returns the groups of several rows under one key, each with its line numbers in words."""
    groups: dict[Value, list[RosterRow]] = defaultdict(list)
    for key, row in keyed_rows:
        if key:
            groups[key].append(row)
    return [(group, _enumerate(row.line for row in group)) for group in groups.values() if len(group) > 1]


def _enumerate(lines: Iterable[int]) -> str:
    *first, last = map(str, lines)
    return f"{', '.join(first)} et {last}"


def _mark_duplicates(rows: list[RosterRow]) -> None:
    for name in ("candidate_number", "email", "ine"):
        for group, lines in _shared((row.values.get(name), row) for row in rows):
            sentence = f"Les lignes {lines} ont le même {SHORT_TITLES[name]} : corrigez-les ou n'en gardez qu'une."
            for row in group:
                row.errors.setdefault(name, []).append(sentence)


def _warn_of_homonyms(rows: list[RosterRow]) -> None:
    for group, lines in _shared((names_key(row), row) for row in rows):
        for row in group:
            row.warnings.append(f"Les lignes {lines} ont les mêmes nom et prénoms : vérifiez qu'il s'agit d'homonymes.")


def _warn_of_lost_zeros(rows: list[RosterRow]) -> None:
    """Warns of shorter candidate numbers: a spreadsheet drops the leading zeros of what it takes for a number."""
    lengths = Counter(len(str(row.values["candidate_number"])) for row in rows if "candidate_number" in row.values)
    usual = lengths.most_common(1)[0][0] if lengths else 0
    for row in rows:
        if 0 < len(str(row.values.get("candidate_number", ""))) < usual:
            row.warnings.append(
                "Ce numéro de candidat est plus court que les autres : le tableur a peut-être perdu un zéro de tête."
            )
