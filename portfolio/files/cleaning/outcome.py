"""What cleaning a file gives."""

from __future__ import annotations

from collections import Counter
from typing import Final, NamedTuple

# {code of what is taken out: (one, several)}. The codes are recorded: one never changes.
REMOVED_WORDS: Final[dict[str, tuple[str, str]]] = {
    "gps": ("position GPS", "positions GPS"),
    "camera_details": ("fiche de l'appareil photo", "fiches de l'appareil photo"),
    "added_data": ("donnée ajoutée par un logiciel", "données ajoutées par un logiciel"),
    "comment": ("commentaire", "commentaires"),
    "deletion": ("suppression suivie", "suppressions suivies"),
    "insertion": ("insertion suivie, acceptée", "insertions suivies, acceptées"),
    "format_change": ("mise en forme suivie, acceptée", "mises en forme suivies, acceptées"),
    "hidden_sheet": ("feuille masquée", "feuilles masquées"),
    "pivot_cache": ("tableau croisé, dont les valeurs restent", "tableaux croisés, dont les valeurs restent"),
}


class Cleaned(NamedTuple):
    """data: the copy. removed: {code of REMOVED_WORDS: how many}; empty if there was nothing to take out."""

    data: bytes
    removed: Counter[str]


class CannotClean(Exception):
    """The file cannot be cleaned without touching what it shows."""
