"""The act of eliminating: its visa, its number, killed in the middle, against a hold."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.archive import eliminate, holds
from portfolio.archive.eliminate import AlreadyStarted, NoVisa
from portfolio.commission import office_outcomes
from portfolio.documents import (
    Candidacy,
    EliminationSlip,
    Evidence,
    EvidenceFile,
    OfficeOutcome,
    Portfolio,
)
from portfolio.enrolment.elimination_status import Eliminated
from portfolio.errors import Forbidden, Invalid, NotFound, Unavailable
from portfolio.jury import outcome_corrections, outcomes
from portfolio.store.connections import Connections, storage
from tests.conftest import Clock
from tests.support.acts.enrolling import come_back, give_up
from tests.support.both_stores import found, stands
from tests.support.concurrency import in_between, together
from tests.support.mails.mailbox import deliver
from tests.support.worlds.eliminations import (
    LONG_AFTER,
    again,
    approved,
    asked_for,
    drawn_up,
    full,
    portfolio_of,
    published,
)
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")


def test_without_a_visa_nothing_is_eliminated(world: World, gone_by: Candidacy) -> None:
    slip = drawn_up(world)
    with pytest.raises(NoVisa):
        eliminate.eliminate(world.actor(world.office), slip, slip.number, world.clock())


def test_the_number_of_the_slip_is_typed(world: World, clock: Clock, gone_by: Candidacy) -> None:
    slip = approved(world, drawn_up(world))
    with pytest.raises(Invalid) as refusal:
        eliminate.eliminate(world.actor(world.office), slip, "0690026D-2027-E02", world.clock())
    assert "0690026D-2027-E01" in refusal.value.errors["number"][0]
    assert deliver(clock) >= 0 and portfolio_of(gone_by).state == "submitted"


def test_asked_twice_it_is_done_once(world: World, clock: Clock, store: Connections, gone_by: Candidacy) -> None:
    slip = approved(world, drawn_up(world))
    office = world.actor(world.office)

    def ask() -> Any:
        return eliminate.eliminate(office, again(slip), slip.number, LONG_AFTER)

    outcomes = together(ask, ask)
    assert sum(isinstance(one, EliminationSlip) for one in outcomes) == 1
    assert store.database.outbox.count_documents({"kind": "eliminate"}) == 2
    with pytest.raises(AlreadyStarted):
        ask()
    deliver(clock)
    with pytest.raises(AlreadyStarted):
        ask()


def test_it_is_the_office_s(world: World, gone_by: Candidacy) -> None:
    slip = approved(world, drawn_up(world))
    for person, refusal in ((world.inspector, Forbidden), (world.follower, NotFound), (world.administrator, NotFound)):
        with pytest.raises(refusal):
            eliminate.eliminate(world.actor(person), slip, slip.number, world.clock())


def test_killed_between_two_portfolios_the_rest_follows(
    world: World, clock: Clock, store: Connections, gone_by: Candidacy
) -> None:
    slip = asked_for(world)
    row = store.database.outbox.find_one({"kind": "eliminate"})
    eliminate.eliminate_one(row, clock())  # and the worker dies before it says so
    assert Portfolio.objects(state="eliminated").count() == 1
    assert again(slip).state == "under_way"
    deliver(clock)
    assert Portfolio.objects(state="eliminated").count() == 2
    assert again(slip).state == "done"


def test_killed_before_the_objects_are_gone_they_go_the_next_time(
    world: World, clock: Clock, store: Connections, gone_by: Candidacy, monkeypatch: pytest.MonkeyPatch
) -> None:
    slip = asked_for(world)
    row = {"payload": {"slip": slip.id, "portfolio": gone_by.id}}

    def down(*_: Any) -> None:
        raise Unavailable(retry_after=5)

    with monkeypatch.context() as broken:
        broken.setattr(type(storage()), "delete", down)
        with pytest.raises(Unavailable):
            eliminate.eliminate_one(row, clock())
        deliver(clock)
    assert portfolio_of(gone_by).state == "eliminated"
    assert again(slip).state == "under_way"
    files = list(EvidenceFile.objects(candidacy=gone_by.id))
    assert [(stands(file), file.name) for file in files] == [(True, "fichier éliminé")]
    assert [one.what for one in found(clock())] == []
    clock.advance(days=1)
    deliver(clock)
    assert again(slip).state == "done"
    assert list(storage().list_keys("")) == []


def test_two_workers_at_the_same_portfolio_do_it_once(
    world: World, clock: Clock, store: Connections, gone_by: Candidacy
) -> None:
    asked_for(world)
    rows = list(store.database.outbox.find({"kind": "eliminate"}))
    outcomes = together(*(lambda row=row: eliminate.eliminate_one(row, clock()) for row in (*rows, *rows)))
    assert not [one for one in outcomes if isinstance(one, Exception)]
    names = [link["name"] for link in store.database.events.find()]
    assert names.count("portfolio_eliminated") == 2
    assert names.count("elimination_done") == 1


def test_a_hold_placed_after_the_visa_keeps_the_portfolio(world: World, clock: Clock, gone_by: Candidacy) -> None:
    slip = asked_for(world)
    holds.hold(world.actor(world.office), portfolio_of(gone_by), "Recours du 8 janvier", world.clock())
    deliver(clock)
    assert portfolio_of(gone_by).state == "submitted"
    assert portfolio_of(gone_by).slip is None
    done = again(slip)
    assert done.state == "done"
    assert [line.candidacy == gone_by.id for line in done.lines if line.eliminated_on is None] == [True]
    assert stands(EvidenceFile.objects.get(candidacy=gone_by.id))


@pytest.fixture
def kept_mark(world: World, clock: Clock) -> OfficeOutcome:
    """A published mark kept from an earlier session, whose portfolio's time of keeping is over."""
    full(world)
    values: office_outcomes.OutcomeValues = {"outcome": "mark_kept", "kept_mark": "12", "kept_session": "2025"}
    values["reference"] = "Relevé de 2025"
    outcome = office_outcomes.record_outcome(world.actor(world.office), world.candidacy, values, world.clock())
    outcomes.decide_outcome(world.actor(world.jury_member), world.jury, outcome, None, None, world.clock())
    published(world, clock)
    return OfficeOutcome.objects.get(pk=outcome.id)


