"""What a jury does with what an office recorded without appraisal: it reads what stands beside, may send it back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portfolio.audit.verify_chains import verify
from portfolio.audit.verify_seals import verify_seals
from portfolio.commission import amend, office_outcomes
from portfolio.documents import OfficeOutcome, Result
from portfolio.documents.fields import place_of
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.ids import new_id
from portfolio.jury import jury, outcomes
from portfolio.jury.beside_outcomes import CancelledCommission, beside
from portfolio.sheet.draw_up import ResultPublished
from tests.support.worlds import commissions
from tests.support.worlds.juries import decide as decide_sheet
from tests.support.worlds.juries import publish, sheet_of
from tests.support.worlds.world import World

ABSENT: office_outcomes.OutcomeValues = {"outcome": "absent"}
WHY = "La commission doit se réunir : le candidat est venu"


def record(world: World) -> OfficeOutcome:
    return office_outcomes.record_outcome(world.actor(world.office), world.candidacy, ABSENT, world.clock())


def decide(world: World, outcome: OfficeOutcome) -> OfficeOutcome:
    return outcomes.decide_outcome(world.actor(world.jury_member), world.jury, outcome, None, None, world.clock())


def send_back(world: World, outcome: OfficeOutcome, why: str = WHY) -> OfficeOutcome:
    return outcomes.send_back(world.actor(world.jury_member), world.jury, outcome, why, world.clock())


def test_an_outcome_is_sent_back_decided_or_not_and_no_longer_counts(world: World) -> None:
    send_back(world, record(world))
    sent_back = send_back(world, decide(world, record(world)))
    assert (sent_back.live, sent_back.sent_back, sent_back.withdrawn_because) == (False, True, WHY)
    with pytest.raises(jury.NothingToPublish):
        publish(world, leaving_out="Tout reste à faire")
    assert office_outcomes.outcome_sent_back(world.candidacy) == sent_back
    commissions.convened(world)
    assert list(verify()) == list(verify_seals(world.portfolio.id)) == []


def test_a_jury_keeps_no_mark_below_ten(world: World) -> None:
    values: office_outcomes.OutcomeValues = {"outcome": "mark_kept", "kept_mark": "12", "kept_session": "2025"}
    values["reference"] = "Relevé de 2025"
    office, member = world.actor(world.office), world.actor(world.jury_member)
    kept = office_outcomes.record_outcome(office, world.candidacy, values, world.clock())
    with pytest.raises(office_outcomes.MarkNotKept) as refused:
        outcomes.decide_outcome(member, world.jury, kept, "9,5", "Relevé mal lu", world.clock())
    assert set(refused.value.errors) == {"mark"} and not OfficeOutcome.objects.get(pk=kept.id).decided


def test_another_outcome_stands_in_place_of_the_one_sent_back(world: World) -> None:
    send_back(world, decide(world, record(world)))
    decide(world, record(world))
    assert office_outcomes.outcome_sent_back(world.candidacy) is None
    assert publish(world).publications[-1].published == 1


def test_a_published_outcome_is_neither_sent_back_nor_decided_again(world: World) -> None:
    outcome = decide(world, record(world))
    publish(world)
    published = OfficeOutcome.objects.get(pk=outcome.id)
    for act in (send_back, decide):
        with pytest.raises(ResultPublished):
            act(world, published)


def test_it_is_sent_back_with_a_reason_by_the_jury_alone(world: World) -> None:
    outcome = record(world)
    with pytest.raises(Invalid):
        send_back(world, outcome, " ")
    for stranger in (world.office, world.exam_service, world.follower, world.candidate):
        with pytest.raises((Forbidden, NotFound)):
            outcomes.send_back(world.actor(stranger), world.jury, outcome, WHY, world.clock())
    send_back(world, outcome)
    with pytest.raises(NotFound):
        send_back(world, OfficeOutcome.objects.get(pk=outcome.id))


def test_the_jury_reads_whether_a_portfolio_was_handed_in_or_a_commission_cancelled(world: World) -> None:
    outcome = record(world)
    member = world.actor(world.jury_member)
    assert (beside(member, outcome).submission, beside(member, outcome).cancelled) == (None, ())
    send_back(world, outcome)
    commission = commissions.convened(world)
    world.submit()
    amend.cancel(world.actor(world.office), commission, "Le candidat ne vient pas", world.clock())
    there = beside(member, record(world))
    assert there.submission == 1 and there.submitted_at is not None
    assert there.cancelled == (CancelledCommission(commission.meets_at, "Le candidat ne vient pas"),)


def test_a_sheet_and_an_outcome_of_one_candidate_are_not_both_decided(world: World) -> None:
    outcome = record(world)
    sheet = sheet_of(world, candidacy=world.candidacy)
    for act in (lambda: decide(world, outcome), lambda: decide_sheet(world, sheet)):
        with pytest.raises(outcomes.SheetAndOutcome, match="sheet_and_outcome") as refusal:
            act()
        assert world.candidacy.display_name in refusal.value.message


@pytest.mark.parametrize("first_published", [False, True])
def test_a_sheet_and_an_outcome_of_one_candidate_are_never_both_published(world: World, first_published: bool) -> None:
    """Whatever brought them there: the acts refuse it before."""
    decide(world, record(world))
    if first_published:
        publish(world)
    sheet = sheet_of(world, candidacy=world.candidacy, state="final")
    decided = {"sheet": sheet.id, "final_mark": Decimal(12), "decided_by": world.jury_member.id}
    Result(id=new_id(), created_at=world.clock(), **place_of(sheet), **decided, decided_at=world.clock()).save()
    with pytest.raises(outcomes.SheetAndOutcome) as refusal:
        publish(world)
    assert world.candidacy.display_name in refusal.value.message and "renvoyez" in refusal.value.message
    assert Result.objects(published=True).count() == 0
    assert OfficeOutcome.objects(published=True).count() == int(first_published)


def test_what_stands_beside_is_read_by_the_jury_alone(world: World) -> None:
    outcome = record(world)
    for stranger in (world.office, world.exam_service, world.candidate):
        with pytest.raises((Forbidden, NotFound)):
            beside(world.actor(stranger), outcome)
