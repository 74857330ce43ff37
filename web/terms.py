"""Terms that the pages of several readers say alike."""

from __future__ import annotations

NATURES = {"production": "Production", "controle": "Résultat de contrôle", "autre": "Autre élément"}
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
