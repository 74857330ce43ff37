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
    "manifest": "chaque fichier, sauf description.json et sa signature, avec sa taille en octets et son SHA-256",
}
FILE_COLUMNS = (
    *("identifiant", "portfolio", "preuve", "période", "nom d'origine", "type", "taille en octets", "SHA-256"),
)
SEALS_DECLARED = (
    "ce que l'exploitant déclare, et signe : combien de maillons et de groupes de champs il a tenus contre leur sceau, "
    "avec sa clé, au moment de la remise, et ceux qui ne concordaient pas"
)
README = HERE.joinpath("LISEZ-MOI.md").read_text("utf-8")
PROOFS = HERE.joinpath("preuves.md").read_text("utf-8")
