"""The pictures of a dossier: in the words one pixel of its number stands for each, and gives it its place."""

from __future__ import annotations

import io
from typing import TypedDict

import pikepdf

MOST_OF_A_FILE = 5  # pages: the others are read on the service
MOST_PICTURES = 200  # of a whole dossier, while it has no more files than that


class PicturePrinted(TypedDict):
    """A picture in the words. number: from 1, of the pixel that stands for it. width, height: in pixels."""

    number: int
    width: int
    height: int
    alt: str


class FilePrinted(TypedDict):
    """A file as printed. alternative: the candidate's words for what is seen. words: paragraphs. notes: sentences."""

    name: str
    alternative: str
    words: list[str]
    notes: list[str]
    pictures: list[PicturePrinted]


class Pictures:
    """The pictures of one dossier. jpegs: {number: (bytes, width, height)}."""

    def __init__(self) -> None:
        self.jpegs: dict[int, tuple[bytes, int, int]] = {}

    def add(self, jpeg: bytes, width: int, height: int, alt: str) -> PicturePrinted:
        number = len(self.jpegs) + 1
        self.jpegs[number] = (jpeg, width, height)
        return {"number": number, "width": width, "height": height, "alt": alt}


def pages_of_each(files: int) -> int:
    """Returns how many pages of each file are printed, in a dossier of so many files: one at least."""
    return max(1, min(MOST_OF_A_FILE, MOST_PICTURES // max(1, files)))


def with_pictures(pdf: bytes, pictures: Pictures) -> tuple[bytes, int]:
    """Returns the PDF in which each pixel is the picture of its number, with its tags and bookmarks, and how many pages
    it has. pdf: as typst wrote it.
    """
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for stream in document.objects:
            if isinstance(stream, pikepdf.Stream) and stream.get("/Subtype") == "/Image":
                _replace(stream, pictures)
        count = len(document.pages)
        document.save(written)
    return written.getvalue(), count


def _replace(stream: pikepdf.Stream, pictures: Pictures) -> None:
    jpeg, width, height = pictures.jpegs[int.from_bytes(stream.read_bytes())]
    stream.write(jpeg, filter=pikepdf.Name.DCTDecode)
    stream.Width, stream.Height = width, height
