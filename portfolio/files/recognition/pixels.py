"""Reads the number of pixels in the header of a picture, which gives the memory to decode it."""

from __future__ import annotations

from collections.abc import Callable

from portfolio.files.recognition.bounded_reader import Window
from portfolio.rules.file_kinds import TooManyPixels, TornFile

# Today's phones take 50 megapixels, 200 at most.
MOST_PIXELS = 250_000_000
# Before the size is known: 500 segments of a JPEG hold 32 MB of profiles and comments.
MOST_SEGMENTS = 500
MOST_FILL = 1 << 16
# ITU T.81, table B.1: start of frame, whatever the coding; 0xC4, 0xC8 and 0xCC are something else.
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def refuse_too_many_pixels(window: Window, code: str) -> None:
    """Checks the size of a picture. code: of the recognised kind; any other kind passes.

    Raises TooManyPixels, also if the size takes too long to find; TornFile if there is no size: a more tolerant reader
    could still decode the file.
    """
    if code in _SIZES and _SIZES[code](window) > MOST_PIXELS:
        raise TooManyPixels()


def _png(window: Window) -> int:
    """Returns the pixels of a PNG (third edition, 11.2.1): IHDR comes first."""
    return int.from_bytes(window.at(16, 4)) * int.from_bytes(window.at(20, 4))


def _jpeg(window: Window) -> int:
    """Returns the pixels of a JPEG (ITU T.81, B.1.1.2): any marker may have fill bytes before it. Raises TornFile
    without a size, TooManyPixels where it takes too long to find.
    """
    offset = 2
    for _ in range(MOST_SEGMENTS):
        start = window.at(offset, MOST_FILL)
        filled = len(start) - len(start.lstrip(b"\xff"))
        if not filled:
            raise TornFile
        if filled == MOST_FILL:
            raise TooManyPixels
        offset += filled - 1
        mark = window.at(offset, 4)
        if len(mark) < 4:
            raise TornFile
        if mark[1] in _FRAMES:
            return int.from_bytes(window.at(offset + 5, 2)) * int.from_bytes(window.at(offset + 7, 2))
        offset += 2 + int.from_bytes(mark[2:])
    raise TooManyPixels


def _gif(window: Window) -> int:
    """Returns the pixels of a GIF (GIF89a, 18): the logical screen contains every image."""
    return int.from_bytes(window.at(6, 2), "little") * int.from_bytes(window.at(8, 2), "little")


def _webp(window: Window) -> int:
    """Returns the pixels of a WebP (RFC 9649): the first chunk has the size, in one of three forms."""
    chunk, data = window.at(12, 4), window.at(20, 10)
    if chunk == b"VP8X":
        return (int.from_bytes(data[4:7], "little") + 1) * (int.from_bytes(data[7:10], "little") + 1)
    if chunk == b"VP8L":
        packed = int.from_bytes(data[1:5], "little")
        return ((packed & 0x3FFF) + 1) * ((packed >> 14 & 0x3FFF) + 1)
    return (int.from_bytes(data[6:8], "little") & 0x3FFF) * (int.from_bytes(data[8:10], "little") & 0x3FFF)


def _heic(window: Window) -> int:
    """Returns the pixels of a HEIC (ISO/IEC 23008-12, 6.5.3): the largest `ispe` of its pictures and tiles. Raises
    TornFile if it has none, TooManyPixels beyond MOST_SEGMENTS of them."""
    largest, offset = 0, 0
    for count in range(MOST_SEGMENTS):
        offset = window.find(b"ispe\0\0\0\0", offset)
        if offset < 0:
            if not count:
                raise TornFile
            return largest
        size = window.at(offset + 8, 8)
        largest = max(largest, int.from_bytes(size[:4]) * int.from_bytes(size[4:]))
        offset += 16
    raise TooManyPixels


_SIZES: dict[str, Callable[[Window], int]] = {"png": _png, "jpeg": _jpeg, "gif": _gif, "webp": _webp, "heic": _heic}
