"""Tells which encoding of one byte a sign gives readable French: of Windows, Latin-9, an old Mac or DOS."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from typing import Final, NamedTuple

# Windows-1252 first, which holds all of Latin-1: of equals, the first one is taken. 858 is 850 with the euro.
ENCODINGS: Final = ("cp1252", "iso8859_15", "mac_roman", "cp858", "cp437")
_MOST_READ = 50_000  # stretches of signs beyond ASCII, which decide
_BEYOND = re.compile(rb"[\x80-\xff]{1,64}")
_LOWER, _UPPER = frozenset("éèêëàâçîïôûùüœæ"), frozenset("ÉÈÊËÀÂÇÎÏÔÛÙÜŒÆ")
_OTHER_LOWER, _OTHER_UPPER = frozenset("áíóúñòìäöåøßãõýÿšž"), frozenset("ÁÍÓÚÑÒÌÄÖÅØÃÕÝŸŠŽ")
_APART = frozenset("«»“”„…–—•€°²³×±½¼¾µ§©®™£¹ªº\xa0")  # beside words and figures, never between two letters
_BETWEEN = frozenset("’·")


class Reading(NamedTuple):
    """The encoding that suits best, and how well: below zero, it reads as no French."""

    encoding: str
    score: int


def best_reading(data: bytes) -> Reading:
    """Returns the encoding of ENCODINGS in which bytes that are no Unicode read best."""
    padded = b"  " + data + b" "
    stretches = Counter(
        padded[match.start() - 2 : match.end() + 1] for match in islice(_BEYOND.finditer(padded), _MOST_READ)
    )
    readings = (Reading(encoding, _score(stretches, encoding)) for encoding in ENCODINGS)
    return max(readings, key=lambda reading: reading.score)


def _score(stretches: Counter[bytes], encoding: str) -> int:
    total = 0
    for stretch, count in stretches.items():
        text = stretch.decode(encoding, "replace")
        total += count * sum(_worth(*text[at - 2 : at + 2]) for at in range(2, len(text) - 1))
    return total


def _worth(earlier: str, before: str, sign: str, after: str) -> int:
    """Returns how usual a sign is between these. earlier: what stands before the one before."""
    inside = before.isalpha() and after.isalpha()
    alone = not before.isalpha() and not after.isalpha()
    if sign in _BETWEEN:
        return 3 if inside else 0
    if sign in _APART:
        return -3 if inside else 0
    if sign in _LOWER | _OTHER_LOWER:
        if after.isupper() or earlier.isalpha() and before.isupper() and not after.isalpha():
            return -3
        return -2 if alone and sign != "à" else 4 if sign in _LOWER else 1
    if sign in _UPPER | _OTHER_UPPER:
        if alone and sign != "À":
            return -2
        return -3 if before.islower() else 2 if sign in _UPPER else 0
    return -3
