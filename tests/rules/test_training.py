"""What the periods in companies lack of what the arrêté asks (annexe III B and C)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from portfolio.rules.training import TrainingFacts, TrainingPeriod, training_report

TODAY = date(2027, 5, 20)
FIRST = TrainingPeriod("Agence du Port", "stage", date(2025, 11, 3), date(2025, 12, 12), 30, True, True, 30, None, True)
SECOND = TrainingPeriod("Cabinet Roux", "stage", date(2026, 5, 18), date(2026, 7, 31), 48, False, True, 48, None, True)
WHOLE = TrainingFacts("scolaire", (FIRST, SECOND), 75, None)


def lacks(facts: TrainingFacts) -> tuple[str, ...]:
    return training_report(facts, TODAY).lacks


def test_a_training_of_78_days_whose_certificates_were_seen_lacks_nothing() -> None:
    report = training_report(WHOLE, TODAY)
    assert (report.days, report.lacks) == (78, ())


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"periods": (SECOND,)}, "48 jours de stage enregistrés, pour de 75 à 80"),
        ({"periods": ()}, "0 jour de stage enregistrés"),
        ({"periods": (SECOND,), "least": 60}, "pour 60 au moins, sur décision (arrêté, annexe III C)"),
        ({"periods": (FIRST, replace(SECOND, days=55))}, "85 jours de stage enregistrés, pour 80 au plus"),
        ({"least": 30}, "l'arrêté demande 8 semaines au moins"),
        ({"periods": (replace(FIRST, kind="emploi"), SECOND)}, "Agence du Port : nature à vérifier"),
        ({"periods": (FIRST, replace(SECOND, certified=False))}, "Certificat de stage à déposer : Cabinet Roux"),
        (
            {"periods": (replace(FIRST, certified=False), SECOND)},
            "Certificat de stage déposé, à voir",
        ),
        ({"periods": (replace(FIRST, certified_days=None), SECOND)}, "certificat vu, durée totale attestée à noter"),
        ({"periods": (replace(FIRST, certified_days=28), SECOND)}, "30 jours enregistrés, 28 jours attestés"),
        ({"periods": (replace(FIRST, ends=date(2026, 5, 20)), SECOND)}, "se recouvrent du 18/05/2026 au 20/05/2026"),
        ({"periods": (replace(FIRST, broken_on=date(2025, 12, 1)), SECOND)}, "rompu le 01/12/2025"),
    ],
)
def test_what_is_missing_is_said_with_its_text(changed: dict[str, object], expected: str) -> None:
    assert any(expected in lack for lack in lacks(replace(WHOLE, **changed))), lacks(replace(WHOLE, **changed))


def test_a_reduced_length_is_enough() -> None:
    assert lacks(replace(WHOLE, periods=(SECOND,), least=40)) == ()


def test_who_entered_later_is_told_that_the_length_may_be_reduced() -> None:
    late = replace(WHOLE, periods=(SECOND,), entered_on=date(2026, 9, 1))
    assert any("Entrée en formation le 01/09/2026" in lack for lack in lacks(late))


def test_an_apprentice_owes_an_attestation_of_the_employer_and_no_length() -> None:
    contract = replace(FIRST, kind="apprentissage", days=400, deposited=False, certified=False, certified_days=None)
    assert lacks(TrainingFacts("apprenti", (contract,), 75, None)) == (
        "Attestation de l'employeur à déposer : Agence du Port (arrêté, annexe III B).",
    )


def test_a_period_that_goes_on_owes_no_certificate_yet() -> None:
    going = replace(SECOND, ends=date(2027, 6, 30), certified=False)
    assert lacks(replace(WHOLE, periods=(FIRST, going))) == ()


def test_a_broken_period_overlaps_nothing_after_its_last_day() -> None:
    broken = replace(FIRST, ends=date(2026, 6, 30), broken_on=date(2025, 12, 12))
    assert not any("recouvrent" in lack for lack in lacks(replace(WHOLE, periods=(broken, SECOND))))
