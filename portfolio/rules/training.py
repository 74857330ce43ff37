"""Says what the periods in companies still lack of what the arrêté asks (annexe III B and C). Pure; it refuses nothing.

A stage lasts 75 to 80 days over the training, or less by a decision; apprentices and employees owe an attestation of
their employer instead of certificates of stage.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from portfolio.counting import many
from portfolio.rules.terms import CandidateStatus

LEAST_DAYS, MOST_DAYS = 75, 80  # « 15 à 16 semaines maximum, soit entre 75 et 80 journées » (B 1 a)
LEAST_REDUCED = 40  # « une durée minimum de 8 semaines » (C), of five days
STAGE, APPRENTISSAGE = "stage", "apprentissage"
OWED_KIND: dict[str, tuple[str, str]] = {
    CandidateStatus.SCOLAIRE: (STAGE, "un étudiant y est en stage (arrêté, annexe III B 1 b)"),
    CandidateStatus.APPRENTI: (APPRENTISSAGE, "un apprenti y est sous contrat (arrêté, annexe III B 2)"),
}
# {status: (the paper, how its deposit is said)}
OWED_CERTIFICATE: dict[str, tuple[str, str]] = {
    CandidateStatus.SCOLAIRE: ("Certificat de stage", "déposé"),
    CandidateStatus.APPRENTI: ("Attestation de l'employeur", "déposée"),
    CandidateStatus.FORMATION_CONTINUE: ("Certificat de stage ou de travail", "déposé"),
    CandidateStatus.EXPERIENCE: ("Certificat de travail", "déposé"),
}
# Those whose stage has a length: the others' is that of their contract or employment.
HAVE_A_LENGTH = (CandidateStatus.SCOLAIRE, CandidateStatus.FORMATION_CONTINUE)


@dataclass(frozen=True)
class TrainingPeriod:
    """A period that stands. deposited: its certificate is there as a file. certified: the school has seen it, or one on
    paper where none was deposited; certified_days: what that one states, None if nothing. tutored: its
    tutor is named.
    """

    company: str
    kind: str
    starts: date
    ends: date
    days: int
    deposited: bool
    certified: bool
    certified_days: int | None
    broken_on: date | None
    tutored: bool


@dataclass(frozen=True)
class TrainingFacts:
    """What decides. least: the days asked of the stage, fewer than LEAST_DAYS where a decision reduced it. entered_on:
    of a candidate who joined a training that had begun.
    """

    status: str
    periods: tuple[TrainingPeriod, ...]
    least: int
    entered_on: date | None


@dataclass(frozen=True)
class TrainingReport:
    """days: over all periods. lacks: French sentences, each with its text; empty if nothing is missing."""

    days: int
    lacks: tuple[str, ...]


def training_report(facts: TrainingFacts, today: date) -> TrainingReport:
    """Returns the days of a training and what it lacks, as known on that day."""
    lacks = (
        *_kinds(facts),
        *_without_tutor(facts.periods),
        *_length(facts),
        *_overlaps(facts.periods),
        *_breaks(facts.periods),
        *_certificates(facts, today),
    )
    return TrainingReport(_days(facts), lacks)


def _days(facts: TrainingFacts) -> int:
    return sum(period.days for period in facts.periods)


def _kinds(facts: TrainingFacts) -> Iterator[str]:
    if facts.status not in OWED_KIND:
        return
    kind, why = OWED_KIND[facts.status]
    yield from (f"{period.company} : nature à vérifier, {why}." for period in facts.periods if period.kind != kind)


def _without_tutor(periods: tuple[TrainingPeriod, ...]) -> Iterator[str]:
    for period in periods:
        if not period.tutored:
            yield f"{period.company} : tuteur à désigner, ce qui lui est demandé attend."


def _length(facts: TrainingFacts) -> Iterator[str]:
    if facts.status not in HAVE_A_LENGTH:
        return
    days = _days(facts)
    asked = f"de {LEAST_DAYS} à {MOST_DAYS}" if facts.least >= LEAST_DAYS else f"{facts.least} au moins, sur décision"
    text = "annexe III B 1 a" if facts.least >= LEAST_DAYS else "annexe III C"
    if days < facts.least:
        yield f"{many(days, 'jour')} de stage enregistrés, pour {asked} (arrêté, {text})."
        if facts.entered_on and facts.least >= LEAST_DAYS:
            entered = f"{facts.entered_on:%d/%m/%Y}"
            yield f"Entrée en formation le {entered} : la durée peut être réduite à 8 semaines (arrêté, annexe III C)."
    if days > MOST_DAYS:
        yield f"{many(days, 'jour')} de stage enregistrés, pour {MOST_DAYS} au plus (arrêté, annexe III B 1 a)."
    if facts.least < LEAST_REDUCED:
        yield f"Durée réduite à {facts.least} jours : l'arrêté demande 8 semaines au moins (annexe III C)."


def _overlaps(periods: tuple[TrainingPeriod, ...]) -> Iterator[str]:
    for first, other in combinations(sorted(periods, key=lambda period: period.starts), 2):
        starts, ends = max(first.starts, other.starts), min(_last_day(first), _last_day(other))
        if starts <= ends:
            both = f"{first.company} et {other.company}"
            yield f"{both} : les deux périodes se recouvrent du {starts:%d/%m/%Y} au {ends:%d/%m/%Y}."


def _last_day(period: TrainingPeriod) -> date:
    return min(period.ends, period.broken_on or period.ends)


def _breaks(periods: tuple[TrainingPeriod, ...]) -> Iterator[str]:
    for period in periods:
        if period.broken_on:
            term = f", avant le terme du {period.ends:%d/%m/%Y}" if period.broken_on <= period.ends else ""
            yield f"{period.company} : rompu le {period.broken_on:%d/%m/%Y}{term}."


def _certificates(facts: TrainingFacts, today: date) -> Iterator[str]:
    paper, deposited = OWED_CERTIFICATE[facts.status]
    for period in facts.periods:
        if period.deposited and not period.certified:
            yield f"{paper} {deposited}, à voir par l'établissement : {period.company} (arrêté, annexe III B)."
        elif not period.certified and _last_day(period) < today:
            yield f"{paper} à déposer : {period.company} (arrêté, annexe III B)."
        if period.certified and period.certified_days is None and facts.status in HAVE_A_LENGTH:
            yield f"{period.company} : certificat vu, durée totale attestée à noter (code de l'éducation, D124-9)."
        if period.certified_days is not None and period.certified_days != period.days:
            stated = many(period.certified_days, "jour attesté", "jours attestés")
            yield f"{period.company} : {many(period.days, 'jour')} enregistrés, {stated}."
