"""Facts of plain texts, Markdown, CSV, JSON, calendars and diagrams of draw.io."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import BinaryIO, Final

from icalendar import Calendar

from portfolio.files.facts.gathered import Gathering
from portfolio.files.previews.renderers.texts import decoded
from portfolio.files.previews.renderers.workbooks.grid import place_name

LARGEST = 32 << 20
_SEPARATORS: Final = {"\t": "tabulation", ";": "point-virgule", "|": "barre verticale", ",": "virgule"}
_MARKDOWN: Final = (
    (re.compile(r"^#{1,6} ", re.MULTILINE), "heading"),
    (re.compile(r"^\s*(?:[-*+]|\d+\.) ", re.MULTILINE), "list"),
    (re.compile(r"!\[[^\]\n]*\]\("), "picture"),
    (re.compile(r"(?<!!)\[[^\]\n]+\]\("), "link"),
    (re.compile(r"^\|?\s*:?-{3,}:?\s*\|", re.MULTILINE), "table"),
)
_DIAGRAM: Final = (
    (re.compile(r"<diagram\b"), "page"),
    (re.compile(r"<mxCell\b[^>]*\bvertex="), "shape"),
    (re.compile(r"<mxCell\b[^>]*\bedge="), "connector"),
)


def read(source: BinaryIO, kind: str, gathering: Gathering) -> None:
    """Gathers the facts of a text. Raises ValueError for a calendar that cannot be read."""
    data = source.read(LARGEST + 1)
    gathering.whole = len(data) <= LARGEST
    text = decoded(data[:LARGEST])
    if kind == "csv":
        _table(text, gathering)
        return
    if kind == "ics":
        _calendar(text, gathering)
    elif kind == "json":
        gathering.uses("entries", count=_entries(text))
    elif kind in ("md", "drawio"):
        for pattern, code in _MARKDOWN if kind == "md" else _DIAGRAM:
            gathering.uses(code, count=sum(1 for _ in pattern.finditer(text)))
    if kind == "drawio":
        host = re.search(r'<mxfile\b[^>]*\bhost="([^"]{1,100})"', text)
        gathering.comes_from(application=f"draw.io {host[1]}" if host else "draw.io")
    gathering.uses("words", count=len(text.split()))
    gathering.uses("line", count=text.count("\n") + 1)
    for number, line in enumerate(text.split("\n"), 1):
        gathering.text(f"ligne {number}", line)


def _table(text: str, gathering: Gathering) -> None:
    head = text[:100_000].splitlines()[:50]
    separator = max(_SEPARATORS, key=lambda sign: sum(line.count(sign) > 0 for line in head))
    gathering.uses("separator", value=_SEPARATORS[separator])
    rows = columns = 0
    csv.field_size_limit(1 << 20)
    for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 1):
        rows += any(cells)
        columns = max(columns, len(cells))
        for column, cell in enumerate(cells, 1):
            gathering.text(place_name(number, column), cell)
    gathering.uses("row", count=rows)
    gathering.uses("column", count=columns)


def _calendar(text: str, gathering: Gathering) -> None:
    calendar = Calendar.from_ical(text)
    gathering.comes_from(application=str(calendar.get("PRODID", "")))
    for component in calendar.walk():
        if component.name in ("VEVENT", "VTODO"):
            gathering.uses("calendar" if component.name == "VEVENT" else "task")
            guests = component.get("ATTENDEE", [])
            gathering.uses("guest", count=len(guests) if isinstance(guests, list) else 1)
            gathering.comes_from(title=str(component.get("SUMMARY", "")))
            gathering.uses("repeats", count=int("RRULE" in component))
        elif component.name == "VALARM":
            gathering.uses("reminder")


def _entries(text: str) -> int:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return 0
    return len(value) if isinstance(value, list | dict) else 1
