"""Facts of a picture: its size, and what its camera or program wrote beside it (Exif 2.32)."""

from __future__ import annotations

import re
from typing import BinaryIO, Final

import pillow_heif
from PIL import Image, UnidentifiedImageError
from PIL.ExifTags import IFD, Base

from portfolio.files.facts.gathered import Gathering
from portfolio.files.previews.sandbox import CannotShow

_FORMATS: Final = {"png": "PNG", "jpeg": "JPEG", "heic": "HEIF", "webp": "WEBP", "gif": "GIF"}
_DAY = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)")
_LATITUDE, _LONGITUDE = 2, 4
_TEXTS = ("Software", "Author", "Title", "Comment", "Description", "Creation Time")
_SCREENSHOT = re.compile(r"screenshot|capture d.écran", re.IGNORECASE)

Image.MAX_IMAGE_PIXELS = None  # nothing is decoded


def read(source: BinaryIO, kind: str, gathering: Gathering) -> None:
    """Gathers the facts of a picture, without decoding it. Raises CannotShow where it is none."""
    if kind == "heic":
        pillow_heif.register_heif_opener(thumbnails=False)
    try:
        image = Image.open(source, formats=[_FORMATS[kind]])
    except UnidentifiedImageError:
        raise CannotShow("damaged") from None
    gathering.uses("picture_size", value=f"{image.width} × {image.height} pixels")
    frames = int(getattr(image, "n_frames", 1))
    if frames > 1:
        gathering.uses("frames", count=frames)
    exif = image.getexif()
    details = exif.get_ifd(IFD.Exif)
    make, model = (_word(exif.get(tag)) for tag in (Base.Make, Base.Model))
    device = model if model.lower().startswith(make.lower()) else f"{make} {model}"
    gathering.comes_from(
        taken=_day(_word(details.get(Base.DateTimeOriginal))),
        modified=_day(_word(exif.get(Base.DateTime))),
        device=device,
        application=_word(exif.get(Base.Software)),
    )
    gathering.author(_word(exif.get(Base.Artist)))
    if device.strip():
        gathering.risks("device", device.strip())
    if {_LATITUDE, _LONGITUDE} <= exif.get_ifd(IFD.GPSInfo).keys():
        gathering.risks("gps", "données de la photo")
    remark = _word(details.get(Base.UserComment)) + " " + _word(exif.get(Base.ImageDescription))
    _texts(image, remark, gathering)


def _texts(image: Image.Image, remark: str, gathering: Gathering) -> None:
    written = {name: _word(image.info.get(name)) for name in _TEXTS}
    gathering.comes_from(application=written["Software"], title=written["Title"])
    gathering.author(written["Author"])
    remarks = " ".join([remark, written["Comment"], written["Description"]])
    if _SCREENSHOT.search(remarks):
        gathering.uses("screenshot")
    gathering.text("données de la photo", remarks)


def _word(value: object) -> str:
    if isinstance(value, bytes):
        value = value.removeprefix(b"ASCII\0\0\0").removeprefix(b"UNICODE\0").decode("utf-8", "replace")
    return " ".join(str(value).replace("\0", "").split()) if value is not None else ""


def _day(written: str) -> str:
    """Returns « 2027-03-03T14:05:00 » for « 2027:03:03 14:05:00 »; empty for another form."""
    match = _DAY.match(written)
    return f"{match[1]}-{match[2]}-{match[3]}T{match[4]}" if match else ""
