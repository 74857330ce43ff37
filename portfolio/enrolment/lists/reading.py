"""Reads a list of any kind from any file: what each line says, what is to be corrected or asked. Writes nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from portfolio.counting import many
from portfolio.enrolment.lists.columns import (
    FULL_NAME,
    LEFT_ON,
    STATE,
    Column,
    ListKind,
    Several,
    Value,
    title_key,
)
from portfolio.enrolment.lists.day_cells import day_of
from portfolio.enrolment.lists.full_names import split_full_name
from portfolio.enrolment.lists.header import Layout, column_faults, layout_of
from portfolio.files.tables.any_table import read_tables
from portfolio.files.tables.sheet import Record, TableFile, cell_name
from portfolio.identifiers import Malformed, name_key

MAX_BYTES = 2_000_000
MAX_ROWS = 500
UNLIKELY_DATES = "unlikely_dates"  # and this one: days that are probably slips of the hand
SPLIT_NAMES = "split_names"  # question of every kind of list: where a full name was cut

_QUOTED = re.compile(r"'(.*)'|=\"(.*)\"|'([0-9].*)")
_NOTHING = re.compile(r"[-–—_]*|#N/A|#N/D|\(vide\)|n\.?c\.?", re.IGNORECASE)
_NO_DATA = re.compile(
    r"(?:sous[ -]?total|total|effectif|nombre d|legende|edite le|imprime le|genere le|export du|page [0-9]|nb )"
)
_LEFT = re.compile(r"demission|annul|abandon|radi|parti|sorti|desist")


@dataclass(frozen=True)
class ListRow:
    """A line of a list. line: its number, as a spreadsheet counts, or the rank of an element of XML.

    values: field -> as the column reads it; a refused value is kept as written. places: field -> « C7 ». errors: field
    -> sentences; "row" for the line as a whole. proposals: field -> what was perhaps meant. asked: code of a question
    -> how the line was read, « 24/12/06 → 24/12/2006 ».
    """

    line: int
    values: dict[str, Value]
    places: dict[str, str] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    proposals: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class UnreadLine:
    """A line, or a sheet (line 0), that is not read. text: how it begins. why: in French."""

    line: int
    text: str
    why: str


@dataclass(frozen=True)
class ReadList:
    """A file as read. file_kind: as `TableFile` says. columns: field -> titles as written. There are no rows if the
    whole file is refused.
    """

    file_kind: str | None = None
    sheet: str = ""
    encoding: str | None = None
    delimiter: str | None = None
    had_bom: bool = False
    columns: dict[str, str] = field(default_factory=dict)
    unknown_columns: list[str] = field(default_factory=list)
    rows: list[ListRow] = field(default_factory=list)
    left_out: list[UnreadLine] = field(default_factory=list)
    file_errors: list[str] = field(default_factory=list)


def read_list(
    data: bytes,
    kind: ListKind,
    today: date,
    reader: str,
    mapping: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
) -> ReadList:
    """Returns the rows of a list, with their errors, warnings and what is asked, or `file_errors` that say what to do.
    today: whoever left by then is left out. reader: who waits. mapping: {title key: field} that somebody said.
    defaults: what a field is where a line does not say. Raises TooManyViews, ListsBusy for no fault of the file.
    """
    known = kind.titles | dict(mapping or {})
    if len(data) > MAX_BYTES:
        return ReadList(file_errors=["Ce fichier dépasse 2 Mo : une liste est bien plus petite. Vérifiez-le."])
    try:
        file = read_tables(data, lambda cell: bool(known.get(title_key(cell))), MAX_ROWS + 50, reader)
    except Malformed as refusal:
        return ReadList(file_errors=[refusal.message])
    return read_tables_as(file, kind, today, mapping, defaults)


def read_tables_as(
    file: TableFile,
    kind: ListKind,
    today: date,
    mapping: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
) -> ReadList:
    """Returns the list of this kind that the sheets of a file hold, as `read_list` does."""
    try:
        layout = layout_of(file.sheets, kind, mapping or {})
    except Malformed as refusal:
        return ReadList(file_errors=[refusal.message])
    read = ReadList(
        file_kind=file.kind,
        sheet=layout.sheet.name,
        encoding=file.encoding,
        delimiter=file.delimiter,
        had_bom=file.had_bom,
        columns=_titles_by_field(layout),
        unknown_columns=layout.unknown,
        file_errors=column_faults(layout, kind),
    )
    return read if read.file_errors else _with_rows(read, file, layout, kind, today, defaults or {})


def _titles_by_field(layout: Layout) -> dict[str, str]:
    titles: dict[str, list[str]] = {}
    for name, title in zip(layout.fields, layout.header.cells, strict=True):
        if name and title.strip() not in titles.setdefault(name, []):
            titles[name].append(title.strip())
    return {name: ", ".join(several) for name, several in titles.items()}


def _with_rows(
    read: ReadList, file: TableFile, layout: Layout, kind: ListKind, today: date, defaults: Mapping[str, str]
) -> ReadList:
    same = "Cette feuille a les mêmes colonnes, mais n'est pas lue : envoyez-la à part."
    left_out = [UnreadLine(0, f"Feuille « {name} »", same) for name in layout.other_sheets]
    rows: list[ListRow] = []
    for record in layout.records:
        cells = _without_groups(layout.header.cells, [cleaned(cell) for cell in record.cells])
        if [title_key(cell) for cell in cells] == [title_key(title) for title in layout.header.cells[: len(cells)]]:
            continue  # the titles again, at the top of a page
        texts = _texts(cells, layout, kind)
        if why := _why_left_out(cells, texts, kind, today):
            left_out.append(UnreadLine(record.line, " ; ".join(filter(None, cells))[:80], why))
            continue
        rows.append(_row(record, texts, layout, kind, defaults, strict=file.kind == "csv"))
    if layout.sheet.cut or len(rows) > MAX_ROWS:
        too_many = (
            f"Ce fichier a plus de {MAX_ROWS} lignes : partagez-le en plusieurs, en répétant la ligne des titres."
        )
        return replace(read, file_errors=[too_many])
    if not rows:
        empty = f"Ce fichier ne contient aucun {kind.called} sous la ligne des titres : ajoutez-les."
        return replace(read, left_out=left_out, file_errors=[empty])
    return replace(read, rows=rows, left_out=left_out)


def cleaned(cell: str) -> str:
    """Returns what a cell says: « 'TMA' » is TMA, « ="0270" » is 0270, « - » is nothing; outer and double spaces go."""
    text = " ".join(cell.replace("\ufeff", "").split())
    if quoted := _QUOTED.fullmatch(text):
        text = next(part for part in quoted.groups() if part is not None).strip()
    return "" if _NOTHING.fullmatch(text) else text


def _without_groups(titles: Sequence[str], cells: list[str]) -> list[str]:
    """Returns the cells without the groups that SIECLE writes beside divisions: « Code Structure », then « G » under
    « Type Structure », then « Lib. Structure ».
    """
    kept = list(cells)
    for place, title in enumerate(titles[: len(cells)]):
        if title_key(title) == "typestructure" and cells[place].upper() == "G":
            for near in (place - 1, place, place + 1):
                if 0 <= near < len(kept) and near < len(titles) and title_key(titles[near]).endswith("structure"):
                    kept[near] = ""
    return kept


def _texts(cells: list[str], layout: Layout, kind: ListKind) -> dict[str, tuple[str, int]]:
    """Returns {field: (text, column from 0)} of what a line says, fields without anything left out."""
    texts: dict[str, tuple[str, int]] = {}
    for place, name in enumerate(layout.fields[: len(cells)]):
        if not name or not cells[place]:
            continue
        before, first = texts.get(name, ("", place))
        if not before:
            texts[name] = (cells[place], first)
        elif name in kind.columns and kind.columns[name].several == Several.JOINED:
            texts[name] = (_joined(before, cells[place]), first)
    return texts


def _joined(before: str, text: str) -> str:
    """Returns both texts, or the longer one where it begins with the other: « Prénom » and « Prénoms »."""
    return text if f"{name_key(text)} ".startswith(f"{name_key(before)} ") else f"{before} {text}"


def _why_left_out(cells: list[str], texts: Mapping[str, tuple[str, int]], kind: ListKind, today: date) -> str | None:
    """Returns why a line is of nobody who is here, in French; None for a line to read."""
    filled = [cell for cell in cells if cell]
    telling = {*kind.telling, FULL_NAME} & texts.keys()
    if not telling or _NO_DATA.match(name_key(filled[0])) and len(filled) < 4:
        return f"Cette ligne ne dit rien d'un {kind.called} : légende, total ou titre."
    if len(filled) == 1 and len(cells) > 2 and re.search(r"[:=*]", filled[0]):
        return f"Cette ligne ne dit rien d'un {kind.called} : légende, total ou titre."
    if LEFT_ON in texts:
        try:
            left = day_of(texts[LEFT_ON][0], turn=99)
        except Malformed:
            left = ""
        if left and left <= today.isoformat():
            return f"Sortie le {_french(left)} : cette personne n'est plus là."
    if STATE in texts and _LEFT.search(name_key(texts[STATE][0])):
        return f"État « {texts[STATE][0]} » : cette personne n'est plus là."
    return None


def _row(
    record: Record,
    texts: dict[str, tuple[str, int]],
    layout: Layout,
    kind: ListKind,
    defaults: Mapping[str, str],
    *,
    strict: bool,
) -> ListRow:
    row = ListRow(record.line, values={})
    if kind.full_name and FULL_NAME in texts:
        _split(row, texts, kind)
    for name, column in kind.columns.items():
        place = next(iter(layout.places(name)), None)
        text, place = texts.get(name, ("", place))
        if place is not None:
            row.places[name] = cell_name(record.line, place)
        read_cell(row, name, column, text or defaults.get(name, ""))
    if strict and any(cell.strip() for cell in record.cells[len(layout.fields) :]):
        count, titles = many(len(record.cells), "cellule"), many(len(layout.fields), "titre")
        row.errors["row"] = [f"Cette ligne a {count} pour {titles} : un séparateur est en trop."]
    return row


def _split(row: ListRow, texts: dict[str, tuple[str, int]], kind: ListKind) -> None:
    """Puts the two parts of a full name in `texts`, and what is asked about them in `row`."""
    both = kind.full_name
    written, place = texts[FULL_NAME]
    if both is None or both.family in texts:
        return
    split = split_full_name(written)
    texts[both.family] = (split.family, place)
    if split.given:
        texts.setdefault(both.given, (split.given, place))
    row.asked[SPLIT_NAMES] = f"{written} → {split.family} | {split.given}"
    if not split.sure:
        row.warnings.append(f"Rien ne dit où finit le nom dans « {written} » : vérifiez le partage.")


def read_cell(row: ListRow, name: str, column: Column, cell: str) -> None:
    """Puts in `row` what a cell says in this column: its value, or what is wrong with it and what was perhaps meant."""
    if not cell:
        if column.empty is not None:
            row.values[name] = column.empty
        elif column.required:
            row.errors[name] = [f"« {column.title} » est obligatoire : remplissez cette cellule."]
        return
    row.values[name] = cell
    try:
        row.values[name] = value = column.read(cell)
    except Malformed as refusal:
        row.errors[name] = [refusal.message]
        if column.proposes and (proposal := column.proposes(cell)):
            row.proposals[name] = proposal
        return
    if column.doubt and (doubt := column.doubt(cell)):
        row.warnings.append(doubt)
    if column.asks and (code := column.asks(cell)):
        row.asked[code] = f"{cell} → {_french(str(value))}"


def type_cells(row: ListRow, columns: Mapping[str, Column], typed: Mapping[str, str]) -> None:
    """Puts what somebody typed in the place of the cells of these columns; others are left alone."""
    for name, cell in typed.items():
        if name in columns:
            for known in (row.values, row.errors, row.proposals):
                known.pop(name, None)
            read_cell(row, name, columns[name], cleaned(cell))


def _french(value: str) -> str:
    """Returns an ISO day as JJ/MM/AAAA, anything else as it is."""
    return f"{value[8:]}/{value[5:7]}/{value[:4]}" if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) else value
