"""Renders pictures again: upright, reduced, without metadata such as position or author."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import BinaryIO

import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from portfolio.files.previews.preview_spec import (
    CUT_PICTURE,
    LEGIBLE,
    LONGEST_LEGIBLE,
    LONGEST_SIDE,
    OUTLINE,
    PICTURE,
    Preview,
)
from portfolio.files.previews.renderers.photos.cut_jpeg import lacks_its_end
from portfolio.files.previews.sandbox import CannotShow, run
from portfolio.files.recognition.pixels import MOST_PIXELS

MOST_DECODED = 64_000_000  # pixels; a JPEG is decoded at a fraction of its size
QUALITY, EFFORT = 82, 2  # of WebP: beyond, it takes twice the time for a twentieth of the bytes
_FORMATS = {"png": "PNG", "jpeg": "JPEG", "heic": "HEIF", "webp": "WEBP", "gif": "GIF"}
_ANIMATED = {"gif", "webp", "png"}
_SEVERAL = "Image animée : seule sa première vue est montrée."
_TOGETHER = "Ce fichier réunit {count} photos : seule la principale est montrée."
_TURNED = {5, 6, 7, 8}  # values of the Exif orientation that exchange width and height
_ORIENTATION = 0x0112

Image.MAX_IMAGE_PIXELS = None  # our own limits follow


def show(source: BinaryIO, kind: str, what: str) -> bytes | Preview:
    image = _opened(source, kind)
    if what == OUTLINE:
        outline = _outline(image, kind)
        return replace(outline, notes=outline.notes + [CUT_PICTURE] * (kind == "jpeg" and lacks_its_end(source)))
    legible = what.startswith(LEGIBLE)
    side = LONGEST_LEGIBLE if legible else LONGEST_SIDE[what]
    # Only JPEG knows how: two times more pixels than wanted keep the edges sharp.
    image.draft("RGB", (2 * side, 2 * side))
    if image.width * image.height > MOST_DECODED:
        raise CannotShow("too_large")
    return grey_png(upright(image, side)) if legible else webp(upright(image, side))


def _opened(source: BinaryIO, kind: str) -> Image.Image:
    if kind == "heic":
        pillow_heif.register_heif_opener(thumbnails=False)
    try:
        image = Image.open(source, formats=[_FORMATS[kind]])
    except UnidentifiedImageError:
        raise CannotShow("damaged") from None
    if image.width * image.height > MOST_PIXELS:
        raise CannotShow("too_large")
    return image


def _outline(image: Image.Image, kind: str) -> Preview:
    width, height = image.size
    if image.getexif().get(_ORIENTATION) in _TURNED:
        width, height = height, width
    scale = min(1.0, LONGEST_SIDE[PICTURE] / max(width, height))
    count = getattr(image, "n_frames", 1)
    sentence = _SEVERAL if kind in _ANIMATED else _TOGETHER.format(count=count)
    notes = [sentence] if count > 1 else []
    return Preview("picture", notes, width=max(1, round(width * scale)), height=max(1, round(height * scale)))


def upright(image: Image.Image, side: int) -> Image.Image:
    """Returns the picture turned as its Exif says, within `side` pixels each way. It is reduced first: turning twelve
    megapixels costs the most.
    """
    orientation = image.getexif().get(_ORIENTATION)
    if image.mode.startswith("I"):  # 65,536 shades of grey, of some scanners: `convert` would make them white
        image = image.convert("I").point(lambda shade: shade * (1 / 256)).convert("L")
    small = image.convert("RGBA" if image.has_transparency_data else "RGB")
    small.thumbnail((side, side), reducing_gap=2.0)
    small.getexif()[_ORIENTATION] = orientation or 1
    return ImageOps.exif_transpose(small)


def webp(image: Image.Image) -> bytes:
    """Returns the picture as WebP: its pixels alone, without Exif, XMP, comment or colour profile."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    encoded = io.BytesIO()
    bare.save(encoded, "WEBP", quality=QUALITY, method=EFFORT)
    return encoded.getvalue()


def grey_png(image: Image.Image) -> bytes:
    """Returns the picture as PNG, in shades of grey on white, for a reader of letters."""
    flat = Image.new("L", image.size, "white")
    flat.paste(image.convert("L"), mask=image.getchannel("A") if image.mode == "RGBA" else None)
    encoded = io.BytesIO()
    flat.save(encoded, "PNG", compress_level=1)
    return encoded.getvalue()


if __name__ == "__main__":
    run(show)
