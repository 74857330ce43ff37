"""Terms that the pages of several readers say alike."""

from __future__ import annotations

from portfolio.papers import labels

NATURES = {"production": "Production", "controle": "Résultat de contrôle", "autre": "Autre élément"}
KINDS = labels.KINDS
SEATS = labels.SEATS
DESCRIPTION = labels.DESCRIPTION
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
