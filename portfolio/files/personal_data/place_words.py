"""Words what was found in a file: kind, count and place, in plain French; nothing of a value but its masked excerpt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from portfolio.counting import many
from portfolio.files.personal_data.gathered import Gathered

# {kind: (one, several)}
KIND_WORDS: Final[dict[str, tuple[str, str]]] = {
    "nir": ("numéro de sécurité sociale", "numéros de sécurité sociale"),
    "iban": ("numéro de compte bancaire (IBAN)", "numéros de compte bancaire (IBAN)"),
    "card": ("numéro de carte bancaire", "numéros de carte bancaire"),
    "phone": ("numéro de téléphone", "numéros de téléphone"),
    "email": ("adresse e-mail", "adresses e-mail"),
    "plate": ("plaque d'immatriculation", "plaques d'immatriculation"),
    "birth_date": ("date de naissance", "dates de naissance"),
    "health": ("mention de santé", "mentions de santé"),
    "policy_number": ("numéro de contrat", "numéros de contrat"),
    "claim_number": ("numéro de sinistre", "numéros de sinistre"),
    "postal_address": ("adresse postale", "adresses postales"),
    "person_name_in_header": ("nom d'expéditeur ou de destinataire", "noms d'expéditeurs ou de destinataires"),
    "gps": ("position GPS", "positions GPS"),
    "device": ("appareil nommé", "appareils nommés"),
}
# {code of a place: its words; {name} is that of its part}
PLACES: Final = {
    "text": "dans le texte",
    "section": "« {name} »",
    "hidden_slide": "diapositive masquée « {name} »",
    "comments": "dans les commentaires",
    "deleted_text": "dans une suppression suivie",
    "hidden_text": "dans du texte masqué",
    "sheet": "feuille « {name} »",
    "hidden_cells": "lignes ou colonnes masquées de la feuille « {name} »",
    "hidden_sheet": "feuille masquée « {name} »",
    "page": "page {name}",
    "read_off": "lu sur l'image, page {name}",
    "mail": "message {name}",
    "pivot_cache": "copie des données d'un tableau croisé",
    "details": "détails enregistrés par l'appareil",
    "attached": "pièce jointe « {name} »",
}
_UNNAMED: Final = {
    "section": "dans le texte",
    "hidden_slide": "dans une diapositive masquée",
    "sheet": "dans le tableau",
    "hidden_cells": "dans des lignes ou colonnes masquées",
    "hidden_sheet": "dans une feuille masquée",
    "page": "dans une page",
    "read_off": "lu sur l'image",
    "mail": "dans le message",
    "attached": "dans une pièce jointe",
}
# What stays with the file though its first view does not show it.
OUT_OF_SIGHT: Final = frozenset(
    ("hidden_slide", "deleted_text", "hidden_text", "hidden_cells", "hidden_sheet", "pivot_cache", "details")
)


def line_of(row: Gathered) -> str:
    """Returns what was found, without anything of a value: « 3 numéros de téléphone : feuille « Clients », B4, B5 »."""
    cells = f", {', '.join(row.cells)}{'…' if row.how_many > len(row.cells) else ''}" if row.cells else ""
    return f"{many(row.how_many, *KIND_WORDS[row.kind])} : {_place(row)}{cells}"


def kinds_of(rows: Iterable[Gathered]) -> str:
    """Returns kinds and how many of each, on all places together: « 3 numéros de téléphone, 1 adresse e-mail »."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.kind] = counts.get(row.kind, 0) + row.how_many
    return ", ".join(many(count, *KIND_WORDS[kind]) for kind, count in counts.items())


def _place(row: Gathered) -> str:
    return PLACES[row.place].format(name=row.name) if row.name else _UNNAMED.get(row.place, PLACES[row.place])
