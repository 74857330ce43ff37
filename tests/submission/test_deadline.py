"""Until when a candidate hands in, and from when on the office does."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from portfolio.documents import Candidacy, Link, Portfolio, Submission
from portfolio.enrolment import enrol, institutions
from portfolio.enrolment.deadline import deadline_of
from portfolio.errors import Forbidden, Invalid
from portfolio.store.connections import Connections
from portfolio.submission import submit
from tests.conftest import Clock
from tests.submission.test_submit import hand_in
from tests.support.worlds.world import World

DEADLINE = datetime(2027, 5, 7, 16, 0, tzinfo=UTC)  # 18:00 in Paris
INSTANT = timedelta(microseconds=1)


def hand_in_late(world: World, reason: str = "Hospitalisation, décision du chef d'établissement") -> Portfolio:
    return submit.submit_late(world.actor(world.office), world.portfolio, reason, world.clock())


@pytest.mark.parametrize(
    ("at", "in_time"), [(DEADLINE - INSTANT, True), (DEADLINE, True), (DEADLINE + INSTANT, False)], ids=str
)
def test_the_candidate_hands_in_up_to_the_very_instant_of_a_deadline_that_was_read(
    bound: World, clock: Clock, at: datetime, in_time: bool
) -> None:
    bound.new_piece()
    clock.now = at
    if in_time:
        assert hand_in(bound).state == "submitted"
        return
    with pytest.raises(submit.DeadlinePassed) as refused:
        hand_in(bound)
    assert "07/05/2027 à 18 h 00" in refused.value.message
    assert Submission.objects.count() == 0
    assert hand_in_late(bound).state == "submitted"


def test_after_a_provisional_deadline_the_candidate_still_hands_in_and_what_is_late_is_said(
    world: World, clock: Clock
) -> None:
    world.new_piece()
    clock.now = DEADLINE + timedelta(days=2)
    late = world.new_piece(title="Ajoutée ensuite")

    assert hand_in(world).state == "submitted"

    frozen = Submission.objects.get()
    assert frozen.late_reason is None
    assert set(json.loads(frozen.content)["late"]) == {str(late.id)}


def test_the_office_may_hand_in_before_the_deadline_with_a_reason(world: World) -> None:
    world.new_piece()
    assert hand_in_late(world, "Le candidat part à l'étranger").state == "submitted"
    frozen = Submission.objects.get()
    assert (frozen.late_reason, json.loads(frozen.content)["late"]) == ("Le candidat part à l'étranger", {})


def test_whoever_handed_in_and_asks_again_too_late_reads_that_it_is_done(world: World, clock: Clock) -> None:
    world.submit()
    clock.now = DEADLINE + timedelta(days=1)
    with pytest.raises(submit.AlreadySubmitted):
        hand_in(world)


def test_the_deadline_is_that_of_the_academys_own_clock(store: Connections, clock: Clock) -> None:
    world = World(clock)
    values = {"code": "28", "name": "La Réunion", "timezone": "Indian/Reunion"}
    world.academy = institutions.create_academy(world.actor(world.administrator), values, clock())  # type: ignore[misc]
    world.new_piece()
    assert deadline_of(world.candidacy) == DEADLINE - timedelta(hours=2)

    clock.now = DEADLINE - timedelta(hours=1)
    deadline = deadline_of(world.candidacy)
    assert not submit.closes(world.candidacy, deadline, clock()), "provisional: it refuses nothing"
    assert clock() > deadline


def test_a_notified_adaptation_moves_the_deadline_for_one_candidate(world: World) -> None:
    world.new_piece()
    world.clock.now = DEADLINE + timedelta(days=3)  # type: ignore[attr-defined]
    notified = {"decision_reference": "MDPH-2027-12", "effect": "Délai de dix jours"}
    notified["deadline"] = DEADLINE + timedelta(days=10)  # type: ignore[assignment]
    enrol.adapt(world.actor(world.office), Candidacy.objects.get(pk=world.candidacy.id), notified, world.clock())
    other = world.new_candidacy()

    assert hand_in(world).state == "submitted"
    assert deadline_of(other) == DEADLINE


def notify(world: World, *moved_to: datetime | None) -> None:
    for rank, deadline in enumerate(moved_to):
        said = {"decision_reference": f"MDPH-2027-{rank}", "effect": "Délai", "deadline": deadline}
        enrol.adapt(world.actor(world.office), Candidacy.objects.get(pk=world.candidacy.id), said, world.clock())


@pytest.mark.parametrize("days", [(5, 10, None), (10, 5, None), (None, 10, 5)], ids=str)
def test_of_two_notified_adaptations_the_longer_one_holds_whichever_came_last(
    world: World, clock: Clock, days: tuple[int | None, ...]
) -> None:
    world.new_piece()
    notify(world, *(DEADLINE + timedelta(days=more) if more else None for more in days))
    longest = DEADLINE + timedelta(days=10)

    clock.now = longest + INSTANT
    with pytest.raises(submit.DeadlinePassed) as refusal:
        hand_in(world)
    assert "17/05/2027 à 18 h 00" in refusal.value.message

    clock.now = longest
    assert hand_in(world).state == "submitted"


def test_afterwards_the_office_hands_in_the_last_state_with_a_reason(world: World) -> None:
    world.new_piece()
    world.new_piece(title="Ébauche", description={})
    world.clock.now = DEADLINE + timedelta(days=1)  # type: ignore[attr-defined]
    with pytest.raises(Invalid):
        hand_in_late(world, "   ")
    with pytest.raises(Forbidden):
        submit.submit_late(world.actor(world.follower), world.portfolio, "Oubli", world.clock())

    assert hand_in_late(world).state == "submitted"
    frozen = Submission.objects.get()
    assert frozen.late_reason == "Hospitalisation, décision du chef d'établissement"
    assert frozen.submitted_by == str(world.office.id)
    assert len(json.loads(frozen.content)["left_out"]) == 1
    assert Link.objects.get(name="portfolio_submitted").data["late"] is True
    with pytest.raises(submit.AlreadySubmitted):
        hand_in_late(world)
