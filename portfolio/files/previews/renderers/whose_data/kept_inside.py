"""Gives the words that a file keeps and no other view shows: the rows behind a pivot table, the long numbers of cells
that are shown shortened (2,84E+14), what a camera wrote.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import accumulate, zip_longest
from typing import BinaryIO, Final
from xml.sax.saxutils import unescape
from zipfile import BadZipFile, ZipFile

import pillow_heif
from PIL import ExifTags, Image

from portfolio.files.previews.renderers.package import Package
from portfolio.files.previews.sandbox import run
from portfolio.files.recognition.package_parts import pieces

LARGEST_CACHE: Final = 16 << 20  # bytes of a part, inflated
MOST_VALUES: Final = 20_000  # of all columns behind a pivot table
_FIELD = re.compile(r"<(?:\w+:)?cacheField\s[^>]{0,2000}?\bname=\"([^\"]{0,255})\"")
_VALUE = re.compile(r"<(?:\w+:)?[snd]\s[^>]{0,200}?\bv=\"([^\"]{0,1000})\"")
_RECORD_PARTS = re.compile(r"<(?:\w+:)?(r|[snde]|[bmx])(?:\s[^>]{0,200}?\bv=\"([^\"]{0,1000})\"[^>]{0,200})?\s*/?>")
_LONG_NUMBER = re.compile(r"<c r=\"([A-Z]{1,3}\d{1,7})\"(?: s=\"\d{1,6}\")?(?: t=\"n\")?><v>(\d{13,16})(?:\.0)?</v>")
MOST_SHEETS: Final = 50
_PICTURES: Final = frozenset({"jpeg", "png", "webp", "heic"})


def show(source: BinaryIO, kind: str, _what: str) -> bytes:
    """Returns the parts as JSON: [place, name, text, cells] each, as a `PlacedText` has them."""
    if kind in _PICTURES:
        return json.dumps([(*part, []) for part in _of_picture(source)]).encode()
    try:
        with ZipFile(source) as archive:
            caches = [[*part, []] for part in _of_caches(archive)]
            return json.dumps([*caches, *_long_numbers(archive)]).encode()
    except BadZipFile:
        return b"[]"


def _of_caches(archive: ZipFile) -> Iterator[tuple[str, str, str]]:
    """Yields what each pivot cache keeps, as a table under the names of its columns."""
    names = archive.namelist()
    for name in sorted(name for name in names if "pivotcachedefinition" in name.casefold() and name.endswith(".xml")):
        columns = _columns(_text(archive, name))
        records = re.sub("(?i)definition", "Records", name)
        if records in names and columns:
            _add_records(columns, _text(archive, records))
        lines = ["\t".join(head for head, _ in columns)]
        lines += ["\t".join(row) for row in zip_longest(*(values for _, values in columns), fillvalue="")]
        yield "pivot_cache", "", "\n".join(lines)


def _long_numbers(archive: ZipFile) -> Iterator[tuple[str, str, str, list[tuple[int, str, bool]]]]:
    """Yields the numbers of each sheet that a cell shows shortened unless its format says otherwise."""
    package = Package(archive)
    main = package.first("", "officeDocument")
    relations = package.relations(main) if main else {}
    sheets: list[tuple[str, str, bool]] = []

    def note(tag: str, attributes: dict[str, str]) -> None:
        part = relations.get(next((value for name, value in attributes.items() if name.endswith("id")), ""))
        if tag == "sheet" and part is not None and package.has(part.target):
            sheets.append((part.target, attributes.get("name", ""), attributes.get("state", "visible") != "visible"))

    package.each_tag(main, note)
    for part, name, hidden in sheets[:MOST_SHEETS]:
        cells = list(_LONG_NUMBER.finditer(_text(archive, part)))[:MOST_VALUES]
        text = "".join(f"{cell[2]}\n" for cell in cells)
        places = accumulate((len(cell[2]) + 1 for cell in cells), initial=0)
        if text:
            yield (
                "hidden_sheet" if hidden else "sheet",
                name,
                text,
                [(place, cell[1], False) for place, cell in zip(places, cells, strict=False)],
            )


def _columns(definition: str) -> list[tuple[str, list[str]]]:
    """Returns (name, different values) of each column that a definition keeps."""
    columns, left = [], MOST_VALUES
    heads = list(_FIELD.finditer(definition))
    for head, following in zip_longest(heads, heads[1:]):
        content = definition[head.end() : following.start() if following else len(definition)]
        values = [_plain(value[1]) for value, _ in zip(_VALUE.finditer(content), range(left), strict=False)]
        left -= len(values)
        columns.append((_plain(head[1]), values))
    return columns


def _add_records(columns: list[tuple[str, list[str]]], records: str) -> None:
    """Adds the values that records hold themselves, each to its column."""
    column = -1
    for part, _ in zip(_RECORD_PARTS.finditer(records), range(10 * MOST_VALUES), strict=False):
        column = 0 if part[1] == "r" else column + 1
        if part[1] in ("s", "n", "d") and part[2] and 0 < column <= len(columns):
            columns[column - 1][1].append(_plain(part[2]))


def _text(archive: ZipFile, name: str) -> str:
    return b"".join(pieces(archive, name, LARGEST_CACHE)).decode("utf-8", "replace")


def _plain(value: str) -> str:
    return " ".join(unescape(value, {"&quot;": '"', "&apos;": "'"}).split())


def _of_picture(source: BinaryIO) -> Iterator[tuple[str, str, str]]:
    """Yields what the device wrote of itself and of where it was."""
    pillow_heif.register_heif_opener(thumbnails=False)
    with Image.open(source) as image:
        exif = image.getexif()
    device = " ".join(_printable(exif.get(tag)) for tag in (ExifTags.Base.Make, ExifTags.Base.Model)).strip()
    if device:
        yield "details", "", f"Appareil : {_once(device)}"
    position = _position(exif.get_ifd(ExifTags.IFD.GPSInfo))
    if position:
        yield "details", "", f"GPS : {position}"


def _printable(value: object) -> str:
    return "".join(sign for sign in str(value or "") if sign.isprintable()).strip()[:60]


def _once(device: str) -> str:
    """Returns « Canon EOS 80D » of « Canon Canon EOS 80D »."""
    make, _, model = device.partition(" ")
    return model if model.startswith(make) else device


def _position(gps: dict[int, object]) -> str:
    """Returns the coordinates in degrees, empty without them."""
    tags = ExifTags.GPS
    pairs = ((tags.GPSLatitude, tags.GPSLatitudeRef, "S"), (tags.GPSLongitude, tags.GPSLongitudeRef, "W"))
    degrees = [_degrees(gps.get(tag), gps.get(reference) == negative) for tag, reference, negative in pairs]
    return ", ".join(f"{each:.5f}" for each in degrees if each is not None) if None not in degrees else ""


def _degrees(value: object, negative: bool) -> float | None:
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    try:
        degrees, minutes, seconds = (float(each) for each in value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return (degrees + minutes / 60 + seconds / 3600) * (-1 if negative else 1)


if __name__ == "__main__":
    run(show)
