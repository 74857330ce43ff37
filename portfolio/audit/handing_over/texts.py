"""The French texts of a hand-over: what the folder says of itself, and how its proofs are verified."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
CONVENTIONS = {
    "jsonl": "un objet JSON par ligne, finie par LF (U+000A) ; UTF-8, clés triées, sans espaces",
    "csv": "UTF-8 avec marque d'ordre, séparateur « ; », lignes CRLF, tout entre guillemets ; heures de l'académie",
    "identifiant": "texte de 24 chiffres hexadécimaux ; le même identifiant nomme la même chose dans tous les fichiers",
    "instant": "texte ISO 8601, en temps universel (UTC)",
    "décimal": "texte, point décimal",
    "octets": "texte en base 64",
    "absent": "un champ sans valeur n'est pas écrit",
    "sealed": "groupes de champs que tient un même sceau, pour les groupes remis en entier (preuves/LISEZ-MOI.md)",
    "manifest": "chaque fichier du dossier, sauf description.json, avec sa taille en octets et son SHA-256",
}
FILE_COLUMNS = (
    *("identifiant", "portfolio", "preuve", "période", "nom d'origine", "type", "taille en octets", "SHA-256"),
)
KEYS_WARNING = (
    "Ces clés scellent les chaînes de tout le service qui les a remises, pas seulement les vôtres : qui les a peut "
    "vérifier les sceaux, et en fabriquer. À garder à part du dossier, et à ne donner qu'à qui doit vérifier."
)
README = HERE.joinpath("LISEZ-MOI.md").read_text("utf-8")
PROOFS = HERE.joinpath("preuves.md").read_text("utf-8")
