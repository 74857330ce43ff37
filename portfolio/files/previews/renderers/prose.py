"""Renders text documents and slides: the words of their XML, by paragraph. No field, link or macro is followed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import BinaryIO
from zipfile import ZipFile

from portfolio.files.previews.preview_spec import MOST_SIGNS, WORDS_ONLY, Preview
from portfolio.files.previews.renderers.texts import words
from portfolio.files.previews.renderers.workbooks.package import Package
from portfolio.files.previews.sandbox import run
from portfolio.files.recognition.bounded_reader import Window

LARGEST_PART = 32 << 20
MOST_SLIDES = 300
_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")
_PARAGRAPHS = {"w:p", "a:p", "text:p", "text:h"}
_HOLD_WORDS = {"w:t", "a:t", "text:p", "text:h"}  # OpenDocument has no element for a run of words
_SPACES = {"w:tab": "\t", "text:tab": "\t", "w:br": "\n", "a:br": "\n", "text:line-break": "\n", "text:s": " "}
_UNSEEN = {"office:annotation", "text:tracked-changes", "presentation:notes"}


def show(source: BinaryIO, kind: str, _what: str) -> Preview:
    with ZipFile(Window(source)) as archive:
        package, reader = Package(archive), _DocumentReader()
        for title, name in _parts(archive, kind):
            if title:
                reader.texts.append(f"\n{title}\n")
            if not reader.read(package.pieces(name, LARGEST_PART)):
                break
    return words("".join(reader.texts).strip(), [WORDS_ONLY], cut=reader.full)


def _parts(archive: ZipFile, kind: str) -> list[tuple[str, str]]:
    """Returns the titles and names of the parts, in reading order."""
    if kind in ("docx", "dotx"):
        return [("", "word/document.xml")]
    if kind in ("pptx", "ppsx", "potx"):
        numbers = sorted(int(match[1]) for match in map(_SLIDE.fullmatch, archive.namelist()) if match)
        return [(f"Diapositive {number}", f"ppt/slides/slide{number}.xml") for number in numbers[:MOST_SLIDES]]
    return [("", "content.xml")]


class _DocumentReader:
    """Collects words. texts: with a line end after each paragraph. full: some text was left out."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.full = False
        self._left = MOST_SIGNS
        self._within = 0
        self._unseen = 0
        self._slides = 0

    def read(self, pieces: Iterable[bytes]) -> bool:
        """Returns True if there is room for more."""
        parser = Package.parser()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        for piece in pieces:
            parser.Parse(piece, False)
            if self.full:
                return False
        return True

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if name in _UNSEEN:
            self._unseen += 1
        elif name in _HOLD_WORDS:
            self._within += 1
        elif name == "draw:page":
            self._slides += 1
            self.texts.append(f"\nDiapositive {self._slides}\n")
        elif name in _SPACES:
            self.texts.append(_SPACES[name])

    def _end(self, name: str) -> None:
        if name in _UNSEEN:
            self._unseen -= 1
        elif name in _HOLD_WORDS:
            self._within -= 1
        if name in _PARAGRAPHS and not self._unseen:
            self.texts.append("\n")

    def _characters(self, text: str) -> None:
        if self._within and not self._unseen:
            self.texts.append(text[: self._left])
            self._left -= len(text)
            self.full = self.full or self._left < 0


if __name__ == "__main__":
    run(show)
