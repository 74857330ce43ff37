"""Ranks the words tried first against passwords: English and leaked (lists of zxcvbn), French (`config/common_words`).

They take about 9 bytes each in memory: two hundred thousand Python strings would take forty megabytes per process.
"""

from __future__ import annotations

import math
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from config.on_demand import on_demand

if TYPE_CHECKING:
    from zxcvbn import frequency_lists, matching
else:
    frequency_lists, matching = on_demand("zxcvbn.frequency_lists"), on_demand("zxcvbn.matching")

FRENCH = Path(__file__).resolve().parents[3] / "config" / "common_words" / "french.txt"
SHORTEST, LONGEST = 3, 24
_reading = Lock()
_LOW = 0xFF  # of an entry: bits; above them, the word's hash


class CommonWords:
    """Maps a folded word to bits: log2 of the number of words tried before it."""

    def __init__(self, words: Iterator[tuple[str, int]]) -> None:
        self._entries = array("Q", sorted(_hashed(word) | bits for word, bits in words))

    def bits(self, word: str) -> int | None:
        """Returns the bits (log2 of its rank) of a word in the form of `folded`, or None if it is in no list."""
        hashed = _hashed(word)
        place = bisect_left(self._entries, hashed)  # the lowest bits come first
        if place == len(self._entries) or self._entries[place] & ~_LOW != hashed:
            return None
        return self._entries[place] & _LOW


def _hashed(word: str) -> int:
    return hash(word) & 0xFFFFFFFFFFFFFF00


def folded(text: str) -> str:
    """Returns the text without case and accents, with as many characters, so that positions stay the same."""
    return "".join(map(_folded, text))


@cache
def _folded(character: str) -> str:
    return unicodedata.normalize("NFD", character)[0].casefold()[:1]


def common_words() -> CommonWords:
    """Returns the words, read once per process in a second or less (see `passwords.make_ready`)."""
    with _reading:
        return _read()


@cache
def _read() -> CommonWords:
    words = CommonWords(_every_word())
    # Frees the memory: zxcvbn holds its lists twice, and uses neither here.
    frequency_lists.FREQUENCY_LISTS.clear()
    matching.RANKED_DICTIONARIES.clear()
    return words


def _every_word() -> Iterator[tuple[str, int]]:
    for ranked in frequency_lists.FREQUENCY_LISTS.values():
        for rank, word in enumerate(ranked, 1):
            if len(word) >= SHORTEST and not word.isdigit():
                yield folded(word), math.ceil(math.log2(rank))
    bits = 0
    for line in FRENCH.read_text().splitlines():
        if line.startswith("= "):
            bits = int(line[2:])
        elif not line.startswith("#"):
            yield line, bits
