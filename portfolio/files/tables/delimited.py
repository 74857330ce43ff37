"""Reads tables from files without a description: finds their delimiter, records and lines.

Spreadsheets write `;` or `,`, and do not declare it. All refusals are `Malformed`.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from portfolio.files.tables.sheet import MOST_COLUMNS, Record
from portfolio.files.text_encoding import decode
from portfolio.identifiers import Malformed

DELIMITERS = (";", ",", "\t", "|")
_HEADER_SOUGHT = 30  # exports write a preamble above the titles

_SEPARATOR_LINE = re.compile(r"sep=(.)(?:\r\n|\r|\n)", re.IGNORECASE)


@dataclass(frozen=True)
class DelimitedTable:
    """records: without the header and without blank lines."""

    encoding: str
    had_bom: bool
    delimiter: str
    header: Record
    records: list[Record]


@dataclass(frozen=True)
class _Reading:
    """The file under one delimiter. broken_at: the line of the record whose quotes make no sense, if any."""

    delimiter: str
    records: list[Record]
    broken_at: int | None


def read_table(data: bytes, is_title: Callable[[str], bool], max_records: int) -> DelimitedTable:
    """Returns the table of a CSV file: its form, its header, its non-empty records. is_title: whether a cell is a
    column title that the caller expects. max_records: header not counted. Raises Malformed, with what to do, where the
    bytes are no such table.
    """
    text, encoding, had_bom = decode(data)
    if not any(map(str.isalnum, text)):
        raise Malformed("Ce fichier est vide : vérifiez que vous avez choisi le bon fichier.")
    reading = _best_reading(text, is_title, max_records)
    if reading.broken_at is not None:
        raise Malformed(
            f"Ligne {reading.broken_at} : un guillemet est mal placé ou n'est pas refermé. "
            "Corrigez cette ligne, puis renvoyez le fichier."
        )
    if not reading.records:  # a line sep=; and nothing else
        raise Malformed("Ce fichier ne contient aucun titre de colonne : vérifiez que vous avez choisi le bon fichier.")
    header, *records = reading.records
    if all(len(record.cells) == 1 for record in reading.records):
        raise Malformed(_why_one_column(header.cells[0], is_title))
    if len(header.cells) > MOST_COLUMNS:
        raise Malformed(f"Ce fichier a plus de {MOST_COLUMNS} colonnes : ne gardez que celles qui servent.")
    if len(records) > max_records:
        raise Malformed(
            f"Ce fichier a plus de {max_records} lignes : partagez-le en plusieurs fichiers, "
            "en répétant la ligne des titres."
        )
    return DelimitedTable(encoding, had_bom, reading.delimiter, header, records)


def _best_reading(text: str, is_title: Callable[[str], bool], max_records: int) -> _Reading:
    """Returns the reading, among delimiters, with the most expected titles, then several columns, then the most equally
    wide records. A first line « sep=; » chooses the delimiter. max_records: read at most so many.
    """
    declared = _SEPARATOR_LINE.match(text)
    delimiters = (declared[1],) if declared and declared[1] in DELIMITERS else DELIMITERS

    def score(reading: _Reading) -> tuple[int, bool, float]:
        titles = (sum(map(is_title, record.cells[:MOST_COLUMNS])) for record in reading.records[:_HEADER_SOUGHT])
        widths = Counter(len(record.cells) for record in reading.records)
        width, count = widths.most_common(1)[0] if widths else (0, 0)
        return max(titles, default=0), width > 1, count / max(1, len(reading.records))

    skipped = 1 if declared else 0
    return max((_read(text, delimiter, skipped, max_records) for delimiter in delimiters), key=score)


def _read(text: str, delimiter: str, skipped: int, max_records: int) -> _Reading:
    """Returns the records read under one delimiter, and the line of a misplaced quote or None. skipped: lines left out
    at the start. Stops one past `max_records`, enough to know that a file is too long.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[Record] = []
    line = 1
    try:
        for cells in reader:
            if line > skipped and any(map(str.strip, cells)):
                records.append(Record(line, cells))
            if len(records) > max_records + 1:
                break
            line = reader.line_num + 1
    except csv.Error:
        return _Reading(delimiter, records, line)
    return _Reading(delimiter, records, None)


def _why_one_column(title: str, is_title: Callable[[str], bool]) -> str:
    if any(is_title(part) for delimiter in DELIMITERS for part in title.split(delimiter)[1:]):
        return (
            "Chaque ligne de ce fichier est entourée de guillemets, si bien qu'il n'a qu'une seule colonne. "
            "Exportez-le de nouveau depuis le logiciel d'origine, sans l'ouvrir dans un tableur entre-temps."
        )
    return (
        "Ce fichier n'a qu'une seule colonne, ou son séparateur n'est pas reconnu : enregistrez-le au format CSV "
        "avec le point-virgule comme séparateur."
    )
