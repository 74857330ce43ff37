"""How things are counted in French, in pages, mails and papers alike: 0 and 1 are singular."""

from __future__ import annotations

import re

# One word whose plural is an s. Of the rest (bail, noyau, prêt à, several words) the plural is said.
REGULAR = re.compile(r"[^\W\d_]+(?<![sxz])(?<!al|au|eu|ou)(?<!ail)", re.IGNORECASE)


def many(count: int, one: str, several: str | None = None) -> str:
    """« 1 pièce », « 3 pièces ». several: where one is not a single word that takes an s. Raises ValueError then."""
    if several is None:
        if not one or not REGULAR.fullmatch(one):
            raise ValueError(f"say the plural of « {one} »")
        several = f"{one}s"
    return f"{count} {agrees(count, one, several)}"


def agrees(count: int, one: str, several: str) -> str:
    """The words alone, where the number stands elsewhere or nowhere."""
    return one if abs(count) < 2 else several
