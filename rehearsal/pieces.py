"""What a fictional candidate did and proves: one activity, three pieces with their files."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rehearsal import artefacts
from rehearsal.dates import Dates

WHY = "Le document montre les étapes suivies et leur résultat."
DESCRIBED = {
    "context": "En agence, pendant le stage",
    "aim": "Réduire les impayés",
    "tools": "Tableur, messagerie",
    "own_part": "J'ai préparé le tableau et les messages",
    "result": "Douze règlements reçus",
    "differently": "Je relancerais plus tôt",
}


def activity(placement: Any, dates: Dates) -> dict[str, Any]:
    begins, ends = dates.activity
    return {
        "title": "Relance des cotisations impayées",
        "mission": "Suivre et relancer les sociétaires en retard",
        "context": "pfmp",
        "placement": placement,
        "starts_on": begins.isoformat(),
        "ends_on": ends.isoformat(),
    }


def pieces(activity_id: Any, dates: Dates) -> list[tuple[dict[str, Any], str, bytes]]:
    """(values of the piece, name and bytes of its file): together they prove the nine competences."""
    produced_on = dates.produced_on
    of = {"activity": activity_id, "produced_on": produced_on.isoformat()}
    return [
        (
            _piece(of, "SP1", "Tableau de suivi des impayés", "C1 C44 C49", "K2 K7", "T1 T3"),
            "impayes.xlsx",
            artefacts.tracking_table(produced_on - timedelta(days=1)),
        ),
        (
            _piece(of, "EML1", "Orientation vers l'espace client", "C42 C45 C47 C48", "K1 K3", "T5 T9"),
            "message.eml",
            artefacts.message(produced_on),
        ),
        (
            _piece(of, "WP1", "Lettre de relance type", "C43 C46", "K4 K5 K6", "T2 T10"),
            "relance.pdf",
            artefacts.letter(),
        ),
    ]


def _piece(
    of: dict[str, Any], type_code: str, title: str, competences: str, criteria: str, tools: str
) -> dict[str, Any]:
    return {
        "type_code": type_code,
        "title": title,
        "nature": "production",
        "situation": "reelle",
        "context": "pfmp",
        **of,
        "description": DESCRIBED,
        "competences": [{"competence": code, "justification": WHY} for code in competences.split()],
        "criteria": criteria.split(),
        "tool_families": tools.split(),
        "permission": "accordee",
        "anonymisation": "fait",
        "assistance_used": False,
    }
