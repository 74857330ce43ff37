"""Says what a newer version of a circular changes, in French, before any candidacy moves to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from portfolio.rules.marks import format_mark
from portfolio.rules.terms import Severity
from portfolio.rules.texts.circular_terms import Circular, Degree, PieceCount, Requirement, SignOff

ABSENT = "rien"


@dataclass(frozen=True)
class CircularDifference:
    """One value that changes. subject: what it is, in French; before, after: in words, « rien » where there is none."""

    subject: str
    before: str
    after: str


def differences(before: Circular, after: Circular) -> list[CircularDifference]:
    """Returns what changes from one version to the other: source, dates, form, grid, scale, mark, then texts. [] if
    nothing that somebody reads changes. Pure.
    """
    old, new = _in_words(before), _in_words(after)
    return [
        CircularDifference(subject, old.get(subject) or ABSENT, new.get(subject) or ABSENT)
        for subject in dict.fromkeys((*old, *new))
        if old.get(subject) != new.get(subject)
    ]


def _in_words(circular: Circular) -> dict[str, str]:
    """Returns {French name: value in French} of every term of a circular, in the order of the page; "" for one that it
    does not set.
    """
    commission, grid, mark = circular.commission, circular.grid, circular.mark
    return {
        "Source": _source(circular),
        "Date limite de remise": f"{circular.portfolio.deadline:%d/%m/%Y à %H:%M}, heure de l'académie",
        "Forme du portfolio": circular.portfolio.form,
        "Nombre de preuves, au moins": _count(circular.portfolio.min_pieces),
        "Nombre de preuves, au plus": _count(circular.portfolio.max_pieces),
        "Taille d'un fichier, au plus": f"{circular.portfolio.max_file_bytes // 1024**2} Mio",
        "Commissions": f"du {commission.opens_on:%d/%m/%Y} au {commission.closes_on:%d/%m/%Y}",
        "Manières d'apprécier": ", ".join(circular.sheet.modes[mode] for mode in commission.modes_allowed),
        "Lignes de la grille": ", ".join(grid.rows),
        "Degrés": ", ".join(map(_degree, (*grid.scale, grid.not_evaluated))),
        "Observation demandée": f"sous {grid.observation_required_below}" if grid.observation_required_below else "",
        "Note": f"sur {format_mark(mark.maximum)}, de {format_mark(mark.step)} en {format_mark(mark.step)}",
        "Commentaire demandé": (
            f"sous {format_mark(mark.comment_required_below)}" if mark.comment_required_below is not None else ""
        ),
        "Référentiel": f"{circular.referential.id}, version {circular.referential.version}",
        **{f"Vérification « {check.code} »": _check(check) for check in circular.portfolio.checks},
        "Confirmation du tuteur": _sign_off(circular.attestations.tutor),
        "Visa du professeur": _sign_off(circular.attestations.teacher),
        **{f"Situation « {outcome.label} »": outcome.explanation for outcome in circular.outcomes.values()},
        "Modèle de la fiche": f"{circular.sheet.title}, {circular.sheet.template_version}",
        "Pied de la fiche": circular.sheet.footer,
        "Place laissée sur la fiche": _listed(circular.sheet.spaces),
        "Mots de la fiche": _listed((circular.sheet.modality, *circular.sheet.qualities.values())),
        "Statuts sur la fiche": _listed(circular.sheet.statuses.values()),
        "Conservation": circular.retention.text,
    }


def _source(circular: Circular) -> str:
    source = circular.source
    known = _listed(filter(None, (source.title, source.pilot_academy, source.reference)))
    return f"{known} (provisoire)" if circular.provisional else known


def _listed(words: Iterable[str]) -> str:
    return " ; ".join(words)


def _severity(severity: str) -> str:
    return "refuse la remise" if severity == Severity.BLOCK else "avertit"


def _count(pieces: PieceCount) -> str:
    return f"{pieces.count} ({_severity(pieces.severity)})"


def _degree(degree: Degree) -> str:
    return f"{degree.label} ({degree.code})"


def _check(check: Requirement) -> str:
    return f"{check.text} ({_severity(check.severity)})"


def _sign_off(sign_off: SignOff) -> str:
    return f"{sign_off.text} ({_severity(sign_off.missing)}) « {sign_off.statement.text} »"
