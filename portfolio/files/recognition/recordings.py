"""Recognises films, sounds and HEIC photos by their boxes: the coded images are never read.

ISO/IEC 14496-12 (boxes, `ftyp`), 23008-12 (HEIF items), QuickTime File Format, RFC 8794 (EBML), ID3v2.4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from portfolio.files.recognition.bounded_reader import Window
from portfolio.files.recognition.exif import has_position
from portfolio.rules.file_kinds import KINDS, FormatMatch, TornFile, UnknownType
from portfolio.rules.unreceived_kinds import MATROSKA, RECENT_PICTURE

# An hour in two-second fragments is 3,600 boxes.
MOST_BOXES = 20_000
LARGEST_ITEM_TABLE = 1 << 20

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
_HEIF_STRUCTURES = {b"mif1", b"msf1"}
_M4A_BRANDS = {b"M4A ", b"M4B "}
_FILM_BRANDS = {b"M4V ", b"MSNV", b"avc1", b"dash", b"f4v ", b"mmp4"}
_FILM_PREFIXES = (b"iso", b"mp4", b"3gp", b"3g2", b"ndx")
_APPLE_POSITION = b"com.apple.quicktime.location.ISO6709"


class MediaBox(NamedTuple):
    kind: bytes
    start: int
    end: int


def boxes(window: Window, start: int, end: int) -> Iterator[MediaBox]:
    """Yields the adjacent boxes between two offsets, in bytes, without their headers; less than eight bytes at the end
    are left out. Raises ValueError for a box beyond the end, or more than MOST_BOXES.
    """
    for _ in range(MOST_BOXES):
        if end - start < 8:
            return
        header = window.at(start, 16)
        length, skip = int.from_bytes(header[:4]), 8
        if length == 1:
            length, skip = int.from_bytes(header[8:]), 16
        elif length == 0:
            length = end - start
        if length < skip or start + length > end:
            raise ValueError("a box goes beyond its container")
        yield MediaBox(header[4:8], start + skip, start + length)
        start += length
    raise ValueError("too many boxes")


def iso_media(window: Window, _extension: str) -> FormatMatch:
    code = _code_of_brands(window)
    try:
        top = {box.kind: box for box in boxes(window, 0, window.size)}
        needed = {b"meta"} if code == "heic" else {b"moov", b"mdat"}
        if not needed <= top.keys():
            raise ValueError("the index or the data are missing")
    except ValueError:
        raise TornFile(KINDS[code].label_fr) from None
    if code == "heic":
        return FormatMatch(code, ("photo_gps",) if _heic_tells_position(window, top[b"meta"]) else ())
    return FormatMatch(code, ("video_gps",) if _film_tells_position(window, top[b"moov"]) else ())


def _code_of_brands(window: Window) -> str:
    """Returns the code of the kind by the major brand; for a generic HEIF brand, by the compatible ones. Raises
    UnknownType for another brand.
    """
    head = window.at(0, 256)
    length = min(int.from_bytes(head[:4]), len(head))
    major, compatible = head[8:12], {head[at : at + 4] for at in range(16, length - 3, 4)}
    if major in _HEIC_BRANDS or (major in _HEIF_STRUCTURES and compatible & _HEIC_BRANDS):
        return "heic"
    if major == b"qt  ":
        return "mov"
    if major in _M4A_BRANDS:
        return "m4a"
    if major in _FILM_BRANDS or major.startswith(_FILM_PREFIXES):
        return "mp4"
    raise UnknownType(*RECENT_PICTURE)


def _film_tells_position(window: Window, movie: MediaBox) -> bool:
    """Returns True if a film has a position: `udta/©xyz` (or 3GPP `loci`) on Android, a metadata key on iPhones."""
    try:
        inside = {box.kind: box for box in boxes(window, movie.start, movie.end)}
        if (data := inside.get(b"udta")) and any(
            box.kind in (b"\xa9xyz", b"loci") for box in boxes(window, data.start, data.end)
        ):
            return True
    except ValueError:
        return False
    meta = inside.get(b"meta")
    return meta is not None and window.find(_APPLE_POSITION, meta.start, meta.end) >= 0


def _heic_tells_position(window: Window, meta: MediaBox) -> bool:
    """Returns True if the EXIF item has a position: `iinf` gives its number, `iloc` its offset."""
    try:
        tables = {box.kind: box for box in boxes(window, meta.start + 4, meta.end)}
        names, places = tables[b"iinf"], tables[b"iloc"]
        number = _exif_item(window, names)
        offset, length = _place_of(number, window.at(places.start, _bounded(places)))
    except (ValueError, KeyError, IndexError, struct.error):
        return False
    block = window.at(offset, min(length, LARGEST_ITEM_TABLE))
    # ISO/IEC 23008-12, annex A: four bytes tell how far the TIFF header is.
    return has_position(block[4 + int.from_bytes(block[:4]) :])


def _bounded(box: MediaBox) -> int:
    return min(box.end - box.start, LARGEST_ITEM_TABLE)


def _exif_item(window: Window, names: MediaBox) -> int:
    version = window.at(names.start, 1)[0]
    for entry in boxes(window, names.start + (6 if version == 0 else 8), names.end):
        described = window.at(entry.start, 16)
        wide = 4 if described[0] == 3 else 2
        if described[4 + wide + 2 :][:4] == b"Exif":
            return int.from_bytes(described[4 : 4 + wide])
    raise KeyError("no EXIF item")


def _place_of(number: int, table: bytes) -> tuple[int, int]:
    """Returns the offset and length in bytes of an item, from the body of an `iloc` box (one extent, as EXIF has).
    Raises KeyError if it has no place, IndexError if the table is too short or without width.
    """
    version = table[0]
    offset_size, length_size = table[4] >> 4, table[4] & 15
    base_size, index_size = table[5] >> 4, table[5] & 15 if version else 0
    wide = 4 if version == 2 else 2
    if not offset_size + length_size:
        raise IndexError("places of no width: the table would never end")
    reader = _Numbers(table, 6)
    for _ in range(reader.take(wide)):
        item = reader.take(wide)
        reader.take(2 if version else 0)  # construction method
        reader.take(2)  # data reference
        base = reader.take(base_size)
        extents = []
        for _ in range(reader.take(2)):
            reader.take(index_size)
            extents.append((base + reader.take(offset_size), reader.take(length_size)))
        if item == number:
            return extents[0]
    raise KeyError("the item has no place")


class _Numbers:
    """Reads consecutive big-endian numbers of given widths. Raises IndexError at the end."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at

    def take(self, width: int) -> int:
        end = self._at + width
        if end > len(self._data):
            raise IndexError("the table is too short")
        number = int.from_bytes(self._data[self._at : end])
        self._at = end
        return number


