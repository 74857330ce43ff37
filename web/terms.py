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
# Whose a page is.
READERS = {
    "candidate": "des candidats",
    "tutor": "des tuteurs en entreprise",
    "teacher": "des professeurs",
    "office": "de l'établissement (secrétariat, direction)",
    "jury": "du jury",
    "inspector": "de l'inspection",
    "support": "de l'assistance",
    "exam_service": "du service des examens",
    "administrator": "de l'administrateur du service",
}
