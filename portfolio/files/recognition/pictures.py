"""Recognises PNG, JPEG, GIF and WebP: complete or damaged, with or without their position."""

from __future__ import annotations

from portfolio.files.recognition.bounded_reader import Window
from portfolio.files.recognition.exif import XMP_POSITION, has_position
from portfolio.rules.file_kinds import KINDS, FormatMatch, TornFile

# Metadata sit near the front; a file made of a million tiny chunks is not worth the walk.
MOST_CHUNKS = 500
LARGEST_METADATA = 1 << 20

_GPS = ("photo_gps",)
_START_OF_SCAN, _APP1 = 0xDA, 0xE1


def jpeg(window: Window, _extension: str) -> FormatMatch:
    """Returns the match of a JPEG (ITU T.81, annex B), with a warning if it has its position: segments with a length up
    to the first scan, then coded data up to EOI. Raises TornFile if one is missing.
    """
    torn = TornFile(KINDS["jpeg"].label_fr)
    offset, located = 2, False
    for _ in range(MOST_CHUNKS):
        mark = window.at(offset, 4)
        if len(mark) < 4 or mark[0] != 0xFF:
            raise torn
        if mark[1] == 0xFF:  # a fill byte
            offset += 1
            continue
        length = int.from_bytes(mark[2:])
        if length < 2:
            raise torn
        if mark[1] == _APP1:
            located = located or _app1_tells_position(window.at(offset + 4, length - 2))
        offset += 2 + length
        if mark[1] == _START_OF_SCAN:
            break
    # Phones append a film or a second picture after EOI: it need not be at the end. Coded data escape 0xFF.
    if window.find(b"\xff\xd9", offset) < 0:
        raise torn
    return FormatMatch("jpeg", _GPS if located else ())


def _app1_tells_position(segment: bytes) -> bool:
    if segment.startswith(b"Exif\0\0"):
        return has_position(segment[6:])
    return XMP_POSITION in segment


def png(window: Window, _extension: str) -> FormatMatch:
    """Returns the match of a PNG (third edition), with a warning if it has its position: chunks of length, type, data
    and CRC from IHDR to IEND, behind which some tools add bytes. Raises TornFile if IHDR or IEND is missing, or if one
    of the first MOST_CHUNKS chunks is cut.
    """
    if window.at(12, 4) != b"IHDR" or window.find(b"\0\0\0\0IEND\xaeB`\x82", 8) < 0:
        raise TornFile(KINDS["png"].label_fr)
    offset, located = 8, False
    for _ in range(MOST_CHUNKS):
        header = window.at(offset, 8)
        if len(header) < 8:
            raise TornFile(KINDS["png"].label_fr)
        if header[4:] == b"IEND":
            break
        length = int.from_bytes(header[:4])
        if header[4:] in (b"eXIf", b"iTXt", b"tEXt"):
            data = window.at(offset + 8, min(length, LARGEST_METADATA))
            located = located or (has_position(data) if header[4:] == b"eXIf" else XMP_POSITION in data)
        offset += 12 + length
    return FormatMatch("png", _GPS if located else ())


def gif(window: Window, _extension: str) -> FormatMatch:
    """Returns the match of a GIF (GIF89a): the last block ends with a zero, then the trailer, behind which some
    encoders pad. Raises TornFile without it.
    """
    if b"\0;" not in window.tail(1024):
        raise TornFile(KINDS["gif"].label_fr)
    return FormatMatch("gif")


def webp(window: Window, _extension: str) -> FormatMatch:
    """Returns the match of a WebP (RIFF), with a warning if it has its position; chunks are padded to an even length.
    Raises TornFile if the file is shorter than its header says.
    """
    announced = int.from_bytes(window.at(4, 4), "little")
    if announced + 8 > window.size:
        raise TornFile(KINDS["webp"].label_fr)
    offset, located = 12, False
    for _ in range(MOST_CHUNKS):
        header = window.at(offset, 8)
        if len(header) < 8:
            break
        length = int.from_bytes(header[4:], "little")
        if header[:4] in (b"EXIF", b"XMP "):
            data = window.at(offset + 8, min(length, LARGEST_METADATA))
            located = located or has_position(data.removeprefix(b"Exif\0\0")) or XMP_POSITION in data
        offset += 8 + length + length % 2
    return FormatMatch("webp", _GPS if located else ())
