"""Takes out of a picture all that is not needed to draw it. Pixels stay as they are, bit for bit; so do its colours and
the way it is turned.
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from typing import Final

from portfolio.files.cleaning.outcome import CannotClean, Cleaned

_NOT_DATA = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_OF_PIXELS: Final = frozenset(
    (
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"IEND",
        b"tRNS",
        b"gAMA",
        b"cHRM",
        b"sRGB",
        b"iCCP",
        b"bKGD",
        b"pHYs",
        b"sBIT",
        b"hIST",
    )
    + (b"acTL", b"fcTL", b"fdAT", b"cICP")
)
_APP0, _APP1, _APP2, _APP14, _APP15, _COM, _SOS, _EOI = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE, 0xDA, 0xD9
_ORIENTATION, _GPS = 0x0112, 0x8825


def clean_jpeg(data: bytes) -> Cleaned:
    """Returns the photo without EXIF, XMP, IPTC, comments and whatever follows its end. Raises CannotClean."""
    if data[:2] != b"\xff\xd8":
        raise CannotClean
    kept, removed, place = [b"\xff\xd8"], Counter[str](), 2
    while place + 4 <= len(data):
        if data[place] != 0xFF:
            raise CannotClean
        marker = data[place + 1]
        if marker == 0xFF:  # filling
            place += 1
            continue
        if marker == _EOI:
            kept.append(b"\xff\xd9")
            break
        (length,) = struct.unpack_from(">H", data, place + 2)
        segment = data[place : place + 2 + length]
        if length < 2 or len(segment) < 2 + length:
            raise CannotClean
        kept.append(_kept_segment(marker, segment, removed))
        place += len(segment)
        if marker == _SOS:
            end = _NOT_DATA.search(data, place)
            if end is None:
                raise CannotClean
            kept.append(data[place : end.end() - 2])
            place = end.end() - 2
    if data[place : place + 2] != b"\xff\xd9":
        raise CannotClean
    removed.update({"added_data": 1} if data[place + 2 :].strip(b"\0") else {})
    kept = kept if kept[-1] == b"\xff\xd9" else [*kept, b"\xff\xd9"]
    return Cleaned(b"".join(kept), removed)


def _kept_segment(marker: int, segment: bytes, removed: Counter[str]) -> bytes:
    """Returns what stays of a segment: nothing of what only tells about the photo, but how it is turned."""
    told_alone = marker == _COM or (_APP1 <= marker <= _APP15 and marker != _APP14)
    if not told_alone or (marker == _APP2 and segment[4:16] == b"ICC_PROFILE\0"):
        return segment
    if marker == _APP1 and segment[4:10] == b"Exif\0\0":
        turned = _count_exif(segment[10:], removed)
        return _orientation_alone(turned) if turned not in (0, 1) else b""
    removed["added_data"] += 1
    return b""


def _count_exif(tiff: bytes, removed: Counter[str]) -> int:
    """Counts what an EXIF block tells, and returns how the photo is turned, 0 if it does not say."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    removed["camera_details"] += 1
    if order is None:
        return 0
    try:
        (first,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, first)
        turned = 0
        for index in range(count):
            tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, first + 2 + 12 * index)
            removed["gps"] += tag == _GPS
            turned = value if tag == _ORIENTATION else turned
        return turned if 1 <= turned <= 8 else 0
    except struct.error:
        return 0


def _orientation_alone(turned: int) -> bytes:
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, turned, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def clean_png(data: bytes) -> Cleaned:
    """Returns the picture without its texts, dates and EXIF, and without whatever follows its end. Raises
    CannotClean.
    """
    if data[:8] != _PNG:
        raise CannotClean
    kept, removed, place, kind = [_PNG], Counter[str](), 8, b""
    while kind != b"IEND":
        if place + 12 > len(data):
            raise CannotClean
        (length,) = struct.unpack_from(">I", data, place)
        kind, chunk = data[place + 4 : place + 8], data[place : place + 12 + length]
        if len(chunk) < 12 + length:
            raise CannotClean
        if kind in _OF_PIXELS:
            kept.append(chunk)
        else:
            removed["camera_details" if kind == b"eXIf" else "added_data"] += 1
        place += len(chunk)
    removed.update({"added_data": 1} if data[place:].strip(b"\0") else {})
    return Cleaned(b"".join(kept), removed)
