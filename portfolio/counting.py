"""How things are counted in French, in pages, mails and papers alike: 0 and 1 are singular."""

from __future__ import annotations

import re

# A word whose plural is an s. The plural of any other (bail, noyau, prêt à, several words) is given with it.
REGULAR = re.compile(r"[^\W\d_]+(?<![sxz])(?<!al|au|eu|ou)(?<!ail)", re.IGNORECASE)


def many(count: int, singular: str, plural: str | None = None) -> str:
    """Returns the count and its noun: « 1 pièce », « 3 pièces ».

    plural: may be left out for a single word that takes an s. Raises ValueError where it is missing.
    """
    if plural is None:
        if not singular or not REGULAR.fullmatch(singular):
            raise ValueError(f"give the plural of « {singular} »")
        plural = f"{singular}s"
    return f"{grouped(count)} {agrees(count, singular, plural)}"


def grouped(count: int) -> str:
    """Returns « 7 951 », its thousands apart by a no-break space."""
    return f"{count:,}".replace(",", "\u00a0")


def agrees(count: int, singular: str, plural: str) -> str:
    """Returns the noun alone, singular for a count of 0 or 1, where the number stands elsewhere or nowhere."""
    return singular if abs(count) < 2 else plural
