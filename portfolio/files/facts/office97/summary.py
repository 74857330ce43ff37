"""Reads the summary information of a compound file ([MS-OLEPS]): authors, dates, application, editing time."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from portfolio.files.facts.gathered import Gathering
from portfolio.files.previews.renderers.mails.charsets import text_of
from portfolio.files.recognition.ole import Compound, OleEntry

_STREAMS = ("\x05SummaryInformation", "\x05DocumentSummaryInformation")
_LARGEST = 1 << 20
_MOST_PROPERTIES = 500
_TITLE, _AUTHOR, _TEMPLATE, _LAST_AUTHOR, _REVISION, _EDITING = 2, 4, 7, 8, 9, 10
_CREATED, _SAVED, _APPLICATION = 12, 13, 18
_COMPANY = 15  # of the second stream
_CODE_PAGE = 1
_SHORT, _TEXT, _WIDE_TEXT, _TIME = 2, 30, 31, 64
_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
_USUAL_TEMPLATES = {"normal.dotm", "normal.dot", "normal"}


def read_summary(file: Compound, gathering: Gathering) -> None:
    """Notes the provenance of a compound file; nothing where it says none. Raises Torn."""
    top = file.top()
    first, second = (_properties_of(file, top.get(name)) for name in _STREAMS)
    gathering.author(_word(first, _AUTHOR))
    template = _word(first, _TEMPLATE)
    revision = _word(first, _REVISION)
    gathering.comes_from(
        title=_word(first, _TITLE),
        last_author=_word(first, _LAST_AUTHOR),
        created=_moment(first.get(_CREATED)),
        modified=_moment(first.get(_SAVED)),
        application=_word(first, _APPLICATION),
        template="" if template.lower() in _USUAL_TEMPLATES else template,
        company=_word(second, _COMPANY),
        editing_minutes=_minutes(first.get(_EDITING)),
        revisions=int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 9 else 0,
    )


def _properties_of(file: Compound, entry: OleEntry | None) -> dict[int, str | int]:
    return dict(_properties(file.read(entry, _LARGEST))) if entry is not None else {}


def _word(properties: dict[int, str | int], number: int) -> str:
    value = properties.get(number, "")
    return value if isinstance(value, str) else ""


def _moment(ticks: str | int | None) -> str:
    """Returns a count of 100 nanoseconds since 1601 as ISO 8601, without its fraction; empty for none."""
    if not isinstance(ticks, int) or ticks <= 0:
        return ""
    try:
        return (_EPOCH + timedelta(microseconds=ticks // 10)).replace(microsecond=0).isoformat()
    except OverflowError:
        return ""


def _minutes(ticks: str | int | None) -> int:
    return ticks // 600_000_000 if isinstance(ticks, int) and 0 < ticks < 1 << 56 else 0


def _properties(data: bytes) -> Iterator[tuple[int, str | int]]:
    """Yields (number, value) of the first set of properties of a stream, as far as they can be read."""
    try:
        (start,) = struct.unpack_from("<I", data, 44)
        _, count = struct.unpack_from("<II", data, start)
        places = [struct.unpack_from("<II", data, start + 8 + 8 * at) for at in range(min(count, _MOST_PROPERTIES))]
    except struct.error:
        return
    charset = "cp1252"
    for number, place in sorted(places):
        try:
            value = _value(data, start + place, charset)
        except struct.error:
            continue
        if number == _CODE_PAGE and isinstance(value, int):
            charset = "utf-8" if value & 0xFFFF == 65001 else f"cp{value & 0xFFFF}"
        elif value is not None:
            yield number, value


def _value(data: bytes, at: int, charset: str) -> str | int | None:
    (kind,) = struct.unpack_from("<I", data, at)
    if kind == _SHORT:
        return int(struct.unpack_from("<h", data, at + 4)[0])
    if kind == _TIME:
        return int(struct.unpack_from("<Q", data, at + 4)[0])
    if kind in (_TEXT, _WIDE_TEXT):
        (length,) = struct.unpack_from("<I", data, at + 4)
        size = min(length, 10_000) * (2 if kind == _WIDE_TEXT else 1)
        raw = data[at + 8 : at + 8 + size]
        return (raw.decode("utf-16-le", "replace") if kind == _WIDE_TEXT else text_of(raw, charset)).partition("\0")[0]
    return None