def take_back(world: World, outcome: OfficeOutcome) -> OfficeOutcome:
    return outcome_corrections.take_back(world.actor(world.jury_member), outcome, "Relevé mal lu", LONG_AFTER)


def test_a_result_taken_back_after_the_visa_keeps_the_portfolio(
    world: World, clock: Clock, kept_mark: OfficeOutcome
) -> None:
    slip = asked_for(world)
    take_back(world, kept_mark)
    deliver(clock)
    left = portfolio_of(world.candidacy)
    assert (left.state, left.slip, again(slip).state) == ("submitted", None, "done")
    assert stands(EvidenceFile.objects.get(candidacy=world.candidacy.id))


def test_a_result_taken_back_while_the_worker_decides_is_read_before_it_eliminates(
    world: World, kept_mark: OfficeOutcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    slip = asked_for(world)
    in_between(monkeypatch, eliminate, lambda: take_back(world, kept_mark))
    eliminate.eliminate_one({"payload": {"slip": slip.id, "portfolio": world.candidacy.id}}, LONG_AFTER)
    assert portfolio_of(world.candidacy).state == "submitted"
    assert Evidence.objects(candidacy=world.candidacy.id).count() == 1


def test_of_a_hold_and_an_elimination_the_second_sees_the_first(world: World, clock: Clock, gone_by: Candidacy) -> None:
    slip = asked_for(world)
    office = world.actor(world.office)
    row = {"payload": {"slip": slip.id, "portfolio": gone_by.id}}

    def hold() -> Any:
        return holds.hold(office, portfolio_of(gone_by), "Recours", LONG_AFTER)

    held, _ = together(hold, lambda: eliminate.eliminate_one(row, LONG_AFTER))
    left = portfolio_of(gone_by)
    if isinstance(held, Portfolio):
        assert (left.state, left.standing_hold.reason) == ("submitted", "Recours")
        assert Evidence.objects(candidacy=gone_by.id).count() == 1
    else:
        assert left.state == "eliminated"
        with pytest.raises(Eliminated):
            hold()


def test_who_gave_up_is_eliminated_with_the_others_and_does_not_come_back(world: World, clock: Clock) -> None:
    gone = full(world)
    give_up(world, gone)
    published(world, clock, world.new_candidacy())
    asked_for(world)
    deliver(clock)
    assert portfolio_of(gone).state == "eliminated"
    with pytest.raises(Eliminated):
        come_back(world)


def test_an_abandonment_taken_back_before_its_turn_spares_the_portfolio(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = full(world)
    give_up(world, gone)
    published(world, clock, world.new_candidacy())
    asked_for(world)
    in_between(monkeypatch, eliminate, lambda: come_back(world))
    deliver(clock)
    assert portfolio_of(gone).state == "submitted"


def test_a_portfolio_without_result_is_held_once_the_others_have_theirs(world: World, clock: Clock) -> None:
    gone = full(world)
    give_up(world, gone)
    office = world.actor(world.office)
    with pytest.raises(holds.NotPublishedYet):
        holds.hold(office, portfolio_of(gone), "Recours", world.clock())
    published(world, clock, world.new_candidacy())
    assert holds.hold(office, portfolio_of(gone), "Recours", world.clock()).standing_hold
