"""Reads the cells of a workbook or of an export in XML, in its confined process (side of the child).

Standard input is the file, standard output one answer in JSON: {"sheets": [[name, cut, [[line, cells]…]]…]} or
{"refused": reason}, a reason of `REASONS`.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, time, timedelta
from typing import BinaryIO, Final

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from portfolio.files.confinement.give_up import confine
from portfolio.files.tables import markup_tables
from portfolio.files.tables.sheet import MOST_COLUMNS, MOST_LINES, MOST_SHEETS, MOST_SIGNS, Record, TableSheet

REASONS: Final = ("damaged", "locked", "too_large")
_MIDNIGHT = time()


def sheets_of(source: BinaryIO, kind: str) -> list[TableSheet]:
    """Returns the sheets of a file. kind: "workbook", "xml" or "html". Raises what the reader of that kind raises."""
    if kind == "workbook":
        return _workbook(source)
    return (markup_tables.xml_sheets if kind == "xml" else markup_tables.html_sheets)(source.read())


def _workbook(source: BinaryIO) -> list[TableSheet]:
    with CalamineWorkbook.from_filelike(source) as book:
        return [_sheet(book, name) for name in book.sheet_names[:MOST_SHEETS]]


def _sheet(book: CalamineWorkbook, name: str) -> TableSheet:
    sheet = book.get_sheet_by_name(name)
    before = [""] * (sheet.start or (0, 0))[1]
    records: list[Record] = []
    for line, values in enumerate(sheet.iter_rows(), 1):
        if not any(value != "" for value in values):
            continue
        if len(records) == MOST_LINES:
            return TableSheet(name, records, cut=True)
        records.append(Record(line, (before + [_text(value) for value in values])[:MOST_COLUMNS]))
    return TableSheet(name, records)


def _text(value: object) -> str:
    """Returns a value as a French spreadsheet shows it, whole: dates with four digits of the year, numbers with all
    of theirs.
    """
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value).replace(".", ",")
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y}" if value.time() == _MIDNIGHT else f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, timedelta):
        return str(value)
    return str(value)[:MOST_SIGNS]


def main() -> None:
    """Reads what standard input holds and writes the answer. Ends the process."""
    confine(sys.argv[1:4])
    try:
        sheets = sheets_of(sys.stdin.buffer, sys.argv[4])
        answer: dict[str, object] = {
            "sheets": [
                [sheet.name, sheet.cut, [[record.line, record.cells] for record in sheet.records]] for sheet in sheets
            ]
        }
    except PasswordError:
        answer = {"refused": "locked"}
    except MemoryError:
        answer = {"refused": "too_large"}
    except CalamineError as error:
        answer = {"refused": "locked" if "assword" in str(error) else "damaged"}
    except Exception:  # each reader has its own exceptions for a damaged file
        answer = {"refused": "damaged"}
    sys.stdout.buffer.write(json.dumps(answer).encode())
    sys.stdout.buffer.flush()
    sys.exit()


if __name__ == "__main__":
    main()
