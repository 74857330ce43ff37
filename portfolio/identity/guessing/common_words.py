"""What is tried first against passwords: English and leaked ones (zxcvbn's lists), French ones (`config/common_words`).

In memory, 9 bytes a word or so: two hundred thousand Python strings would take forty megabytes in each process.
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

from zxcvbn import matching
from zxcvbn.frequency_lists import FREQUENCY_LISTS

FRENCH = Path(__file__).resolve().parents[3] / "config" / "common_words" / "french.txt"
SHORTEST, LONGEST = 3, 24
_reading = Lock()
# zxcvbn holds its lists a second time, as tables, from its import on: nothing here uses those.
matching.RANKED_DICTIONARIES.clear()
_LOW = 0xFF  # of an entry: bits; above them, the word's hash


class CommonWords:
    """Folded word → bits, log2 of how many are tried before it."""

    def __init__(self, words: Iterator[tuple[str, int]]) -> None:
        self._entries = array("Q", sorted(_hashed(word) | bits for word, bits in words))

    def bits(self, word: str) -> int | None:
        """word: folded. None where it is in no list."""
        hashed = _hashed(word)
        place = bisect_left(self._entries, hashed)  # the lowest bits come first
        if place == len(self._entries) or self._entries[place] & ~_LOW != hashed:
            return None
        return self._entries[place] & _LOW


def _hashed(word: str) -> int:
    return hash(word) & 0xFFFFFFFFFFFFFF00


def folded(text: str) -> str:
    """No case, no accent; as many characters as before, so that places stay what they were."""
    return "".join(map(_folded, text))


@cache
def _folded(character: str) -> str:
    return unicodedata.normalize("NFD", character)[0].casefold()[:1]


def common_words() -> CommonWords:
    """Read once in a process, in a second or less: as the service starts, not at the first password."""
    with _reading:
        return _read()


@cache
def _read() -> CommonWords:
    words = CommonWords(_every_word())
    FREQUENCY_LISTS.clear()  # ours from now on; nothing here asks zxcvbn for them again
    return words


def _every_word() -> Iterator[tuple[str, int]]:
    for ranked in FREQUENCY_LISTS.values():
        for rank, word in enumerate(ranked, 1):
            if len(word) >= SHORTEST and not word.isdigit():
                yield folded(word), math.ceil(math.log2(rank))
    bits = 0
    for line in FRENCH.read_text().splitlines():
        if line.startswith("= "):
            bits = int(line[2:])
        elif not line.startswith("#"):
            yield line, bits
