"""Makes the cleaned copy of a file: a line of JSON with how much of what was taken out, then the copy."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import BinaryIO, Final

from portfolio.files.cleaning.outcome import CannotClean, Cleaned
from portfolio.files.cleaning.packages import clean_word
from portfolio.files.cleaning.pictures import clean_jpeg, clean_png
from portfolio.files.cleaning.workbooks import clean_workbook
from portfolio.files.previews.sandbox import CannotShow, run

CLEANERS: Final[dict[str, Callable[[bytes], Cleaned]]] = {
    "jpeg": clean_jpeg,
    "png": clean_png,
    "docx": clean_word,
    "xlsx": clean_workbook,
}


def show(source: BinaryIO, kind: str, _what: str) -> bytes:
    try:
        cleaned = CLEANERS[kind](source.read())
    except CannotClean:
        raise CannotShow("damaged") from None
    removed = {code: count for code, count in cleaned.removed.items() if count}
    return json.dumps(removed).encode() + b"\n" + (cleaned.data if removed else b"")


if __name__ == "__main__":
    run(show)
