"""Draws pictures that were drawn already (WebP, of this service) as JPEG on white, which a PDF holds as it is.

Several at once, each behind its length: a dossier has them by the hundred, and a process costs more than a picture.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from PIL import Image

from portfolio.files.previews.sandbox import CannotShow, run
from portfolio.files.recognition.pixels import MOST_PIXELS

LENGTH = 4  # bytes, most significant first, before each picture; in the answer, width and height stand so before it too
LONGEST = 1400  # pixels: 130 to the inch of a page
QUALITY = 70

Image.MAX_IMAGE_PIXELS = None  # our own limit follows


def show(source: BinaryIO, _kind: str, _what: str) -> bytes:
    return b"".join(_jpeg(picture) for picture in _pictures(source))


def _pictures(source: BinaryIO) -> Iterator[bytes]:
    while length := source.read(LENGTH):
        yield source.read(int.from_bytes(length))


def _jpeg(picture: bytes) -> bytes:
    image = Image.open(io.BytesIO(picture), formats=["WEBP"])
    if image.width * image.height > MOST_PIXELS:
        raise CannotShow("too_large")
    image.thumbnail((LONGEST, LONGEST), reducing_gap=2.0)
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image.convert("RGB"), mask=image.getchannel("A") if image.mode == "RGBA" else None)
    encoded = io.BytesIO()
    flat.save(encoded, "JPEG", quality=QUALITY)
    written = encoded.getvalue()
    return b"".join(number.to_bytes(LENGTH) for number in (*flat.size, len(written))) + written


if __name__ == "__main__":
    run(show)
