"""The circular's checks as somebody reads them who has to act: what is missing, who owes it, where to go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from portfolio.counting import many
from portfolio.rules.conformity import is_provisional
from portfolio.rules.conformity_report import ConformityCheck, Report
from portfolio.submission.overview import Overview
from web.candidate.labels import OWED_BY

# Where to put right a check whose `missing` names nothing that has a page.
PAGES = {
    "min_pieces": ("Déposer une preuve", "candidate.show"),
    "max_pieces": ("Voir les preuves", "candidate_pieces.show"),
    "real_activity": ("Voir les preuves", "candidate_pieces.show"),
    "competences_declared": ("Voir la couverture", "candidate.coverage"),
    "criteria_declared": ("Voir la couverture", "candidate.coverage"),
    "tools_used": ("Voir la couverture", "candidate.coverage"),
    "not_quiz_alone": ("Voir la couverture", "candidate.coverage"),
    "tutor_sign_off": ("Demander les confirmations", "candidate_activities.activities"),
    "teacher_sign_off": ("Demander les confirmations", "candidate_activities.activities"),
    "reality_evaluated": ("Voir les périodes", "candidate_activities.activities"),
}
# On the first page, where the map of competences follows: how many, rather than each by its name.
SHORT_COUNTS = {
    "competences_declared": ("compétence sans preuve", "compétences sans preuve"),
    "criteria_declared": ("critère sans preuve", "critères sans preuve"),
    "tools_used": ("outil qu'aucune preuve ne montre", "outils qu'aucune preuve ne montre"),
    "not_quiz_alone": ("compétence montrée sans production", "compétences montrées sans production"),
    "no_draft": ("preuve à compléter", "preuves à compléter"),
}

LINKS = 6  # of a check: the others show once these are put right


@dataclass(frozen=True)
class CheckLine:
    """One check. short: for the first page. provisional: see `is_provisional`. who owes it, in French; mine: the
    candidate. links: (words, address).
    """

    text: str
    short: str
    passed: bool
    blocks: bool
    provisional: bool
    mine: bool
    who: str
    links: list[tuple[str, str]]


@dataclass(frozen=True)
class ToDo:
    """The checks that fail, owed by the candidate or by others; those that pass."""

    mine: list[CheckLine]
    others: list[CheckLine]
    done: list[CheckLine]


def to_do(whole: Overview, report: Report) -> ToDo:
    """Returns the checks of the report: those that fail for the candidate and for others, what blocks first, and those
    that pass.
    """
    titles = {str(piece.id): piece.title for piece in whole.pieces}
    lines = [_line(whole, titles, check) for check in report.checks]
    failing = sorted((line for line in lines if not line.passed), key=lambda line: not line.blocks)
    return ToDo(
        mine=[line for line in failing if line.mine],
        others=[line for line in failing if not line.mine],
        done=[line for line in lines if line.passed],
    )


def _line(whole: Overview, titles: Mapping[str, str], check: ConformityCheck) -> CheckLine:
    return CheckLine(
        text=check.text,
        short=many(len(check.missing), *SHORT_COUNTS[check.code]) + "." if check.code in SHORT_COUNTS else check.text,
        passed=check.passed,
        blocks=check.severity == "block",
        provisional=is_provisional(whole.circular, check),
        mine="candidate" in check.owed_by,
        who=" et de ".join(OWED_BY[who] for who in check.owed_by),
        links=[] if check.passed else _links(whole, titles, check),
    )


def _links(whole: Overview, titles: Mapping[str, str], check: ConformityCheck) -> list[tuple[str, str]]:
    """Returns (French words, address) of where to put a failing check right; its pieces if it names any, else the page
    of its kind.
    """
    lacking = [piece_id for piece_id in check.missing if piece_id in titles]
    if lacking or check.code not in PAGES:
        return [
            (titles[piece_id], url_for("candidate_piece.piece", evidence_id=piece_id)) for piece_id in lacking[:LINKS]
        ]
    words, endpoint = PAGES[check.code]
    return [(words, url_for(endpoint, portfolio_id=whole.portfolio.id))]
