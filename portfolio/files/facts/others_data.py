"""Finds other people's data in the texts of one file, and says where without saying what."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final

from portfolio.files.facts.gathered import FactEntry, add_fact, in_order
from portfolio.files.personal_data.detect import detect
from portfolio.files.personal_data.masking import masked

MOST_SIGNS: Final = 1_000_000  # searched, of all texts together


def others_data(texts: Iterable[tuple[str, str]]) -> list[FactEntry]:
    """Returns what `detect` finds, by kind and masked excerpt, which is the value. texts: (place, text), as a Gathering
    has them; they are searched together, since a word in one cell tells what the next one holds.
    """
    places: list[str] = []
    starts: list[int] = []
    lines: list[str] = []
    length = 0
    for place, text in texts:
        if length >= MOST_SIGNS:
            break
        places.append(place)
        starts.append(length)
        lines.append(text[: MOST_SIGNS - length])
        length += len(lines[-1]) + 1
    whole = "\n".join(lines)
    entries: dict[tuple[str, str], FactEntry] = {}
    for value in detect(whole):
        place = places[bisect_right(starts, value.start) - 1]
        add_fact(entries, value.kind, place, masked(whole[value.start : value.end]), 1)
    return in_order(entries.values())
