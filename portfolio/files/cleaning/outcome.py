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
    "insertion": ("insertion suivie", "insertions suivies"),
    "format_change": ("mise en forme suivie", "mises en forme suivies"),
    "hidden_sheet": ("feuille masquée", "feuilles masquées"),
    "pivot_cache": ("copie de données d'un tableau croisé", "copies de données de tableaux croisés"),
}
ACCEPTED: Final = ("insertion", "format_change")  # of these: what they change stays, and is no change any more


class Cleaned(NamedTuple):
    """data: the copy. removed: {code of REMOVED_WORDS: how many}; empty if there was nothing to take out."""

    data: bytes
    removed: Counter[str]


class CannotClean(Exception):
    """The file cannot be cleaned without touching what it shows."""
