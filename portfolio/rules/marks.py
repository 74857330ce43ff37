"""Reads and writes marks exactly as typed: never rounded, never floats. Step and maximum come from the circular."""

from __future__ import annotations

import re
from decimal import Decimal

from portfolio.identifiers import Malformed

BY_LAW = "arrêté du 24 juillet 1997, article 1"
HIGHEST = Decimal(20)
STEPS_BY_LAW = (Decimal("0.5"), Decimal(1))
HUNDREDTH = Decimal("0.01")
_TYPED = re.compile(r"(-?[0-9]{1,6})(?:[.,]([0-9]{1,12}))?")


def parse_mark(text_or_decimal: str | Decimal, step: Decimal, maximum: Decimal = HIGHEST) -> Decimal:
    """Returns a multiple of `step` from 0 to `maximum`, with two decimals, so that equal marks are stored alike.

    "12,5" and "12.5" are the same mark. Raises Malformed if the text is not such a mark, TypeError for a float
    (its decimals are not those that were typed), ValueError if the step is finer than a hundredth.
    """
    if not isinstance(text_or_decimal, str | Decimal):
        raise TypeError(f"a mark is text or Decimal, not {type(text_or_decimal).__name__}")
    if step <= 0 or step % HUNDREDTH:
        raise ValueError(f"the step of a mark is a positive number of hundredths, not {step}")
    mark = _typed(text_or_decimal) if isinstance(text_or_decimal, str) else text_or_decimal
    if not mark.is_finite() or not 0 <= mark <= maximum:
        raise Malformed(f"La note doit être comprise entre 0 et {format_mark(maximum)} ({BY_LAW}).")
    if mark % step:
        below = mark // step * step
        raise Malformed(
            f"La note se donne par pas de {format_mark(step)} : "
            f"par exemple {format_mark(below)} ou {format_mark(min(below + step, maximum))} ({BY_LAW})."
        )
    return abs(mark).quantize(HUNDREDTH)


def _typed(text: str) -> Decimal:
    match = _TYPED.fullmatch(text.strip())
    if not match:
        raise Malformed("Écrivez la note en chiffres, avec une virgule si besoin, par exemple 12,5.")
    return Decimal(f"{match[1]}.{match[2] or 0}")


def format_mark(mark: Decimal) -> str:
    """Returns the mark for people: "12,5", "12", "0,25"."""
    whole, _, decimals = f"{mark:f}".partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole},{decimals}" if decimals else whole


def to_wire(mark: Decimal) -> str:
    """Returns the mark for programs and digests, with two decimals: "12.50". Raises ValueError instead of rounding."""
    wire = mark.quantize(HUNDREDTH)
    if wire != mark:
        raise ValueError(f"a mark is a number of hundredths, not {mark}")
    return f"{wire:f}"
