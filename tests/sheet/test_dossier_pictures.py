"""The pictures of a dossier: each in its place, and never all of them in memory."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest

from portfolio.sheet.dossiers import pictures as placing
from portfolio.sheet.dossiers.pictures import Pictures, with_pictures

ROOT = Path(__file__).parents[2]
MIB = 1024  # KiB, as ru_maxrss counts
WEIGHED = """
import os, resource, sys
from portfolio.sheet.dossiers.pictures import Pictures, with_pictures
from tests.sheet.test_dossier_pictures import pixels
count = int(sys.argv[1])
with Pictures() as pictures:
    for number in range(count):
        pictures.add(os.urandom(600_000), 1400, 990, "page")
    with with_pictures(pixels(count), pictures) as pdf:
        assert pdf.size > count * 600_000
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def pixels(count: int) -> bytes:
    """A PDF as typst writes one: a page for each picture, a pixel of its number on it."""
    written = io.BytesIO()
    with pikepdf.new() as document:
        for number in range(1, count + 1):
            page = document.add_blank_page()
            words = {"Type": "/XObject", "Subtype": "/Image", "Width": 1, "Height": 1, "BitsPerComponent": 8}
            drawn = {name: pikepdf.Name(word) if isinstance(word, str) else word for name, word in words.items()}
            pixel = document.make_stream(number.to_bytes(3), ColorSpace=pikepdf.Name.DeviceRGB, **drawn)
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=pixel))
        document.save(written)
    return written.getvalue()


def test_each_picture_stands_where_its_pixel_stood_however_often_the_pdf_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(placing, "AT_ONCE", 2)
    with Pictures() as pictures:
        for number in range(1, 6):
            pictures.add(f"picture {number}".encode(), 10 * number, number, "page")
        with with_pictures(pixels(5), pictures) as pdf:
            assert pdf.sheets == 5
            with pikepdf.open(pdf.file) as document:
                shown = [page.Resources.XObject.Im for page in document.pages]
                assert [image.read_raw_bytes().decode() for image in shown] == [f"picture {n}" for n in range(1, 6)]
                assert [int(image.Width) for image in shown] == [10, 20, 30, 40, 50]


def test_a_dossier_of_two_hundred_pages_takes_no_more_memory_than_one_of_twenty() -> None:
    few, many = (_peak(count) for count in (20, 200))
    assert many - few < 40 * MIB, (few, many)


def _peak(count: int) -> int:
    asked = [sys.executable, "-c", WEIGHED, str(count)]
    return int(subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
