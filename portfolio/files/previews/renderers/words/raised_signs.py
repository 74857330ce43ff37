"""Writes digits that stand above or below the line as such: « 10³ » is no « 103 »."""

from __future__ import annotations

from typing import Final

ABOVE, BELOW = "above", "below"
_DIGITS: Final = "0123456789+-−=()"
_RAISED: Final = {
    ABOVE: str.maketrans(_DIGITS, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾"),
    BELOW: str.maketrans(_DIGITS, "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎"),
}


def raised(text: str, place: str) -> str:
    """Returns the text as it stands, above or below the line; unchanged where it has a letter (« 1er », « H », « n »),
    since reading it on the line changes nothing. place: ABOVE, BELOW, or "" for on it.
    """
    signs = text.strip()
    return text.translate(_RAISED[place]) if place and signs and all(sign in _DIGITS for sign in signs) else text


def place_of(shift: str) -> str:
    """Returns ABOVE, BELOW or "" for a number that shifts a text up, down or not at all; "" for no number."""
    try:
        height = float(shift)
    except ValueError:
        return ""
    return ABOVE if height > 0 else BELOW if height < 0 else ""
