"""Gathers what is found in the parts of a file: how many of a kind at each place, and one of them with its middle
hidden. Values themselves are not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from portfolio.files.personal_data.detect import detect
from portfolio.files.personal_data.masking import masked
from portfolio.files.personal_data.parts import PlacedText
from portfolio.files.personal_data.value import KINDS

MOST_GATHERED: Final = 60
MOST_CELLS = 3
MOST_SIGNS: Final = 2_000_000  # of all parts of a file
_ORDER: Final = {kind: rank for rank, kind in enumerate(KINDS)}


class Gathered(NamedTuple):
    """What is found of a kind at a place. how_many: different values. cells: the first of them. excerpt: one value,
    masked. place, name: as those of a `PlacedText`.
    """

    kind: str
    place: str
    name: str
    how_many: int
    cells: list[str]
    excerpt: str


def gather(parts: Iterable[PlacedText]) -> list[Gathered]:
    """Returns what is found, by kind and in the order of the parts; MOST_GATHERED at most."""
    values: dict[tuple[str, str, str], dict[str, tuple[str, str]]] = {}
    left = MOST_SIGNS
    for part in parts:
        text = part.text[:left]
        left -= len(text)
        for kind, start, end in detect(text):
            cell, hidden = part.cell(start)
            place = "hidden_cells" if hidden and part.place == "sheet" else part.place
            value = text[start:end]
            same = re.sub(r"\W", "", value).upper()
            values.setdefault((kind, place, part.name), {}).setdefault(same, (cell, masked(value)))
    rows = [
        Gathered(kind, place, name, len(each), _first_cells(each.values()), next(iter(each.values()))[1])
        for (kind, place, name), each in values.items()
    ]
    return sorted(rows, key=lambda row: _ORDER[row.kind])[:MOST_GATHERED]


def _first_cells(values: Iterable[tuple[str, str]]) -> list[str]:
    return list(dict.fromkeys(cell for cell, _ in values if cell))[:MOST_CELLS]
