"""Reads how the words of a .ppt are drawn ([MS-PPT] 2.9.44): in the signs of a font, above or below the line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from portfolio.files.previews.renderers.words.raised_signs import ABOVE, BELOW, raised
from portfolio.files.previews.renderers.words.symbol_fonts import PRIVATE, in_signs

_MOST_RUNS = 20_000  # of one text
_TABS = 1 << 20
# What a mask says is there, in the order it stands in: (any of these bits, bytes).
_OF_PARAGRAPHS = (
    (0x0F, 2), (0x80, 2), (0x10, 2), (0x40, 2), (0x20, 4), (0x0800, 2), (0x1000, 2), (0x2000, 2), (0x4000, 2),
    (0x0100, 2), (0x0400, 2), (0x8000, 2), (_TABS, 0), (0x01_0000, 2), (0x0E_0000, 2), (0x20_0000, 2),
)  # fmt: skip
_STYLE, _FONT, _SIGNS_FONT, _HEIGHT = 0x3EB7, 0x01_0000, 0x80_0000, 0x08_0000
_OF_SIGNS = (
    (_STYLE, 2), (_FONT, 2), (0x20_0000, 2), (0x40_0000, 2), (_SIGNS_FONT, 2), (0x02_0000, 2), (0x04_0000, 4),
    (_HEIGHT, 2),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SlideText:
    """A text of a slide. kind: of its placeholder. styles: what the file says of how its words are drawn."""

    kind: int
    words: str
    styles: bytes = b""

    def drawn(self, fonts: dict[int, str]) -> str:
        """Returns the words as they are drawn, sign by sign. fonts: of the file, by their numbers."""
        words, at = [], 0
        for count, values in _runs(self.styles, len(self.words) + 1):
            run = self.words[at : at + count]
            at += len(run)
            words.append(_drawn(run, values, fonts))
        return "".join(words) + self.words[at:]


def _drawn(run: str, values: dict[int, int], fonts: dict[int, str]) -> str:
    font = fonts.get(values.get(_FONT, -1), "")
    of_signs = fonts.get(values.get(_SIGNS_FONT, -1), font)
    text = in_signs(font, run)
    if of_signs != font:
        text = "".join(in_signs(of_signs if ord(sign) in PRIVATE else font, sign) for sign in run)
    height = values.get(_HEIGHT, 0)
    return raised(text, "" if not height else BELOW if height & 0x8000 else ABOVE)


def _runs(data: bytes, signs: int) -> Iterator[tuple[int, dict[int, int]]]:
    """Yields (signs, {bit of a mask: value}) of each run, in their order; nothing where the bytes are torn."""
    at, left = 0, signs
    for _ in range(_MOST_RUNS):
        if left <= 0 or at + 10 > len(data):
            break
        left -= _number(data, at, 4)
        at, _values = _masked(data, at + 6, _OF_PARAGRAPHS)
    left = signs
    for _ in range(_MOST_RUNS):
        if left <= 0 or at + 8 > len(data):
            break
        count = _number(data, at, 4)
        at, values = _masked(data, at + 4, _OF_SIGNS)
        if at > len(data):
            break
        yield count, values
        left -= count


def _masked(data: bytes, at: int, fields: tuple[tuple[int, int], ...]) -> tuple[int, dict[int, int]]:
    """Returns where the run ends, and its values by their bits. at: of its mask."""
    mask = _number(data, at, 4)
    at += 4
    values = {}
    for bits, size in fields:
        if mask & bits:
            values[bits] = _number(data, at, size)
            at += size if bits != _TABS else 2 + 4 * _number(data, at, 2)
    return at, values


def _number(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "little")
