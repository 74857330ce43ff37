"""Hides a value, but for what its owner needs to find it again."""

from __future__ import annotations

from typing import Final

HIDDEN: Final = "•"
LONGEST = 40  # signs of an excerpt
_SHORT = 8  # letters and digits: of fewer, one is left on each side


def masked(value: str) -> str:
    """Returns the value with its first and last letters or digits alone: two on each side, one of a short value. Its
    spaces and signs stay; lines and tabs become spaces.
    """
    places = [place for place, sign in enumerate(value) if sign.isalnum()]
    left = 2 if len(places) > _SHORT else 1
    open_places = {*places[:left], *places[-left:]} if len(places) > 2 * left else set(places[:1])
    signs = [
        " " if sign.isspace() else sign if not sign.isalnum() or place in open_places else HIDDEN
        for place, sign in enumerate(value)
    ]
    text = "".join(signs)
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}…{text[-LONGEST // 3 :]}"
