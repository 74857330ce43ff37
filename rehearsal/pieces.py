"""What a fictional candidate did and proves: one activity, three pieces with their files."""

from __future__ import annotations

from typing import Any

from rehearsal import artefacts

WHY = "Le document montre les étapes suivies et leur résultat."
DESCRIBED = {
    "context": "En agence, pendant le stage",
    "aim": "Réduire les impayés",
    "tools": "Tableur, messagerie",
    "own_part": "J'ai préparé le tableau et les messages",
    "result": "Douze règlements reçus",
    "differently": "Je relancerais plus tôt",
}


def activity(placement: Any) -> dict[str, Any]:
    return {
        "title": "Relance des cotisations impayées",
        "mission": "Suivre et relancer les sociétaires en retard",
        "context": "pfmp",
        "placement": placement,
        "starts_on": "2026-05-25",
        "ends_on": "2026-06-12",
    }


def pieces(activity_id: Any) -> list[tuple[dict[str, Any], str, bytes]]:
    """(values of the piece, name and bytes of its file): together they prove the nine competences."""
    return [
        (
            _piece(activity_id, "SP1", "Tableau de suivi des impayés", "C1 C44 C49", "K2 K7", "T1 T3"),
            "impayes.xlsx",
            artefacts.tracking_table(),
        ),
        (
            _piece(activity_id, "EML1", "Orientation vers l'espace client", "C42 C45 C47 C48", "K1 K3", "T5 T9"),
            "message.eml",
            artefacts.message(),
        ),
        (
            _piece(activity_id, "WP1", "Lettre de relance type", "C43 C46", "K4 K5 K6", "T2 T10"),
            "relance.pdf",
            artefacts.letter(),
        ),
    ]


def _piece(activity_id: Any, type_code: str, title: str, competences: str, criteria: str, tools: str) -> dict[str, Any]:
    return {
        "type_code": type_code,
        "title": title,
        "nature": "production",
        "situation": "reelle",
        "context": "pfmp",
        "activity": activity_id,
        "produced_on": "2026-06-02",
        "description": DESCRIBED,
        "competences": [{"competence": code, "justification": WHY} for code in competences.split()],
        "criteria": criteria.split(),
        "tool_families": tools.split(),
        "permission": "accordee",
        "anonymisation": "fait",
        "assistance_used": False,
    }
