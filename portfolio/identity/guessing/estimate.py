"""Estimates the guesses that a password resists, in bits, against an attacker who knows common habits and its owner.

Based on zxcvbn (Wheeler, USENIX Security 2016), with its lists, keyboards and sequences. Two things differ. A character
outside any pattern counts by its class: the flat 10 guesses of zxcvbn give twelve random characters no more than
« Jean-Dupont-1985! ». And the cost of a password is the sum of its parts, without the bonus of zxcvbn for each further
one, which makes four common words in a row look like a secret. Pure except for the lists.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from config.on_demand import on_demand
from portfolio.identity.guessing.common_words import LONGEST, SHORTEST, CommonWords, common_words, folded

if TYPE_CHECKING:
    from zxcvbn import matching, scoring
else:
    matching, scoring = on_demand("zxcvbn.matching"), on_demand("zxcvbn.scoring")

# The work grows with the square of the length; further characters can only add bits.
READ = 64
LEAST = 5.0  # bits, of any pattern: which pattern it is has to be guessed too
YEAR = 6.0
COPY = 5.0
AGAIN = 1.0  # the same character twice, the same sign between words
FEW = 8  # different characters in all, in a text twice as long: then which of them it is, and no more
CHANGE = 1.5  # from a letter to a capital, a digit, a sign
BY_CLASS = {"lower": 4.2, "upper": 4.2, "digit": 3.3, "sign": 4.5}
DATE = 14.0
_YEAR = re.compile(r"19[3-9][0-9]|20[0-4][0-9]")
_DAY, _MONTH, _BETWEEN = r"(?:0?[1-9]|[12][0-9]|3[01])", r"(?:0?[1-9]|1[0-2])", r"[-/. _]?"
_DATE = re.compile(rf"(?={_DAY}{_BETWEEN}{_MONTH}{_BETWEEN}((?:19|20)?[0-9]{{2}}))")
_LEET_AS = {
    "4": "a",
    "@": "a",
    "8": "b",
    "(": "c",
    "3": "e",
    "€": "e",
    "6": "g",
    "9": "g",
    "|": "i",
    "1": "i",
    "!": "i",
}
_LEET_AS |= {"0": "o", "$": "s", "5": "s", "7": "t", "+": "t", "2": "z"}
_LEET = (str.maketrans(_LEET_AS), str.maketrans(_LEET_AS | {"1": "l", "|": "l", "!": "l", "7": "l", "9": "q"}))
_AZERTY = (
    (" &é\"'(-è_çà)=", "²1234567890°+"),
    (" azertyuiop^$", " AZERTYUIOP¨£"),
    ("<qsdfghjklmù*", ">QSDFGHJKLM%µ"),
    ("<wxcvbn,;:!", ">WXCVBN?./§"),
)


@dataclass(frozen=True)
class Guess:
    """The cheapest decomposition. bits: its cost. kinds: of its patterns, in order: `word`, `personal`,
    `year`, `date`, `keys`, `sequence`, `copy`."""

    bits: float
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class _Segment:
    """Characters from `start` to `end` (excluded), guessed at once."""

    start: int
    end: int
    bits: float
    kind: str


def guess(password: str, own_words: Iterable[str] = ()) -> Guess:
    """Returns how many bits it takes to guess a password, and the kinds of parts it rests on; only its first READ
    characters count. own_words: of its owner, in any form: names, address, school, birth date.
    """
    text = password[:READ]
    own = {word: 0 for phrase in own_words for word in _words_of(phrase)}
    straight = _cheapest(text, own)
    signs = [c for c in text if not c.isalnum()]
    if not signs:
        return straight
    # M.a.r.s.e.i.l.l.e: the same without its signs, and the signs.
    closed = _cheapest("".join(c for c in text if c.isalnum()), own)
    kinds_of_signs = len(set(signs))
    bits = closed.bits + kinds_of_signs * (BY_CLASS["sign"] + CHANGE) + len(signs) - kinds_of_signs
    return Guess(bits, closed.kinds) if bits < straight.bits else straight


def _cheapest(text: str, own: Mapping[str, int]) -> Guess:
    """Returns the guess of the text by its cheapest division into words, copies, runs and single characters. own:
    {folded word of the owner: bits}.
    """
    ends: dict[int, list[_Segment]] = {}
    for part in _parts(text, own):
        ends.setdefault(part.end, []).append(part)
    least = [0.0]
    kinds: list[tuple[str, ...]] = [()]
    for place in range(len(text)):
        ways = [(least[place] + _character(text, place), kinds[place])]
        ways += [(least[part.start] + part.bits, (*kinds[part.start], part.kind)) for part in ends.get(place + 1, ())]
        best = min(ways, key=lambda way: way[0])
        least.append(best[0])
        kinds.append(best[1])
    return Guess(least[-1], tuple(dict.fromkeys(kinds[-1])))


def _character(text: str, place: int) -> float:
    """Returns the bits of a character outside any pattern, given those before it."""
    here, before = text[place], text[place - 1 : place]
    if here == before:
        return AGAIN
    if not here.isalnum() and here in text[:place]:
        return AGAIN
    alone = BY_CLASS[_class(here)]
    if before and _class(before) != _class(here):
        alone += CHANGE
    different = len(set(text))
    return min(alone, math.log2(different)) if different <= min(FEW, len(text) / 2) else alone


def _class(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Lu":
        return "upper"
    return "lower" if category.startswith("L") else "digit" if category.startswith("N") else "sign"


# --- patterns -------------------------------------------------------------------------------------


def _parts(text: str, own: Mapping[str, int]) -> Iterator[_Segment]:
    known = common_words()
    plain = folded(text)
    for spelling, more in {**{plain.translate(table): 1 for table in _LEET}, plain: 0}.items():
        yield from _words(text, spelling, more, own, known)
    backwards = plain[::-1]
    for part in _words(text[::-1], backwards, 1, own, known):
        yield _Segment(len(text) - part.end, len(text) - part.start, part.bits, part.kind)
    for year in _YEAR.finditer(text):
        yield _Segment(year.start(), year.end(), YEAR, "year")
    for day in _DATE.finditer(text):
        yield _Segment(day.start(), day.end(1), DATE, "date")
    yield from _copies(plain)
    yield from _of_zxcvbn(text)


def _words(text: str, spelling: str, more: int, own: Mapping[str, int], known: CommonWords) -> Iterator[_Segment]:
    """Yields the parts that are words of the owner or of the lists. text: as typed, for capitals. spelling: the same,
    folded. more: bits of this spelling; if any, three letters do not count.
    """
    shortest = SHORTEST + 1 if more else SHORTEST
    for start in range(len(text)):
        for end in range(start + shortest, min(start + LONGEST, len(text)) + 1):
            word = spelling[start:end]
            bits: int | None = own.get(word)
            kind = "personal"
            if bits is None:
                bits, kind = known.bits(word), "word"
            if bits is not None:
                capitals = math.log2(scoring.uppercase_variations(cast(Any, {"token": text[start:end]})))
                yield _Segment(start, end, max(float(bits), LEAST) + capitals + more, kind)


def _copies(plain: str) -> Iterator[_Segment]:
    """Yields copies of an earlier part, adjacent or not: abcabc, kT7#vq…kT7#vq."""
    for start in range(1, len(plain)):
        longest = 0
        while start + longest < len(plain) and plain.find(plain[start : start + longest + 1], 0, start + longest) >= 0:
            longest += 1
        for length in range(SHORTEST, longest + 1):
            yield _Segment(start, start + length, COPY, "copy")


