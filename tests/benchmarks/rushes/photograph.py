"""A photograph as phones take them, which the service accepts; another one for each deposit."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

BYTES = 400_000
PIXELS = (1600, 1200)


def written(where: Path) -> Path:
    """Returns the file, of BYTES at most."""
    where.write_bytes(_drawn())
    return where


def _drawn() -> bytes:
    """Returns a JPEG of the best quality that BYTES allow."""
    bands = [
        Image.blend(Image.effect_noise(PIXELS, 30), Image.effect_noise((8, 6), 120).resize(PIXELS), 0.7)
        for _ in range(3)
    ]
    for quality in range(92, 8, -2):
        told = io.BytesIO()
        Image.merge("RGB", bands).save(told, "JPEG", quality=quality)
        if told.tell() <= BYTES:
            break
    return told.getvalue()


def another(photo: bytes, name: str) -> bytes:
    """Returns the same picture with a comment of its own: what a file shows is remembered by its digest."""
    comment = name.encode()
    return photo[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + photo[2:]
