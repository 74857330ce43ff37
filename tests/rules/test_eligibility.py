"""Every combination of facts has one form and one reason: the whole table of D643-19, 128 cases."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest

from portfolio.identifiers import Malformed
from portfolio.rules.eligibility import RULE_VERSION, EligibilityFacts, Override, Status, TrainingPlace, decide

ANY = (False, True)
PUBLIC, CONTRACT, NO_CONTRACT, CFA = "public", "prive_sous_contrat", "prive_hors_contrat", "cfa"
ALL_KINDS = (PUBLIC, CONTRACT, NO_CONTRACT, CFA)

# status, kinds, carried by a public body, habilitated, distance -> form, reason
TABLE = [
    ("scolaire", (PUBLIC, CONTRACT), ANY, ANY, (False,), "ccf", "school_public_or_contract"),
    ("scolaire", (NO_CONTRACT,), ANY, ANY, (False,), "ponctuelle", "school_without_contract"),
    ("scolaire", (CFA,), ANY, ANY, (False,), "ponctuelle", "school_in_cfa"),
    ("scolaire", ALL_KINDS, ANY, ANY, (True,), "ponctuelle", "distance"),
    ("apprenti", ALL_KINDS, (True,), ANY, (False,), "ccf", "cfa_public_body"),
    ("apprenti", ALL_KINDS, (False,), (True,), (False,), "ccf", "cfa_habilitated"),
    ("apprenti", ALL_KINDS, (False,), (False,), (False,), "ponctuelle", "cfa_not_habilitated"),
    ("apprenti", ALL_KINDS, ANY, ANY, (True,), "ponctuelle", "distance"),
    ("formation_continue", (PUBLIC,), ANY, ANY, (False,), "ccf", "continuing_public"),
    ("formation_continue", (CFA,), (True,), ANY, (False,), "ccf", "continuing_public"),
    ("formation_continue", (CFA,), (False,), ANY, (False,), "ponctuelle", "continuing_not_public"),
    ("formation_continue", (CONTRACT, NO_CONTRACT), ANY, ANY, (False,), "ponctuelle", "continuing_not_public"),
    ("formation_continue", ALL_KINDS, ANY, ANY, (True,), "ponctuelle", "distance"),
    ("experience", ALL_KINDS, ANY, ANY, ANY, "ponctuelle", "experience"),
]
CASES = [
    (EligibilityFacts(*facts), form, reason)
    for status, kinds, carried, habilitated, distance, form, reason in TABLE
    for facts in product((status,), kinds, carried, habilitated, distance)
]


def test_the_table_covers_every_combination_once() -> None:
    every = {EligibilityFacts(*facts) for facts in product(get_args(Status), get_args(TrainingPlace), ANY, ANY, ANY)}
    assert len(CASES) == len(every) == 128
    assert {facts for facts, _, _ in CASES} == every


@pytest.mark.parametrize(("facts", "form", "reason"), CASES)
def test_the_rule_gives_the_form_and_its_reason(facts: EligibilityFacts, form: str, reason: str) -> None:
    decision = decide(facts)
    assert (decision.form, decision.reason_code) == (form, reason)
    assert decision.rule_version == RULE_VERSION == "D643-19/2022-06-05"
    assert decision.override is None
    assert ("CCF" in decision.reason_fr) is (form == "ccf")


@pytest.mark.parametrize("form", ["ccf", "ponctuelle"])
@pytest.mark.parametrize("facts", [facts for facts, _, _ in CASES])
def test_the_rectorat_may_decide_otherwise_and_the_rule_stays_readable(facts: EligibilityFacts, form) -> None:
    override = Override(form, "DEC-2027-118")
    decision = decide(facts, override)
    assert decision.form == form
    assert decision.reason_code == "rectorat_decision"
    assert decision.override == override
    assert decision.rule_version == RULE_VERSION
    assert "DEC-2027-118" in decision.reason_fr
    assert decide(facts).reason_fr[1:] in decision.reason_fr


@pytest.mark.parametrize("reference", ["", "  "])
def test_a_decision_of_the_rectorat_has_a_reference(reference: str) -> None:
    with pytest.raises(Malformed):
        Override("ccf", reference)