def _of_zxcvbn(text: str) -> Iterator[_Segment]:
    keys = matching.spatial_match(text) + matching.spatial_match_helper(text, AZERTY, "qwerty")
    for kind, matches in {"keys": keys, "sequence": matching.sequence_match(text)}.items():
        for match in matches:
            guesses = scoring.estimate_guesses(match, text)
            yield _Segment(match["i"], match["j"] + 1, max(math.log2(guesses), LEAST), kind)


def _azerty() -> dict[str, list[str | None]]:
    """Returns the keyboard in the form of zxcvbn: each character with its six neighbours, from the left, clockwise."""
    keys = {
        (row, column): low + high
        for row, (lows, highs) in enumerate(_AZERTY)
        for column, (low, high) in enumerate(zip(lows, highs, strict=True))
    }
    around = ((0, -1), (-1, 0), (-1, 1), (0, 1), (1, 0), (1, -1))
    return {
        character: [keys.get((row + down, column + right)) for down, right in around]
        for (row, column), both in keys.items()
        for character in both
        if character != " "
    }


AZERTY = _azerty()


def _words_of(phrase: str) -> Iterator[str]:
    """Yields each folded word of a phrase, and all of them joined; for an ISO day, also its usual spellings, with or
    without the century.
    """
    parts = "".join(c if c.isalnum() else " " for c in folded(phrase)).split()
    yield from (word for word in {"".join(parts), *parts} if len(word) >= SHORTEST)
    day = re.fullmatch(r"([0-9]{2})([0-9]{2})-([0-9]{2})-([0-9]{2})", phrase)
    if day:
        century, year, month, date = day.groups()
        yield from (date + month + century + year, date + month + year, date + month, century + year + month + date)
