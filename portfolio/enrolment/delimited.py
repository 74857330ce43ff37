"""Reads text and tables from files without a description: finds their encoding, delimiter, records and lines.

Spreadsheets write `;` or `,`, UTF-8 or the encoding of the machine, and declare neither. All refusals are `Malformed`.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from charset_normalizer import from_bytes

from portfolio.identifiers import Malformed

DELIMITERS = (";", ",", "\t", "|")
MAX_COLUMNS = 100
# Some software writes a heading or two above the titles.
_HEADER_SOUGHT = 5

_WORKBOOK_SIGNATURES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Windows-1252 first: it holds all of Latin-1.
_SINGLE_BYTE = {"cp1252": "windows-1252", "iso8859_15": "iso-8859-15", "mac_roman": "mac-roman"}
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f]")
# What a list of people never holds, and what one encoding makes of the letters of another.
_GARBLED = re.compile(r"[\x80-\x9f¡¢£¤¥¦¨¬¯±´¶¸¼½¾ƒ†‡ˆ‰•˜™]|(?<=[a-z])[À-ÞŒŠŽŸ]")
_SEPARATOR_LINE = re.compile(r"sep=(.)(?:\r\n|\r|\n)", re.IGNORECASE)

_SAVE_AS_CSV = (
    "ouvrez-le dans votre tableur, puis enregistrez-le au format « CSV UTF-8 » et envoyez ce nouveau fichier."
)


class Text(NamedTuple):
    """The text of a file. had_bom: whether a byte order mark came before it."""

    text: str
    encoding: str
    had_bom: bool


@dataclass(frozen=True)
class Record:
    """line: where the record begins, as a text editor counts lines (a quoted cell may hold several)."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
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


def read_table(data: bytes, is_title: Callable[[str], bool], max_records: int) -> Table:
    """Reads the table. Raises Malformed.

    is_title: whether a cell is a column title that the caller expects. max_records: header not counted.
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
    if len(header.cells) > MAX_COLUMNS:
        raise Malformed(f"Ce fichier a plus de {MAX_COLUMNS} colonnes : ne gardez que celles qui servent.")
    if len(records) > max_records:
        raise Malformed(
            f"Ce fichier a plus de {max_records} lignes : partagez-le en plusieurs fichiers, "
            "en répétant la ligne des titres."
        )
    return Table(encoding, had_bom, reading.delimiter, header, records)


def decode(data: bytes) -> Text:
    """Returns the text of a file, in whatever encoding a spreadsheet wrote it. Raises Malformed."""
    if data.startswith(_WORKBOOK_SIGNATURES):
        raise Malformed(
            "Ce fichier est un classeur (Excel ou LibreOffice), même si son nom se termine par .csv : " + _SAVE_AS_CSV
        )
    try:
        text, encoding, had_bom = _decode_unicode(data) or _decode_single_byte(data)
    except UnicodeDecodeError:
        text = "\0"
    if _NOT_TEXT.search(text):
        raise Malformed(f"Ce fichier n'est pas un fichier texte, ou il est abîmé : {_SAVE_AS_CSV}")
    return Text(text, encoding, had_bom)


def _decode_unicode(data: bytes) -> Text | None:
    """Decodes UTF-8 and UTF-16; None for another encoding."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return Text(data[len(bom) :].decode(encoding), encoding, True)
    if b"\0" in data:  # every second byte of Latin letters in UTF-16
        encoding = "utf-16-le" if data[1::2].count(0) > data[::2].count(0) else "utf-16-be"
        return Text(data.decode(encoding), encoding, False)
    try:
        return Text(data.decode("utf-8"), "utf-8", False)
    except UnicodeDecodeError:
        return None


def _decode_single_byte(data: bytes) -> Text:
    """Decodes with the first encoding that gives only letters found in names; if none does, with a statistical guess.

    Raises Malformed.
    """
    for encoding in _SINGLE_BYTE:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _GARBLED.search(text):
            return Text(text, _SINGLE_BYTE[encoding], False)
    guess = from_bytes(data, cp_isolation=list(_SINGLE_BYTE)).best()
    if guess is None:
        raise Malformed(f"L'encodage de ce fichier n'a pas été reconnu (accents illisibles) : {_SAVE_AS_CSV}")
    return Text(data.decode(guess.encoding), _SINGLE_BYTE.get(guess.encoding, guess.encoding), False)


def _best_reading(text: str, is_title: Callable[[str], bool], max_records: int) -> _Reading:
    """Returns the reading with the most expected titles, then several columns, then the most equally wide records."""
    declared = _SEPARATOR_LINE.match(text)
    delimiters = (declared[1],) if declared and declared[1] in DELIMITERS else DELIMITERS

    def score(reading: _Reading) -> tuple[int, bool, float]:
        titles = (sum(map(is_title, record.cells[:MAX_COLUMNS])) for record in reading.records[:_HEADER_SOUGHT])
        widths = Counter(len(record.cells) for record in reading.records)
        width, count = widths.most_common(1)[0] if widths else (0, 0)
        return max(titles, default=0), width > 1, count / max(1, len(reading.records))

    skipped = 1 if declared else 0
    return max((_read(text, delimiter, skipped, max_records) for delimiter in delimiters), key=score)


def _read(text: str, delimiter: str, skipped: int, max_records: int) -> _Reading:
    """Reads the records under one delimiter; stops one past `max_records`, enough to know that a file is too long."""
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
