"""Tells a JPEG whose coded data break off before its end mark (ITU T.81): what is missing is drawn in grey, or stays
blurred, without a word of the library that decodes it.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, NamedTuple

from PIL import Image

_START_OF_SCAN, _END = 0xDA, 0xD9
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_ALONE = {0x01, *range(0xD0, 0xD8)}  # markers without a length
_NEXT = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")  # behind coded data, in which 0xFF is escaped
_MOST_SEGMENTS = 2_000
_NOT_CODED = 128  # the shade of what no data say
_END_MARK = bytes((0xFF, _END))
_NOISE = bytes(range(0xB5, 1, -3)) * 5  # of which each part of a scan makes another picture
_MOST_WHOLE = 12_500_000  # pixels: of more, a quarter of each side is drawn, which takes two thirds of the time
_MOST_PIXELS, _MOST_BYTES = 64_000_000, 16 << 20  # of larger ones, two drawings would take longer than a reader waits
_FILL = bytes(64)  # enough for a decoder that looks ahead, too little for more than a few blocks
_COEFFICIENTS = 64


class _JpegSegment(NamedTuple):
    mark: int
    content: bytes
    end: int  # offset behind it


def lacks_its_end(source: BinaryIO) -> bool:
    """Returns whether data are missing of a JPEG that can be drawn: the last of its lines, or the scans that sharpen
    it. False for what is no JPEG.
    """
    source.seek(0)
    data = source.read()
    segments = list(_segments(data))
    frame = next((segment for segment in segments if segment.mark in _FRAMES), None)
    scans = [segment for segment in segments if segment.mark == _START_OF_SCAN and segment.content]
    if frame is None or not scans or len(frame.content) < 6:
        return False
    end = next((segment.end - 2 for segment in segments if segment.mark == _END), len(data))
    if frame.mark in _PROGRESSIVE:
        return not _is_sharp(frame, scans) or _last_scan_breaks_off(data, end)
    if len(scans) > 1 or scans[0].content[0] < frame.content[5]:  # one scan for each component
        return sum(scan.content[0] for scan in scans) < frame.content[5]
    return _breaks_off(data, end)


def _segments(data: bytes) -> Iterator[_JpegSegment]:
    """Yields the segments up to the end mark, that one without content."""
    at = 2
    for _ in range(_MOST_SEGMENTS):
        while data[at : at + 2] == b"\xff\xff":
            at += 1
        if len(data) < at + 2 or data[at] != 0xFF:
            return
        mark = data[at + 1]
        if mark in _ALONE:
            at += 2
            continue
        if mark == _END:
            yield _JpegSegment(mark, b"", at + 2)
            return
        length = int.from_bytes(data[at + 2 : at + 4])
        at += 2 + max(length, 2)
        yield _JpegSegment(mark, data[at - max(length, 2) + 2 : at], at)
        if mark == _START_OF_SCAN:
            following = _NEXT.search(data, at)
            if following is None:
                return
            at = following.start()


def _is_sharp(frame: _JpegSegment, scans: list[_JpegSegment]) -> bool:
    """Returns whether the scans of a progressive JPEG (G.1) say all bits of all coefficients of each component."""
    unsaid = {
        frame.content[at]: [True] * _COEFFICIENTS
        for at in range(6, min(6 + 3 * frame.content[5], len(frame.content)), 3)
    }
    for scan in scans:
        count = scan.content[0]
        band = scan.content[1 + 2 * count : 4 + 2 * count]
        if len(band) < 3:
            continue
        first, last, low = band[0], min(band[1], _COEFFICIENTS - 1), band[2] & 15
        for component in scan.content[1 : 1 + 2 * count : 2]:
            if component in unsaid:
                unsaid[component][first : last + 1] = [low > 0] * max(0, last + 1 - first)
    return not any(any(left) for left in unsaid.values())


def _breaks_off(data: bytes, end: int) -> bool:
    """Returns whether the last block is grey since no data say it: with other bytes in place of the end mark, it is
    drawn otherwise, or not at all. end: offset of that mark.
    """
    last = _last_pixel(data)
    return last == _NOT_CODED and _last_pixel(data[:end] + _FILL) != _NOT_CODED


def _last_scan_breaks_off(data: bytes, end: int) -> bool:
    """Returns whether a progressive JPEG is drawn otherwise with more bytes in its last scan, which it needs none of
    if it is whole; False for one too large to be drawn twice. end: offset of the end mark.
    """
    width, height = Image.open(io.BytesIO(data), formats=["JPEG"]).size
    if width * height > _MOST_PIXELS or len(data) > _MOST_BYTES:
        return False
    coded = data[:end]
    part = 1 if width * height <= _MOST_WHOLE else 4
    return _digest(coded + _END_MARK, part) != _digest(coded + _NOISE + _END_MARK, part)


def _digest(data: bytes, part: int) -> bytes:
    """Returns the digest of a picture as it is drawn; b"" for one that cannot be. part: by what its sides are divided,
    1 or 4; the details that the last scan sharpens are among what is left.
    """
    image = Image.open(io.BytesIO(data), formats=["JPEG"])
    if part > 1:
        image.draft(None, (image.width // part, image.height // part))
    try:
        return hashlib.sha256(image.tobytes()).digest()
    except OSError:
        return b""


def _last_pixel(data: bytes) -> int:
    """Returns the shade of the last pixel, -1 for one in colour."""
    image = Image.open(io.BytesIO(data), formats=["JPEG"])
    image.draft(None, (max(1, image.width // 8), max(1, image.height // 8)))
    with suppress(OSError):  # it waits for more data; what was decoded is there
        image.load()
    pixel = image.im.getpixel((image.width - 1, image.height - 1))
    shades = set(pixel if isinstance(pixel, tuple) else (pixel,))
    return int(shades.pop()) if len(shades) == 1 else -1
