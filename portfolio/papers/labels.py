"""Labels that papers and pages say alike, by code."""

from __future__ import annotations

KINDS = {"stage": "Stage", "apprentissage": "Apprentissage", "emploi": "Emploi"}
SEATS = {"tutor": "Tuteur", "teacher": "Professeur"}
DESCRIPTION = {
    "context": "Contexte",
    "aim": "But",
    "tools": "Outils et fonctions",
    "own_part": "Part personnelle",
    "result": "Résultat",
    "differently": "Ce qui serait fait autrement",
}
