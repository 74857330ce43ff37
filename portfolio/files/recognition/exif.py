"""Reads EXIF only to find whether a picture contains its position (TIFF 6.0; Exif 2.32, GPS tags)."""

from __future__ import annotations

import struct

GPS_POINTER = 0x8825
LATITUDE, LONGITUDE = 2, 4
XMP_POSITION = b"exif:GPSLatitude"
_ENTRY = 12


def has_position(tiff: bytes) -> bool:
    """Returns True if the EXIF block (from its byte-order mark) has coordinates. False if unreadable, as in viewers.

    A phone with location switched off may still write an empty GPS directory: only coordinates count.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return False
    try:
        (first,) = struct.unpack_from(order + "I", tiff, 4)
        pointer = _directory(tiff, first, order).get(GPS_POINTER)
        return pointer is not None and {LATITUDE, LONGITUDE} <= _directory(tiff, pointer, order).keys()
    except struct.error:
        return False


def _directory(tiff: bytes, offset: int, order: str) -> dict[int, int]:
    """Returns {tag: its four value bytes as a number} of the TIFF directory at this offset, in bytes. order: « < » or «
    > », as `struct` has it. Raises struct.error if it is cut.
    """
    (count,) = struct.unpack_from(order + "H", tiff, offset)
    values = {}
    for index in range(count):
        tag, _, _, value = struct.unpack_from(order + "HHII", tiff, offset + 2 + index * _ENTRY)
        values[tag] = value
    return values
