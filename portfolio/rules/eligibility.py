"""Decides who passes E5 in CCF and who by the written paper: code de l'éducation, D643-19, and arrêté, annex II C.

The arrêté of 2017 requires habilitation in every case; D643-19 (décret 2022-850) made CCF a right in public
establishments and in CFA that a public body carries. The later and higher text applies.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from portfolio.identifiers import Malformed

RULE_VERSION = "D643-19/2022-06-05"

Form = Literal["ccf", "ponctuelle"]
Status = Literal["scolaire", "apprenti", "formation_continue", "experience"]
TrainingPlace = Literal["public", "prive_sous_contrat", "prive_hors_contrat", "cfa"]


@dataclass(frozen=True)
class EligibilityFacts:
    """What decides the form.

    carried_by_public_body: a CFA of an EPLE, GRETA or GIP-FCIP, with the whole training there.

    habilitated: the recteur's habilitation is valid for this speciality and session.
    distance: the candidate prepares by distance learning.
    """

    status: Status
    school_kind: TrainingPlace
    carried_by_public_body: bool = False
    habilitated: bool = False
    distance: bool = False


@dataclass(frozen=True)
class Override:
    """A decision of the rectorat for one candidate. Raises Malformed without the reference of the written decision."""

    form: Form
    decision_reference: str

    def __post_init__(self) -> None:
        if not self.decision_reference.strip():
            raise Malformed("Indiquez la référence de la décision du rectorat.")


@dataclass(frozen=True)
class Decision:
    """The form that applies and its reason, after the override if there is one."""

    form: Form
    reason_code: str
    reason_fr: str
    rule_version: str = RULE_VERSION
    override: Override | None = None


def decide(facts: EligibilityFacts, override: Override | None = None) -> Decision:
    """Returns the form of the exam with its reason in French (code de l'éducation, D643-19). An override wins; its
    reason also states the result of the rule.
    """
    by_rule = _by_rule(facts)
    if override is None:
        return by_rule
    return replace(
        by_rule,
        form=override.form,
        reason_code="rectorat_decision",
        reason_fr=f"Décision du rectorat {override.decision_reference.strip()}. "
        f"Selon la règle générale : {by_rule.reason_fr[0].lower()}{by_rule.reason_fr[1:]}",
        override=override,
    )


def _by_rule(facts: EligibilityFacts) -> Decision:
    if facts.status == "experience":
        return Decision(
            "ponctuelle",
            "experience",
            "Candidat au titre de l'expérience professionnelle : épreuve ponctuelle (D643-19, 4°).",
        )
    if facts.distance:
        return Decision(
            "ponctuelle",
            "distance",
            "Préparation par l'enseignement à distance, quel que soit le statut : épreuve ponctuelle (D643-19, 4°).",
        )
    if facts.status == "scolaire":
        return _scolaire(facts)
    if facts.status == "apprenti":
        return _apprenti(facts)
    return _formation_continue(facts)


def _scolaire(facts: EligibilityFacts) -> Decision:
    if facts.school_kind in ("public", "prive_sous_contrat"):
        return Decision(
            "ccf",
            "school_public_or_contract",
            "Voie scolaire dans un établissement public ou privé sous contrat : CCF (D643-19, 1°).",
        )
    if facts.school_kind == "prive_hors_contrat":
        return Decision(
            "ponctuelle",
            "school_without_contract",
            "Voie scolaire dans un établissement privé hors contrat : épreuve ponctuelle (D643-19, 1°).",
        )
    return Decision(
        "ponctuelle",
        "school_in_cfa",
        "Voie scolaire dans un CFA, cas que le texte ne prévoit pas : épreuve ponctuelle, "
        "sauf décision du rectorat. Vérifiez le statut du candidat.",
    )


def _apprenti(facts: EligibilityFacts) -> Decision:
    if facts.carried_by_public_body:
        return Decision(
            "ccf",
            "cfa_public_body",
            "Apprentissage dans un CFA porté par un EPLE, un GRETA ou un GIP-FCIP, la formation s'y déroulant "
            "en totalité : CCF (D643-19, 3°).",
        )
    if facts.habilitated:
        return Decision(
            "ccf",
            "cfa_habilitated",
            "Apprentissage dans un CFA habilité par le recteur : CCF (D643-19, 3°).",
        )
    return Decision(
        "ponctuelle",
        "cfa_not_habilitated",
        "Apprentissage hors d'un CFA habilité par le recteur ou porté par un organisme public, d'après ce que "
        "l'établissement a enregistré : épreuve ponctuelle (D643-19, 3°).",
    )


def _formation_continue(facts: EligibilityFacts) -> Decision:
    """Returns the form in continuing training (D643-19, 2°): a CFA carried by a public body counts as a public
    establishment; habilitation alone does not give CCF.
    """
    if facts.school_kind == "public" or (facts.school_kind == "cfa" and facts.carried_by_public_body):
        return Decision(
            "ccf",
            "continuing_public",
            "Formation professionnelle continue dans un établissement public : CCF (D643-19, 2°).",
        )
    return Decision(
        "ponctuelle",
        "continuing_not_public",
        "Formation professionnelle continue hors d'un établissement public : épreuve ponctuelle (D643-19, 2°).",
    )
