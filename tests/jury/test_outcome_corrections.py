"""A published outcome without appraisal is put right, or taken back, on the record; its candidate is told, no more."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from html import unescape

import pytest

from portfolio.archive import holds
from portfolio.audit.proof import proof
from portfolio.audit.verify_chains import verify
from portfolio.audit.verify_seals import verify_seals
from portfolio.commission import office_outcomes
from portfolio.documents import OfficeOutcome, Portfolio, Result
from portfolio.errors import Forbidden, Invalid, NotFound, Stale
from portfolio.jury import outcome_corrections, outcomes
from portfolio.jury import sheets as jury_sheets
from portfolio.jury.decisions import decisions_on_outcome, published_decision
from portfolio.jury.jury import NotPublished, SheetsWaiting, correct
from portfolio.mail.result_changed import send
from portfolio.store.connections import Connections
from portfolio.store.journal import assessment_chain
from tests.support.api.clients import Clients
from tests.support.filling import shown
from tests.support.mails.mailbox import deliver, files, rows, words_of
from tests.support.worlds import commissions
from tests.support.worlds.juries import decide, fresh, links, publish, sheet_of
from tests.support.worlds.world import World

KEPT: office_outcomes.OutcomeValues = {
    "outcome": "mark_kept",
    "kept_mark": "12",
    "kept_session": "2025",
    "reference": "Relevé de 2025",
}
WHY = "Relevé de notes lu de travers"
Act = Callable[[World, OfficeOutcome], OfficeOutcome]


@pytest.fixture
def outcome(world: World) -> OfficeOutcome:
    """A kept mark of 12, decided and published."""
    recorded = office_outcomes.record_outcome(world.actor(world.office), world.candidacy, KEPT, world.clock())
    outcomes.decide_outcome(world.actor(world.jury_member), world.jury, recorded, None, None, world.clock())
    publish(world)
    return stored(recorded)


def stored(outcome: OfficeOutcome) -> OfficeOutcome:
    return OfficeOutcome.objects.get(pk=outcome.id)


def put_right(
    world: World, outcome: OfficeOutcome, mark: str | None = "13", situation: str | None = None, reason: str = WHY
) -> OfficeOutcome:
    values: outcome_corrections.OutcomeCorrection = {"outcome": situation, "mark": mark, "reason": reason}
    return outcome_corrections.correct_outcome(world.actor(world.jury_member), outcome, values, world.clock())


def take_back(world: World, outcome: OfficeOutcome, reason: str = WHY) -> OfficeOutcome:
    return outcome_corrections.take_back(world.actor(world.jury_member), outcome, reason, world.clock())


def test_a_correction_counts_at_once_and_what_it_replaces_is_kept_and_sealed(
    world: World, outcome: OfficeOutcome, store: Connections
) -> None:
    put_right(world, outcome)
    corrected = stored(outcome)
    kept = corrected.corrections[0]
    assert (corrected.final_mark, corrected.published, corrected.corrected_at) == (13, True, world.clock())
    assert (kept.replaced_mark, kept.replaced_label, kept.reason) == (12, outcome.label, WHY)
    assert (kept.by, kept.at) == (world.jury_member.id, world.clock())
    assert corrected.kept_mark == 12, "what the office recorded stays as it was recorded"
    link = links(store, assessment_chain(outcome))[-1]
    assert (link["name"], link["by"]) == ("outcome_corrected", str(world.jury_member.id))
    assert list(verify()) == list(verify_seals(world.portfolio.id)) == []
    store.database.office_outcomes.update_one({"_id": outcome.id}, {"$set": {"corrections": []}})
    assert any("rectifications" in fault.words for fault in verify_seals(world.portfolio.id))


def test_the_situation_is_put_right_with_the_mark_that_the_circular_gives_it(
    world: World, outcome: OfficeOutcome
) -> None:
    put_right(world, outcome, mark=None, situation="dispensed")
    corrected = stored(outcome)
    assert (corrected.final_mark, corrected.outcome) == (None, "mark_kept")
    assert corrected.result_label != corrected.label
    put_right(world, corrected, mark="11", situation="mark_kept")
    again = stored(outcome)
    assert (again.final_mark, again.result_label) == (11, again.label)
    assert [each.replaced_mark for each in again.corrections] == [12, None]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"mark": "12"}, "mark"),
        ({"mark": None}, "mark"),
        ({"mark": "12.25"}, "mark"),
        ({"mark": "9", "situation": "mark_kept"}, "mark"),
        ({"mark": "9,5"}, "mark"),
        ({"situation": "fraud_hold"}, "outcome"),
        ({"reason": " "}, "reason"),
    ],
)
def test_a_correction_changes_something_says_why_and_keeps_to_the_texts(
    world: World, outcome: OfficeOutcome, typed: dict[str, str | None], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        put_right(world, outcome, **typed)  # type: ignore[arg-type]
    assert set(refused.value.errors) == {field}
    assert stored(outcome).corrections == []


@pytest.mark.parametrize("act", [put_right, take_back])
def test_only_a_jury_puts_right_and_only_what_is_published(world: World, act: Act) -> None:
    recorded = office_outcomes.record_outcome(world.actor(world.office), world.candidacy, KEPT, world.clock())
    with pytest.raises(NotPublished):
        act(world, recorded)
    outcomes.decide_outcome(world.actor(world.jury_member), world.jury, recorded, None, None, world.clock())
    publish(world)
    values: outcome_corrections.OutcomeCorrection = {"outcome": None, "mark": "13", "reason": WHY}
    for stranger in (world.office, world.exam_service, world.follower, world.candidate):
        with pytest.raises((Forbidden, NotFound)):
            outcome_corrections.correct_outcome(world.actor(stranger), stored(recorded), values, world.clock())
        with pytest.raises((Forbidden, NotFound)):
            outcome_corrections.take_back(world.actor(stranger), stored(recorded), WHY, world.clock())
    first, second = stored(recorded), stored(recorded)
    act(world, first)
    with pytest.raises(Stale):
        act(world, second)


def test_the_office_that_recorded_it_reads_who_decided_when_and_why_once_published(world: World) -> None:
    office, member = world.actor(world.office), world.actor(world.jury_member)
    recorded = office_outcomes.record_outcome(office, world.candidacy, KEPT, world.clock())
    outcomes.decide_outcome(member, world.jury, recorded, "14", "Report d'option", world.clock())
    assert decisions_on_outcome(office, stored(recorded)) == []
    publish(world)
    put_right(world, stored(recorded))
    first, second = decisions_on_outcome(office, stored(recorded))
    assert (first.mark, first.by, first.reason) == (14, world.jury_member.name, "Report d'option")
    assert (second.mark, second.by, second.at, second.reason) == (13, world.jury_member.name, world.clock(), WHY)
    with pytest.raises(NotFound):
        decisions_on_outcome(world.actor(world.candidate), stored(recorded))


def test_the_bordereau_says_what_was_put_right(world: World, outcome: OfficeOutcome) -> None:
    by = world.actor(world.jury_member)
    assert [row.mark for row in jury_sheets.jury_mark_rows(by, world.jury)] == [Decimal(12)]
    put_right(world, outcome, mark=None, situation="dispensed")
    (row,) = jury_sheets.jury_mark_rows(by, world.jury)
    assert (row.mark, row.outcome_label) == (None, stored(outcome).result_label)


def test_its_candidate_is_written_to_without_mark_or_reason(
    world: World, outcome: OfficeOutcome, store: Connections
) -> None:
    put_right(world, outcome)
    deliver(world.clock)
    (mail,) = [mail for mail in files(store) if "rectifié" in mail["Subject"]]
    words = words_of(mail)
    assert mail["To"] == world.candidate.email and f"/portfolio/{world.portfolio.id}/resultat" in words
    assert "13" not in " ".join(line for line in words.splitlines() if "://" not in line) and WHY not in words
    take_back(world, stored(outcome))
    deliver(world.clock)
    (mail,) = [mail for mail in files(store) if "retiré" in mail["Subject"]]
    assert "ne compte plus" in words_of(mail)


def test_the_candidate_of_a_corrected_mark_is_written_to_too(world: World, store: Connections) -> None:
    assert world.jury
    sheet = sheet_of(world, "14.5", candidacy=world.candidacy)
    decide(world, sheet, "14.5")
    publish(world)
    correct(world.actor(world.jury_member), fresh(sheet), "16", "Erreur de report", world.clock())
    deliver(world.clock)
    (mail,) = [mail for mail in files(store) if "rectifié" in mail["Subject"]]
    said = [line for line in words_of(mail).splitlines() if "://" not in line]
    assert mail["To"] == world.candidate.email and "16" not in " ".join(said)


def test_the_floor_of_a_kept_mark_follows_the_situation_that_results(world: World, outcome: OfficeOutcome) -> None:
    put_right(world, outcome, mark="0", situation="dispensed")
    put_right(world, stored(outcome), mark="8")
    put_right(world, stored(outcome), mark="11", situation="mark_kept")
    with pytest.raises(office_outcomes.MarkNotKept):
        put_right(world, stored(outcome), mark="8")


def test_a_result_taken_back_leaves_none_and_nothing_new_is_told_before_it_is_published_again(
    world: World, outcome: OfficeOutcome, store: Connections
) -> None:
    take_back(world, outcome)
    back = stored(outcome)
    assert (back.live, back.sent_back, back.withdrawn_because) == (False, True, WHY)
    assert published_decision(world.candidacy.id) is None
    assert office_outcomes.outcome_sent_back(world.candidacy) == back
    with pytest.raises(holds.NotPublishedYet):
        holds.hold(world.actor(world.office), Portfolio.objects.get(pk=world.portfolio.id), "Recours", world.clock())
    with pytest.raises(SheetsWaiting):
        publish(world)
    sheet = commissions.transmitted(world)
    decide(world, sheet, "15", "Harmonisation")
    acts = {act.name for act in proof(world.actor(world.office), world.portfolio, world.clock()).acts}
    assert not acts & {"final_mark_set", "outcome_decided"}, "what the jury decides anew is its own"
    publish(world)
    decision = published_decision(world.candidacy.id)
    assert isinstance(decision, Result) and decision.final_mark == 15
    assert list(verify()) == list(verify_seals(world.portfolio.id)) == []
    (row,) = [row for row in rows(store) if row["kind"] == "result_changed"]
    assert send({**row, "payload": {"candidacy": world.candidacy.id}}, world.clock()).words == "over"


def test_the_jury_s_list_shows_what_a_correction_gave(
    world: World, outcome: OfficeOutcome, client_for: Clients
) -> None:
    place, judge = f"/jury/{world.jury.id}/situations", client_for(world.jury_member)
    assert "12 (2025)" in shown(judge, place)
    put_right(world, outcome, mark="13")
    text = shown(judge, place)
    assert "Publiée, rectifiée" in text and "<strong>13</strong>" in text and "12 (2025)" not in text
    put_right(world, stored(outcome), mark=None, situation="dispensed")
    text = unescape(shown(judge, place))
    assert stored(outcome).result_label in text and outcome.label not in text
