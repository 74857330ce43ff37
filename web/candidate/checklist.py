"""The circular's checks as somebody reads them who has to act: what is missing, who owes it, where to go."""

from __future__ import annotations

from typing import Any

from flask import url_for

from portfolio.counting import many
from portfolio.rules.conformity import ConformityCheck, Report
from portfolio.submission.overview import Overview
from web.candidate.labels import OWED_BY

# Where to put right a check whose `missing` names nothing that has a page.
ELSEWHERE = {
    "min_pieces": ("Déposer une preuve", "candidate.show"),
    "max_pieces": ("Voir les preuves", "candidate.pieces"),
    "real_activity": ("Voir les preuves", "candidate.pieces"),
    "competences_declared": ("Voir la couverture", "candidate.coverage"),
    "criteria_declared": ("Voir la couverture", "candidate.coverage"),
    "tools_used": ("Voir la couverture", "candidate.coverage"),
    "not_quiz_alone": ("Voir la couverture", "candidate.coverage"),
    "tutor_sign_off": ("Demander les confirmations", "candidate_activities.activities"),
    "teacher_sign_off": ("Demander les confirmations", "candidate_activities.activities"),
    "reality_evaluated": ("Voir les périodes", "candidate_activities.activities"),
}
# On the first page, where the map of competences follows: how many, rather than each by its name.
COUNTED = {
    "competences_declared": ("compétence sans preuve prête", "compétences sans preuve prête"),
    "criteria_declared": ("critère sans preuve prête", "critères sans preuve prête"),
    "tools_used": ("outil qu'aucune preuve prête ne montre", "outils qu'aucune preuve prête ne montre"),
    "not_quiz_alone": ("compétence montrée sans production", "compétences montrées sans production"),
    "no_draft": ("brouillon à terminer, ou à retirer", "brouillons à terminer, ou à retirer"),
}


def to_do(seen: Overview, report: Report) -> dict[str, list[dict[str, Any]]]:
    """{mine, others, done}: those that block first."""
    lines = [_line(seen, check) for check in report.checks]
    failing = sorted((one for one in lines if not one["passed"]), key=lambda one: not one["blocks"])
    return {
        "mine": [one for one in failing if one["mine"]],
        "others": [one for one in failing if not one["mine"]],
        "done": [one for one in lines if one["passed"]],
    }


def _line(seen: Overview, check: ConformityCheck) -> dict[str, Any]:
    return {
        "text": check.text,
        "short": many(len(check.missing), *COUNTED[check.code]) + "." if check.code in COUNTED else check.text,
        "passed": check.passed,
        "blocks": check.severity == "block",
        "mine": "candidate" in check.owed_by,
        "who": " et de ".join(OWED_BY[who] for who in check.owed_by),
        "links": [] if check.passed else _links(seen, check),
    }


def _links(seen: Overview, check: ConformityCheck) -> list[tuple[str, str]]:
    """(words, address)"""
    titles = {str(piece.id): piece.title for piece in seen.pieces}
    found = [(titles[one], url_for("candidate_piece.piece", evidence_id=one)) for one in check.missing if one in titles]
    if found or check.code not in ELSEWHERE:
        return found
    said, endpoint = ELSEWHERE[check.code]
    return [(said, url_for(endpoint, portfolio_id=seen.portfolio.id))]
