"""The pictures of a dossier: in the words one pixel of its number stands for each, and gives it its place."""

from __future__ import annotations

import io
from dataclasses import dataclass
from tempfile import TemporaryFile
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Self, TypedDict

from config.on_demand import on_demand
from portfolio.store.batches import batches

if TYPE_CHECKING:
    import pikepdf
else:
    pikepdf = on_demand("pikepdf")

MOST_OF_A_FILE = 5  # pages: the others are read on the service
MOST_PICTURES = 200  # of a whole dossier, while it has no more files than that
AT_ONCE = 20  # pictures held in memory: their PDF is written as often as it takes


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


class _Kept(NamedTuple):
    """Where a JPEG stands in the file of the pictures, in bytes, and its pixels."""

    start: int
    length: int
    width: int
    height: int


class Pictures:
    """The pictures of one dossier, in a file without a name: memory holds none of them."""

    def __init__(self) -> None:
        self._file: BinaryIO = TemporaryFile()  # noqa: SIM115  # closed as the `with` ends
        self._kept: dict[int, _Kept] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, jpeg: bytes, width: int, height: int, alt: str) -> PicturePrinted:
        number = len(self._kept) + 1
        self._kept[number] = _Kept(self._file.seek(0, io.SEEK_END), len(jpeg), width, height)
        self._file.write(jpeg)
        return {"number": number, "width": width, "height": height, "alt": alt}

    def jpeg(self, number: int) -> tuple[bytes, int, int]:
        """Returns the picture of this number: JPEG, width, height."""
        kept = self._kept[number]
        self._file.seek(kept.start)
        return self._file.read(kept.length), kept.width, kept.height


@dataclass(frozen=True)
class PrintedPdf:
    """A dossier in a file without a name, closed as a `with` ends. size: its bytes. sheets: its pages."""

    file: BinaryIO
    size: int
    sheets: int

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()


def pages_of_each(files: int) -> int:
    """Returns how many pages of each file are printed, in a dossier of so many files: one at least."""
    return max(1, min(MOST_OF_A_FILE, MOST_PICTURES // max(1, files)))


def with_pictures(pdf: bytes, pictures: Pictures) -> PrintedPdf:
    """Returns the PDF in which each pixel is the picture of its number, with its tags and bookmarks. pdf: as typst
    wrote it. A PDF under way holds what was put into it: it is written after AT_ONCE pictures, and opened again.
    """
    written = _file_of(pdf)
    with pikepdf.open(written) as document:
        sheets = len(document.pages)
    for numbers in batches(iter(range(1, len(pictures) + 1)), AT_ONCE):
        before, written = written, _file_of(b"")
        with before, pikepdf.open(before) as document:
            for stream in document.objects:
                if isinstance(stream, pikepdf.Stream) and (number := _pixel(stream)) in numbers:
                    _replace(stream, *pictures.jpeg(number))
            document.save(written)
    return PrintedPdf(written, written.seek(0, io.SEEK_END), sheets)


def _file_of(content: bytes) -> BinaryIO:
    file: BinaryIO = TemporaryFile()  # noqa: SIM115  # closed by who took it
    file.write(content)
    return file


def _pixel(stream: pikepdf.Stream) -> int:
    """Returns the number that this pixel stands for; 0 for what is no pixel, or none any more."""
    is_pixel = stream.get("/Subtype") == "/Image" and stream.get("/Filter") != "/DCTDecode"
    return int.from_bytes(stream.read_bytes()) if is_pixel else 0


def _replace(stream: pikepdf.Stream, jpeg: bytes, width: int, height: int) -> None:
    stream.write(jpeg, filter=pikepdf.Name.DCTDecode)
    stream.Width, stream.Height = width, height
