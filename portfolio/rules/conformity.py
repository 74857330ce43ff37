"""Checks a portfolio against the circular: what is missing, and who must provide it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

from portfolio.counting import many
from portfolio.rules.awaited_sign_offs import awaiting_teacher, awaiting_tutor
from portfolio.rules.checked_portfolio import CheckedPortfolio
from portfolio.rules.conformity_report import (
    CANDIDATE,
    OFFICE,
    TEACHER,
    TUTOR,
    ConformityCheck,
    Lack,
    Report,
    judged,
    quoted,
    quoted_few,
)
from portfolio.rules.coverage import Coverage, coverage
from portfolio.rules.terms import Nature, Severity, Situation, Standing
from portfolio.rules.texts.circular_terms import Circular, PieceCount, Requirement, SignOff
from portfolio.rules.texts.referential import Referential

# « en situation réelle ou simulée », « des résultats de contrôles » (arrêté, annexe II D, E5, B): both are admitted.
DENIED_BY_THE_ARRETE = frozenset({"real_activity", "not_quiz_alone"})
OF_A_CIRCULAR = frozenset({"min_pieces", "max_pieces", "real_pieces_anonymised"})  # no other text could ask for them


class ConformityFacts(NamedTuple):
    state: CheckedPortfolio
    coverage: Coverage
    referential: Referential


def conformity(circular: Circular, referential: Referential, state: CheckedPortfolio) -> Report:
    """Returns the number of pieces, then the checks of the circular in its order, then the sign-offs.

    A provisional circular blocks nothing, and asks nothing that the arrêté denies.
    """
    facts = ConformityFacts(state, coverage(referential, state.pieces), referential)
    rules = circular.portfolio
    if circular.provisional:
        kept = tuple(
            replace(rule, severity=Severity.WARN) for rule in rules.checks if rule.code not in DENIED_BY_THE_ARRETE
        )
        fewest, most = (replace(count, severity=Severity.WARN) for count in (rules.min_pieces, rules.max_pieces))
        rules = replace(rules, checks=kept, min_pieces=fewest, max_pieces=most)
    return Report(
        (
            _fewest(rules.min_pieces, len(state.pieces)),
            _most(rules.max_pieces, len(state.pieces)),
            *(judged(rule.code, rule.severity, rule.text, CHECKS[rule.code](rule, facts)) for rule in rules.checks),
            _signed_off("tutor_sign_off", circular, circular.attestations.tutor, awaiting_tutor(state)),
            _signed_off("teacher_sign_off", circular, circular.attestations.teacher, awaiting_teacher(state)),
        )
    )


def is_provisional(circular: Circular, check: ConformityCheck) -> bool:
    """Returns whether only a circular could ask for what was checked, and nobody read it in one. Pure."""
    return circular.provisional and check.code in OF_A_CIRCULAR


def _signed_off(code: str, circular: Circular, rule: SignOff, lack: Lack | None) -> ConformityCheck:
    return judged(code, Severity.WARN if circular.provisional else rule.missing, rule.text, lack)


def _fewest(rule: PieceCount, count: int) -> ConformityCheck:
    lack = None
    if count < rule.count:
        text = f"{many(count, 'preuve')} pour {rule.count} au moins : il faut en déposer."
        lack = Lack(text, (), (CANDIDATE,))
    return judged("min_pieces", rule.severity, f"Le portfolio compte au moins {many(rule.count, 'preuve')}.", lack)


def _most(rule: PieceCount, count: int) -> ConformityCheck:
    lack = None
    if count > rule.count:
        text = f"{many(count, 'preuve')} pour {rule.count} au plus : il faut en retirer."
        lack = Lack(text, (), (CANDIDATE,))
    return judged("max_pieces", rule.severity, f"Le portfolio compte au plus {many(rule.count, 'preuve')}.", lack)


def _named(referential: Referential, codes: Iterable[str]) -> str:
    return ", ".join(f"{code} ({referential.short[code]})" for code in codes)


# --- the circular's checks: (requirement, facts) -> what is lacking, or None ------------------------


def _competences(rule: Requirement, facts: ConformityFacts) -> Lack | None:
    short = [line.code for line in facts.coverage.competences if len(line.proofs.declared) < rule.at_least]
    return _too_few(rule, facts, short)


def _criteria(rule: Requirement, facts: ConformityFacts) -> Lack | None:
    short = [line.code for line in facts.coverage.criteria if len(line.proofs.declared) < rule.at_least]
    return _too_few(rule, facts, short)


def _too_few(rule: Requirement, facts: ConformityFacts, codes: list[str]) -> Lack | None:
    if not codes:
        return None
    need = "Aucune preuve" if rule.at_least == 1 else f"Moins de {many(rule.at_least, 'preuve')}"
    text = f"{need} pour {_named(facts.referential, codes)} : à déposer."
    return Lack(text, tuple(codes), (CANDIDATE,))


def _tools(rule: Requirement, facts: ConformityFacts) -> Lack | None:
    codes = facts.coverage.gaps["declared"]["tool_families"]
    if not codes:
        return None
    short = facts.referential.short
    unused = [group for group in facts.referential.tool_groups if group[0] in codes]
    names = ", ".join(" ou ".join(f"{code} ({short[code]})" for code in group) for group in unused)
    return Lack(f"Aucune preuve ne met en œuvre {names} : à déposer.", codes, (CANDIDATE,))


def _real_activity(rule: Requirement, facts: ConformityFacts) -> Lack | None:
    real = [p for p in facts.state.pieces if p.nature == Nature.PRODUCTION and p.situation == Situation.REELLE]
    if len(real) >= rule.at_least:
        return None
    count = many(len(real), "production issue", "productions issues")
    text = f"{count} d'une situation réelle pour {rule.at_least} au moins : à déposer."
    return Lack(text, (), (CANDIDATE,))


def _reality(rule: Requirement, facts: ConformityFacts) -> Lack | None:
    placements = facts.state.placements
    bare = [placement for placement in placements if placement.reality == Standing.MISSING]
    lacks: list[Lack] = []
    if not placements:
        text = "Aucune période en milieu professionnel n'est enregistrée : à saisir par l'établissement."
        lacks.append(Lack(text, (), (OFFICE,)))
    if bare:
        names = quoted(placement.company for placement in bare)
        text = f"Évaluation de la réalité à établir par le professeur avec le tuteur : {names}."
        lacks.append(Lack(text, tuple(placement.id for placement in bare), (TEACHER, TUTOR)))
    if facts.state.class_reality == Standing.MISSING:
        text = "Évaluation de la réalité à établir par un professeur : classe et ateliers."
        lacks.append(Lack(text, (), (TEACHER,)))
    return _together(lacks)


def _together(lacks: list[Lack]) -> Lack | None:
    """Returns the lacks as one, each role once; None without any."""
    if not lacks:
        return None
    missing = tuple(code for lack in lacks for code in lack.missing)
    owed = dict.fromkeys(role for lack in lacks for role in lack.owed_by)
    return Lack(" ".join(lack.text for lack in lacks), missing, tuple(owed))


def _quiz_alone(rule: Requirement, facts: ConformityFacts) -> Lack | None:
    codes = facts.coverage.supported_only
    if not codes:
        return None
    text = (
        f"{_named(facts.referential, codes)} : seulement un contrôle, une certification ou une note. "
        "Il faut y ajouter une production."
    )
    return Lack(text, codes, (CANDIDATE,))


def _anonymised(rule: Requirement, facts: ConformityFacts) -> Lack | None:
    bare = [piece for piece in facts.state.pieces if piece.real_unanonymised]
    if not bare:
        return None
    text = f"Données d'autres personnes à masquer : {quoted(piece.title for piece in bare)}."
    return Lack(text, tuple(piece.id for piece in bare), (CANDIDATE,))


def _drafts(rule: Requirement, facts: ConformityFacts) -> Lack | None:
    drafts = facts.state.drafts
    if not drafts:
        return None
    bare = [draft for draft in drafts if not draft.readable]
    lacking: dict[str, list[str]] = defaultdict(list)
    for draft in drafts:
        if draft.readable:
            lacking[", ".join(draft.missing)].append(draft.title)
    incomplete = [f"{quoted_few(titles)} ({missing})" for missing, titles in lacking.items()]
    parts = [f"Rien à lire, ne sera pas remis : {quoted_few([draft.title for draft in bare])}."] if bare else []
    parts += [f"Remis tel quel, à compléter si possible : {' ; '.join(incomplete)}."] if incomplete else []
    return Lack(" ".join(parts), tuple(draft.id for draft in drafts), (CANDIDATE,))


CHECKS: dict[str, Callable[[Requirement, ConformityFacts], Lack | None]] = {
    "competences_declared": _competences,
    "criteria_declared": _criteria,
    "tools_used": _tools,
    "real_activity": _real_activity,
    "reality_evaluated": _reality,
    "not_quiz_alone": _quiz_alone,
    "real_pieces_anonymised": _anonymised,
    "no_draft": _drafts,
}
