"""Sheets of fictional people, for the tests of this folder."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from portfolio.sheet.build import build
from portfolio.sheet.printed_values import (
    Candidate,
    Pinned,
    PrintedExam,
    SheetCommission,
    SheetDegree,
    SheetEvaluation,
    SheetInput,
    SheetMark,
    SheetMember,
    SheetOutcome,
    SheetPiece,
    SheetPlacement,
    SheetPortfolio,
    SheetRow,
    SheetSchool,
    SheetSignature,
)
from portfolio.store.digests import digest

NOT_EVALUATED = SheetDegree("NE", "Non évalué")
COMPETENCES = {
    "C1": "Utiliser les outils numériques et systèmes d'information de l'entreprise",
    "C42": "Utiliser les outils collaboratifs numériques de l'entreprise pour contacter et coordonner les"
    " interlocuteurs",
    "C43": "Appliquer la réglementation relative à la protection des données personnelles et à la vente à distance",
    "C44": "Appliquer les procédures numériques de l'entreprise",
    "C45": "Mobiliser le canal ou le média de communication adapté",
    "C46": "Utiliser de façon responsable des outils numériques",
    "C47": "Communiquer par écrit sur média numérique : messagerie électronique, messagerie instantanée, pages de"
    " sites internet, réseaux sociaux, autres médias numériques",
    "C48": "Orienter un interlocuteur vers l'outil numérique le plus adapté",
    "C49": "Utiliser les ressources numériques de l'entreprise et les ressources numériques externes à l'entreprise",
}
CRITERIA = {
    "K3": "Qualité de la communication écrite digitale en fonction du support, clarté de l'expression",
    "K7": "Maîtrise de l'interopérabilité des données reçues et émises",
}
SCALE = (
    SheetDegree("TI", "Très insuffisant"),
    SheetDegree("I", "Insuffisant"),
    SheetDegree("S", "Satisfaisant"),
    SheetDegree("TS", "Très satisfaisant"),
)


def _rows() -> tuple[SheetRow, ...]:
    degrees = ["S", "TS", "S", "I", "TS", "S", "TI", "NE", "S", "S", "TS"]
    observations = ["Usage sûr de l'extranet et de l'outil de gestion des sinistres.", "", "Bandeau RGPD oublié."]
    wordings = [("competence", code, words) for code, words in COMPETENCES.items()]
    wordings += [("criterion", code, words) for code, words in CRITERIA.items()]
    return tuple(
        SheetRow(code, kind, words, degrees[n], observations[n % 3], (f"P{n + 1}", f"P{n + 2}"))  # type: ignore[arg-type]
        for n, (kind, code, words) in enumerate(wordings)
    )


def plain(**changes: object) -> SheetInput:
    """A sheet as a commission usually leaves it, reconciled with its circular; `changes` replace fields."""
    sheet = SheetInput(
        title="Fiche d'évaluation",
        number="2027-0750654D-0007",
        session_code="2027",
        rehearsal=False,
        exam=PrintedExam(
            "BTS Assurance",
            "E5",
            "U5",
            "Communication digitale, utilisation du système d'information et des outils numériques",
            2,
            "contrôle en cours de formation (CCF)",
        ),
        academy="Paris",
        time_zone="Europe/Paris",
        school=SheetSchool("0750654D", "Lycée Honoré-d'Estienne-d'Orves", "Paris"),
        candidate=Candidate(
            "02750123456", "L'Hœur-Français", "D'Açunha", "Zoë, Maÿlis", date(2006, 2, 28), "Étudiante"
        ),
        placements=(
            SheetPlacement(
                "Stage", "Mutuelle de l'Œuvre", "Nanterre", date(2026, 1, 5), date(2026, 2, 13), 30, "Inès Çelik"
            ),
            SheetPlacement(
                "Stage", "Cabinet Lebœuf & fils", "Paris", date(2026, 11, 2), date(2027, 1, 15), 48, "Marc Lebœuf"
            ),
        ),
        commission=SheetCommission(
            (
                SheetMember("Anne-Lise N'Diaye", "Professeure chargée du suivi"),
                SheetMember("Marc Lebœuf", "Tuteur de l'entreprise d'accueil"),
            ),
            None,
            date(2027, 4, 12),
            "Lycée Honoré-d'Estienne-d'Orves, salle B12",
            "ensemble, sur une grille unique",
            ("Anne-Lise N'Diaye", "Marc Lebœuf"),
            "Le tuteur participait à distance.",
        ),
        scale=SCALE,
        not_evaluated=NOT_EVALUATED,
        rows=_rows(),
        reality=("Activités à confirmer par le tuteur – confirmées : 3, confirmées en partie : 1.",),
        evaluations=(
            SheetEvaluation(
                "Mutuelle de l'Œuvre",
                "Réalité des activités évaluée conjointement par les enseignants et le tuteur.",
                "Zoë a tenu seule le tableau de suivi des sinistres et répondu aux sociétaires par courriel.",
            ),
            SheetEvaluation("Cabinet Lebœuf & fils", "Réalité des activités non évaluée conjointement.", ""),
        ),
        control=(("Portfolio remis", "remise n° 3, le 30/04/2027 à 17 h 42"), ("Réalité évaluée", "1 sur 2 périodes")),
        spaces=(),
        appreciation=(
            "Portfolio sérieux, preuves variées et bien commentées.\n"
            "La protection des données personnelles reste à approfondir dans les publications."
        ),
        outcome=None,
        mark=SheetMark(Decimal("14.50"), Decimal("0.5")),
        portfolio=SheetPortfolio(
            3,
            "ab" * 32,
            tuple(
                SheetPiece(f"P{n}", title, 1 + n % 2, f"{n:02x}" * 8, "Production", "Réel" if n % 2 else "Simulé")
                for n, title in enumerate(
                    [
                        "Courriel de relance à un sociétaire",
                        "Tableau de suivi des sinistres (croisé dynamique)",
                        "Publication sur le réseau social de l'agence",
                        "Démonstration filmée de l'extranet",
                        "Résultat du contrôle « RGPD et vente à distance »",
                    ],
                    1,
                )
            ),
        ),
        chain_head="c4" * 32,
        circular=Pinned("bts-assurance-2027", "2", "d5" * 32),
        document_sha256="e6" * 32,
        referential=Pinned("bts-assurance-2017", "1", "f7" * 32),
        template_version="1",
        footer=(
            "Ce document est à l'usage exclusif de la commission et du jury. "
            "Il ne doit pas être communiqué au candidat ou à la candidate."
        ),
    )
    return replace(sheet, **changes)  # type: ignore[arg-type]


def provisional_rehearsal() -> SheetInput:
    return plain(number="2027R-0750654D-0001", session_code="2027R", rehearsal=True, document_sha256=None, mark=None)


def without_appraisal() -> SheetInput:
    rows = tuple(replace(row, degree=None, observation="", evidence=()) for row in _rows())
    return plain(
        rows=rows,
        mark=None,
        outcome=SheetOutcome("absence_de_portfolio", "Aucun portfolio remis"),
        appreciation="",
        portfolio=SheetPortfolio(0, "", ()),
        reality=(),
        evaluations=(),
    )


def very_long() -> SheetInput:
    sentence = "La commission relève une maîtrise inégale des fonctionnalités avancées de l'extranet. "
    rows = tuple(replace(row, observation=(sentence * 12).strip()) for row in _rows())
    return plain(
        rows=rows,
        appreciation="\n".join([(sentence * 20).strip()] * 6),
        portfolio=SheetPortfolio(
            12,
            "ab" * 32,
            tuple(
                SheetPiece(
                    f"P{n}",
                    f"Pièce {n} : " + "compte rendu d'entretien avec un assuré, " * (n % 5),
                    n,
                    "ab" * 8,
                    "Production",
                    "",
                )
                for n in range(1, 31)
            ),
        ),
    )


def signed(sheet: SheetInput) -> tuple[SheetSignature, ...]:
    """Both members signed what `build` gives for this sheet."""
    return tuple(
        SheetSignature(member.name, member.quality, f"2027-04-12T14:0{n}:11Z", digest(build(sheet)))
        for n, member in enumerate(sheet.commission.members)
    )
