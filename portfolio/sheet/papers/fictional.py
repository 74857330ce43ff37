"""Draws the evaluation sheet of a fictional candidate, to see a circular before it is published. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import cycle

from portfolio.rules.texts.circular_terms import Circular
from portfolio.rules.texts.referential import Referential
from portfolio.sheet.build import build
from portfolio.sheet.papers.render_pdf import render_pdf
from portfolio.sheet.printed_values import (
    Candidate,
    Pinned,
    PrintedExam,
    SheetCommission,
    SheetDegree,
    SheetInput,
    SheetMark,
    SheetMember,
    SheetPiece,
    SheetPlacement,
    SheetPortfolio,
    SheetRow,
    SheetSchool,
    kind_of_row,
)

BANNER = "APERÇU D'UNE CIRCULAIRE : personne fictive"
MARK = Decimal(12)
_PIECE = SheetPiece("P1", "Preuve fictive", 1, "0" * 16, nature="Production", situation="Simulé")


def fictional_sheet(rules: Circular, official: Referential) -> bytes:
    """Returns the PDF of a sheet under this circular: every row scored, degrees in turn, and a mark; of nobody."""
    return render_pdf(build(_sheet(rules, official)), (), BANNER)


def _sheet(rules: Circular, official: Referential) -> SheetInput:
    degrees = cycle([*rules.grid.scale, rules.grid.not_evaluated])
    return SheetInput(
        title=rules.sheet.title,
        number="0000000A-APERCU",
        session_code=rules.id,
        rehearsal=True,
        exam=PrintedExam.of(official, rules.sheet.modality),
        academy="Académie fictive",
        time_zone="Europe/Paris",
        school=SheetSchool("0000000A", "Lycée fictif", "Ville fictive"),
        candidate=Candidate("00000000000", "FICTIF", "", "Camille", date(2006, 1, 1), rules.sheet.statuses["scolaire"]),
        placements=(
            SheetPlacement(
                kind="Stage",
                company="Entreprise fictive",
                city="Ville fictive",
                starts=date(rules.portfolio.deadline.year, 1, 4),
                ends=date(rules.portfolio.deadline.year, 2, 19),
                days=35,
                tutor="Dominique Fictif",
            ),
        ),
        commission=_commission(rules),
        scale=tuple(SheetDegree.of(degree) for degree in rules.grid.scale),
        not_evaluated=SheetDegree.of(rules.grid.not_evaluated),
        rows=tuple(_row(official, code, degree.code) for code, degree in zip(rules.grid.rows, degrees, strict=False)),
        reality=("Activités confirmées par le tuteur et par un professeur.",),
        evaluations=(),
        control=(("Portfolio remis", "remise fictive"),),
        spaces=rules.sheet.spaces,
        appreciation="Appréciation d'une personne qui n'existe pas, pour voir la place qu'elle prend.",
        outcome=None,
        mark=SheetMark(MARK, rules.mark.step, int(rules.mark.maximum)),
        portfolio=SheetPortfolio(1, "0" * 64, (_PIECE,)),
        chain_head="portfolio:fictif 1:0",
        circular=Pinned(*rules.pin),
        document_sha256=rules.source.document_sha256,
        referential=Pinned(official.id, official.version, official.sha256),
        template_version=rules.sheet.template_version,
        footer=rules.sheet.footer,
    )


def _commission(rules: Circular) -> SheetCommission:
    qualities = rules.sheet.qualities
    return SheetCommission(
        members=(
            SheetMember("Claude Fictif", qualities["follower"]),
            SheetMember("Dominique Fictif", qualities["tutor"]),
        ),
        tutor_absence=None,
        met_on=rules.commission.opens_on,
        place="Lycée fictif",
        mode=rules.sheet.modes[rules.commission.default_mode],
    )


def _row(official: Referential, code: str, degree: str) -> SheetRow:
    kind, wording = kind_of_row(official, code), official.wording(code)
    return SheetRow(code, kind, wording, degree, "Observation de l'aperçu.", ("P1",))
