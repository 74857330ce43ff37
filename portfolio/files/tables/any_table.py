"""Reads the tables of a file that nobody described: workbook, CSV, XML or HTML, found by its content."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from tempfile import TemporaryFile
from typing import Any

from portfolio.errors import Unavailable
from portfolio.files.confinement import start
from portfolio.files.confinement.bounds import PARSING
from portfolio.files.confinement.start import OutOfTime
from portfolio.files.previews.places import PLACES
from portfolio.files.tables.delimited import read_table
from portfolio.files.tables.sheet import Record, TableFile, TableSheet
from portfolio.files.text_encoding import decode
from portfolio.identifiers import Malformed

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml|(?:\xff\xfe|\xfe\xff)\0?<\0?\?")
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|meta|table|body)\b", re.IGNORECASE)
_WHY = {
    "damaged": "Ce fichier ne se laisse pas lire : il est abîmé, ou ce n'est pas une liste. Ouvrez-le dans votre "
    "tableur, enregistrez-le au format XLSX ou CSV, puis envoyez ce nouveau fichier.",
    "locked": "Ce classeur est protégé par un mot de passe : retirez la protection dans votre tableur, puis envoyez-le "
    "de nouveau.",
    "too_large": "Ce classeur est trop grand pour une liste : une cellule est peut-être remplie très loin des autres. "
    "Copiez les seules lignes de la liste dans un nouveau classeur, puis envoyez-le.",
}


class ListsBusy(Unavailable):
    code = "lists_busy"
    detail = "La lecture de cette liste n'a pas abouti à temps : la machine est très occupée. Réessayez dans {wait}."


def read_tables(data: bytes, is_title: Callable[[str], bool], max_records: int, reader: str) -> TableFile:
    """Returns the sheets of a file, in their order. is_title: whether a cell is a title that the caller expects, by
    which the delimiter of a CSV is chosen. max_records: of a CSV. reader: who waits, under whom the work is counted.
    Raises Malformed, with what to do, where the file is no table; TooManyViews, ListsBusy.
    """
    kind = kind_of(data)
    if kind == "csv":
        table = read_table(data, is_title, max_records)
        sheet = TableSheet("", [table.header, *table.records])
        return TableFile(kind, [sheet], table.encoding, table.delimiter, table.had_bom)
    readable = decode(data).text.encode() if kind == "html" else data
    with PLACES.taken(reader):
        return TableFile(kind, _confined(readable, kind))


def kind_of(data: bytes) -> str:
    """Returns "workbook", "xml", "html", or "csv" for all that is none of them."""
    if data.startswith(_WORKBOOKS):
        return "workbook"
    if _XML.match(data):
        return "xml"
    return "html" if _HTML.match(data) else "csv"


def _confined(data: bytes, kind: str) -> list[TableSheet]:
    """Returns the sheets that the confined process read. Raises Malformed, ListsBusy."""
    command = start.module("portfolio.files.tables.confined_reader", PARSING, kind)
    with TemporaryFile() as source:
        source.write(data)
        source.flush()
        try:
            output = start.run(command, source, PARSING).output
        except OutOfTime:
            raise ListsBusy(retry_after=30) from None
    try:
        answer: dict[str, Any] = json.loads(output)
    except ValueError:  # ended by a bound, or crashed
        raise Malformed(_WHY["too_large"]) from None
    if "refused" in answer:
        raise Malformed(_WHY.get(answer["refused"], _WHY["damaged"]))
    return [
        TableSheet(str(name), [Record(int(line), [str(cell) for cell in cells]) for line, cells in records], bool(cut))
        for name, cut, records in answer["sheets"]
    ]
