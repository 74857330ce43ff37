"""Outcomes without appraisal: acts of the office on the candidacy, that the jury sees and decides."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portfolio.archive.retention import register
from portfolio.audit.verify_chains import verify
from portfolio.commission import office_outcomes
from portfolio.commission.convene import RecordedWithoutAppraisal
from portfolio.documents import Candidacy, Commission, Jury, OfficeOutcome
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.jury import jury, outcomes, sheets
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may
from tests.support.worlds import commissions
from tests.support.worlds.world import World

KEPT: office_outcomes.OutcomeValues = {
    "outcome": "mark_kept",
    "kept_mark": "12,5",
    "kept_session": "2025",
    "reference": "Relevé de notes de 2025",
}


def record(world: World, **changed: str) -> OfficeOutcome:
    values: office_outcomes.OutcomeValues = {**KEPT, **changed}  # type: ignore[typeddict-item]
    return office_outcomes.record_outcome(world.actor(world.office), fresh(world), values, world.clock())


def fresh(world: World) -> Candidacy:
    return Candidacy.objects.get(pk=world.candidacy.id)


def decide(world: World, outcome: OfficeOutcome, mark: str | None = None, reason: str | None = None) -> OfficeOutcome:
    return outcomes.decide_outcome(world.actor(world.jury_member), world.jury, outcome, mark, reason, world.clock())


def publish(world: World) -> Jury:
    fresh_jury = Jury.objects.get(pk=world.jury.id)
    return jury.publish(world.actor(world.jury_member), fresh_jury, "Des fiches arrivent encore", world.clock())


def test_a_kept_mark_is_recorded_without_a_commission_decided_as_it_is_and_published(world: World) -> None:
    outcome = record(world)
    assert (outcome.kept_mark, outcome.kept_session, outcome.label) == (
        Decimal("12.5"),
        "2025",
        "Bénéfice d'une note obtenue à une session antérieure",
    )
    assert Commission.objects.count() == 0
    (line,) = outcomes.outcomes_of(world.actor(world.jury_member), world.jury)
    assert (line.outcome.id, line.too_long) == (outcome.id, False)
    decided = decide(world, outcome)
    assert (decided.final_mark, decided.decided) == (Decimal("12.5"), True)
    assert not may(world.actor(world.candidate), Action.READ_OUTCOME_DECISION, decided)
    assert publish(world).publications[-1].published == 1
    told = OfficeOutcome.objects.get(pk=outcome.id)
    assert told.published and may(world.actor(world.candidate), Action.READ_OUTCOME_DECISION, told)
    assert not may(world.actor(world.candidate), Action.READ_OUTCOME, told)
    (kept,) = register(world.actor(world.office), world.school, world.session, world.clock()).lines
    assert kept.published_at == world.clock()
    assert list(verify([f"assessment:{world.candidacy.id}", f"jury:{world.jury.id}"])) == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kept_mark": "9,5"}, "kept_mark"),
        ({"kept_mark": ""}, "kept_mark"),
        ({"kept_mark": "12,25"}, "kept_mark"),
        ({"kept_session": "2027"}, "kept_session"),
        ({"reference": " "}, "reference"),
        ({"outcome": "dispensed", "reference": ""}, "reference"),
        ({"outcome": "fraud_hold"}, "outcome"),
        ({"outcome": "absent", "convoked_on": "hier"}, "convoked_on"),
    ],
)
def test_what_a_text_asks_of_an_outcome_is_asked(world: World, changed: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        record(world, **changed)
    assert set(refusal.value.errors) == {field}


def test_a_mark_of_more_than_five_years_is_said_and_not_refused(world: World) -> None:
    assert office_outcomes.kept_too_long(record(world, kept_session="2020"))


def test_an_absence_is_recorded_without_a_proof_which_the_jury_then_misses(world: World) -> None:
    absent = record(world, outcome="absent", convoked_on="2027-05-03")
    assert (absent.kept_mark, absent.convoked_on, absent.proof) == (None, "2027-05-03", None)
    assert decide(world, absent).final_mark is None


def test_the_zero_of_a_force_majeure_comes_from_the_text(world: World) -> None:
    assert decide(world, record(world, outcome="absent_force_majeure")).final_mark == 0


def test_the_jury_may_set_another_mark_with_a_reason(world: World) -> None:
    outcome = record(world)
    with pytest.raises(Invalid) as refusal:
        decide(world, outcome, "13")
    assert set(refusal.value.errors) == {"reason"}
    assert decide(world, outcome, "13", "Relevé rectifié par le service des examens").final_mark == 13


def test_it_stands_alone_and_is_withdrawn_with_a_reason(world: World) -> None:
    outcome = record(world)
    with pytest.raises(office_outcomes.OutcomeStands):
        record(world)
    with pytest.raises(RecordedWithoutAppraisal):
        commissions.convened(world)
    office_outcomes.withdraw_outcome(world.actor(world.office), outcome, "Autre candidat", world.clock())
    commissions.convened(world)
    with pytest.raises(office_outcomes.CommissionStands):
        record(world)
    with pytest.raises(NotFound):
        decide(world, OfficeOutcome.objects.get(pk=outcome.id))


def test_an_outcome_that_the_jury_decided_is_not_withdrawn_by_the_office(world: World) -> None:
    outcome = decide(world, record(world))
    with pytest.raises(office_outcomes.OutcomeBeforeJury):
        office_outcomes.withdraw_outcome(world.actor(world.office), outcome, "Trop tard", world.clock())


def test_publication_waits_for_outcomes_and_counts_who_has_one_as_settled(world: World) -> None:
    record(world)
    with pytest.raises(jury.SheetsWaiting) as refusal:
        jury.publish(world.actor(world.jury_member), world.jury, None, world.clock())
    assert (refusal.value.facts["undecided"], refusal.value.facts["without_sheet"]) == (1, 0)


def test_the_bordereau_has_a_row_for_it(world: World) -> None:
    record(world)
    (row,) = sheets.school_mark_list(world.actor(world.office), world.school, world.session).rows
    assert (row.candidate_number, row.mark, row.sheet_number) == (fresh(world).candidate_number, Decimal("12.5"), "")


def test_the_exam_service_reads_it_in_its_list(world: World) -> None:
    record(world)
    assert len(sheets.jury_mark_rows(world.actor(world.exam_service), world.jury)) == 1


def test_only_the_office_records_and_only_the_jury_decides(world: World) -> None:
    outcome = record(world)
    for stranger in (world.follower, world.candidate, world.tutor):
        with pytest.raises((Forbidden, NotFound)):
            office_outcomes.record_outcome(world.actor(stranger), fresh(world), KEPT, world.clock())
        with pytest.raises((Forbidden, NotFound)):
            outcomes.decide_outcome(world.actor(stranger), world.jury, outcome, None, None, world.clock())
