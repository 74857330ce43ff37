"""Writes lists for spreadsheets: CSV in the French dialect, in which no value becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def listed(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Returns CSV in UTF-8 with a byte order mark, `;`, CRLF, every field quoted and made `inert`, the header first. A
    spreadsheet set to read quoted fields as text then keeps the zeros of a candidate number.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    for row in rows:
        writer.writerow([inert(value) for value in row])
    return text.getvalue().encode("utf-8-sig")


def inert(value: str) -> str:
    """Returns the value on one line that is not a formula, after an apostrophe if need be: spreadsheets run =, +, - and
    @ (also full width) even when quoted.
    """
    line = " ".join(value.split())
    return f"'{line}" if line.startswith(FORMULA_STARTS) else line
