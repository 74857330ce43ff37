"""Pictures of more pixels than any device takes are refused, wherever their size stands in the file."""

from __future__ import annotations

import io
import struct

import pytest

from portfolio.files.recognition.recognise import recognise
from portfolio.rules.file_kinds import (
    TooManyPixels,
    TornFile,
)
from tests.files.recognition.test_refused_files import refused
from tests.files.recognition.test_unreceived_kinds import kind_of
from tests.support import specimens as made


def announcing(picture: bytes, width: int, height: int) -> bytes:
    """The same picture, whose header claims another size."""
    if picture.startswith(b"\x89PNG"):
        return picture[:16] + struct.pack(">II", width, height) + picture[24:]
    if picture.startswith(b"GIF8"):
        return picture[:6] + struct.pack("<HH", width, height) + picture[10:]
    if picture.startswith(b"RIFF"):
        extended = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (width - 1).to_bytes(3, "little")
        extended += (height - 1).to_bytes(3, "little")
        return picture[:4] + struct.pack("<I", len(picture) + 10) + b"WEBP" + extended + picture[12:]
    if picture.startswith(b"\xff\xd8"):
        frame = next(place for mark in (b"\xff\xc0", b"\xff\xc2") if (place := picture.find(mark)) > 0)
        return picture[: frame + 5] + struct.pack(">HH", height, width) + picture[frame + 9 :]
    size = picture.index(b"ispe") + 8
    return picture[:size] + struct.pack(">II", width, height) + picture[size + 8 :]


@pytest.mark.parametrize(
    ("name", "picture"),
    [(f"photo.{kind.lower()}", made.picture(kind)) for kind in ("JPEG", "PNG", "GIF", "WEBP")]
    + [("photo.heic", made.iphone_photo())],
)
def test_a_picture_of_more_pixels_than_any_device_takes_is_refused(name, picture):
    assert type(refused(announcing(picture, 60_000, 16_000), name)) is TooManyPixels
    assert recognise(io.BytesIO(large := announcing(picture, 16_000, 12_000)), name, len(large)).kind == kind_of(name)


HUGE = announcing(made.picture("JPEG"), 60_000, 16_000)
COMMENT = b"\xff\xfe\x00\x03 "


@pytest.mark.parametrize(
    ("hidden", "refusal"),
    [
        (HUGE[:2] + COMMENT * 500 + HUGE[2:], TooManyPixels),
        (HUGE[:2] + b"\xff" * 600 + HUGE[2:], TooManyPixels),
        (HUGE[:2] + b"\xff" * 200_000 + HUGE[2:], TooManyPixels),
        (HUGE[:2] + COMMENT + b"\0\0" + HUGE[2:], TornFile),
    ],
    ids=["comments", "fill bytes", "many fill bytes", "bytes between segments"],
)
def test_a_jpeg_whose_size_stands_far_behind_does_not_pass_for_one_without_pixels(hidden, refusal):
    assert type(refused(hidden, "photo.jpg")) is refusal


def test_a_jpeg_with_fill_bytes_before_its_markers_is_accepted():
    picture = made.picture("JPEG")
    filled = picture[:2] + b"\xff" * 600 + picture[2:]
    assert recognise(io.BytesIO(filled), "photo.jpg", len(filled)).kind == "jpeg"


def after(free: bytes, photo: bytes) -> bytes:
    """The same photo, its sizes after these bytes that readers skip."""
    first = int.from_bytes(photo[:4])
    return photo[:first] + made.box(b"free", free) + photo[first:]


def test_a_heif_photo_whose_sizes_stand_far_behind_or_are_many_is_refused_too():
    huge = announcing(made.iphone_photo(), 60_000, 16_000)
    assert type(refused(after(bytes(2_000_000), huge), "photo.heic")) is TooManyPixels
    assert type(refused(after((b"ispe" + bytes(12)) * 500, huge), "photo.heic")) is TooManyPixels
    without = made.iphone_photo().replace(b"ispe", b"none")
    assert type(refused(without, "photo.heic")) is TornFile