def matroska(window: Window, _extension: str) -> FormatMatch:
    """Returns the match of a WebM: an EBML header, then one Segment, of unknown length if a browser recorded it live.
    Raises UnknownType for another Matroska, TornFile if it is cut.
    """
    head = window.at(0, 4096)
    try:
        start, length = _ebml_size(head, 4)
        header = head[start : start + length]
        at = header.index(b"\x42\x82") + 2
        name, name_length = _ebml_size(header, at)
        if header[name : name + name_length].rstrip(b"\0") != b"webm":
            raise UnknownType(*MATROSKA)
        segment = start + length
        if head[segment : segment + 4] != b"\x18\x53\x80\x67":
            raise ValueError("no segment")
        body, body_length = _ebml_size(head, segment + 4)
    except (ValueError, IndexError):
        raise TornFile(KINDS["webm"].label_fr) from None
    unknown_length = (1 << 7 * (body - segment - 4)) - 1
    if body_length != unknown_length and body + body_length > window.size:
        raise TornFile(KINDS["webm"].label_fr)
    return FormatMatch("webm")


def _ebml_size(data: bytes, at: int) -> tuple[int, int]:
    """Returns the start of the content and its length, in bytes: the leading zeros of the byte at `at` give the width.
    Raises ValueError for a width over eight bytes, IndexError past the end."""
    width = 9 - data[at].bit_length()
    if width > 8:
        raise ValueError("a width over eight bytes")
    return at + width, int.from_bytes(data[at : at + width]) & ((1 << 7 * width) - 1)


def mp3(window: Window, _extension: str) -> FormatMatch:
    """Returns the match of an MP3 behind its ID3v2 tag (length in four seven-bit bytes). Raises TornFile if nothing
    follows.
    """
    head = window.at(0, 10)
    length = 0
    for byte in head[6:10]:
        length = length << 7 | byte & 0x7F
    if 10 + length >= window.size:
        raise TornFile(KINDS["mp3"].label_fr)
    return FormatMatch("mp3")


def looks_like_mp3(head: bytes) -> bool:
    """Returns True for a bare frame header (ISO/IEC 11172-3, 2.4.1.3).

    It has 11 bits of synchronisation, layer III, no forbidden rate.
    """
    return (
        len(head) > 4
        and head[0] == 0xFF
        and head[1] & 0xE6 == 0xE2
        and head[1] & 0x18 != 0x08
        and head[2] >> 4 not in (0, 15)
        and head[2] & 0x0C != 0x0C
    )
