"""Reads the words of a picture by tesseract, in French, so that they can be read aloud and searched."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, NamedTuple

from portfolio.files.confinement import bubblewrap, start
from portfolio.files.confinement.bounds import DRAWING
from portfolio.files.previews.preview_spec import MOST_SIGNS
from portfolio.files.previews.sandbox import CannotShow

_PROGRAM = Path("/usr/bin/tesseract")
_LEAST_SURE = 50.0  # of 100, by tesseract's own measure, on average over a line
_COLUMNS = 12  # of its table: level, page, block, paragraph, line, word, left, top, width, height, sureness, word


class _Word(NamedTuple):
    """place: block, paragraph, line. sureness: 0 to 100."""

    place: tuple[str, ...]
    sureness: float
    text: str


@cache
def available() -> bool:
    """Returns whether French can be read here; looked up once per process."""
    french = any(Path("/usr/share/tesseract-ocr").glob("*/tessdata/fra.traineddata"))
    return _PROGRAM.exists() and french and bubblewrap.usable()


def read_words(picture: BinaryIO) -> str:
    """Returns the words of a picture by lines, with an empty line between paragraphs; empty where it finds none that it
    is sure of. picture: a real file, PNG. Raises CannotShow, OutOfTime.
    """
    script = bubblewrap.quoted(str(_PROGRAM), "stdin", "stdout", "-l", "fra", "tsv")
    ended = start.run(bubblewrap.wrapped(script, DRAWING), picture, DRAWING)
    if ended.status != 0:
        raise CannotShow("too_large")
    return sure_words(ended.output.decode(errors="replace"))


def sure_words(table: str) -> str:
    """Returns the words of the lines of which tesseract is sure, MOST_SIGNS characters at most; "" where fewer than
    three letters, or more signs than letters, are left. table: its TSV.
    """
    lines: list[str] = []
    last: tuple[str, ...] | None = None
    for place, line in groupby(_words(table), key=lambda word: word.place):
        words = list(line)
        if sum(word.sureness for word in words) < _LEAST_SURE * len(words):
            continue
        if last is not None and place[:2] != last[:2]:
            lines.append("")
        lines.append(" ".join(word.text for word in words))
        last = place
    text = "\n".join(lines)
    letters = sum(sign.isalnum() for sign in text)
    return text[:MOST_SIGNS] if letters >= 3 and 2 * letters >= len(text.replace(" ", "")) else ""


def _words(table: str) -> Iterator[_Word]:
    for row in table.splitlines()[1:]:
        fields = row.split("\t", _COLUMNS - 1)
        if len(fields) == _COLUMNS and fields[-1].strip():
            yield _Word(tuple(fields[2:5]), float(fields[10]), fields[-1].strip())
