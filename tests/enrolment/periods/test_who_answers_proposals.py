"""Who is asked about a proposed period: those who follow today and may answer, else the office; and how often."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from portfolio.boards.office_board import office_board
from portfolio.documents import Candidacy, Person, ProposedPlacement
from portfolio.enrolment import enrol, exam_form, proposed_placements
from portfolio.enrolment.placements import NoPortfolio
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.mails.mailbox import deliver, rows
from tests.support.worlds.world import World


def asked(store: Connections) -> list[ObjectId]:
    return [row["payload"]["person"] for row in rows(store) if row["kind"] == "placement_proposed"]


def owing(world: World) -> list[str]:
    board = office_board(world.actor(world.office), world.school, world.clock())
    return [item.who for item in board.owed if item.what == "proposed"]


def set_followers(world: World, *followers: Person) -> None:
    candidacy = Candidacy.objects.get(pk=world.candidacy.id)
    enrol.set_followers(world.actor(world.office), candidacy, [person.id for person in followers], world.clock())


def suspend(person: Person, clock: Clock) -> None:
    Person.objects(pk=person.id).update(state="suspended")


def end_rights(person: Person, clock: Clock) -> None:
    left = Person.objects.get(pk=person.id)
    for grant in left.grants:
        grant.revoked_at = clock()
    left.save()


@pytest.mark.parametrize("gone", [suspend, end_rights])
def test_where_who_follows_has_left_the_office_is_asked(
    world: World, store: Connections, clock: Clock, gone: Any
) -> None:
    assert world.candidacy.followers == [world.follower.id]
    gone(world.follower, clock)
    world.propose_placement()
    assert asked(store) == [world.office.id]
    assert owing(world) == ["office"]


def test_an_office_whose_right_still_waits_is_not_asked(world: World, store: Connections) -> None:
    world.person("Attend", world.grant("office", school=world.school.id, waits=True))
    set_followers(world)
    world.propose_placement()
    assert asked(store) == [world.office.id]


def test_who_comes_to_follow_is_asked_about_what_waits_once(world: World, store: Connections, clock: Clock) -> None:
    set_followers(world)
    world.propose_placement()
    other = world.person("Autre", world.grant("teacher", school=world.school.id))
    for followers in ((world.follower,), (world.follower,), (world.follower, other)):
        set_followers(world, *followers)
    assert asked(store) == [world.office.id, world.follower.id, other.id]
    deliver(clock)
    outcomes = [row.get("outcome") for row in rows(store) if row["kind"] == "placement_proposed"]
    assert outcomes[:3].count("settled") == 1, "the office answers no more"


def test_turned_to_one_sitting_nobody_is_asked_and_it_cannot_be_accepted(
    world: World, store: Connections, clock: Clock
) -> None:
    proposed = world.propose_placement()
    override = {"form": "ponctuelle", "decision_reference": "Rectorat 2027-8"}
    values: Any = {"ccf_override": override, "reason": "Décision reçue"}
    candidacy = Candidacy.objects.get(pk=world.candidacy.id)
    exam_form.change_form(world.actor(world.office), candidacy, values, clock())
    deliver(clock)
    assert [row["outcome"] for row in rows(store) if row["kind"] == "placement_proposed"] == ["settled"]
    with pytest.raises(NoPortfolio):
        fresh = ProposedPlacement.objects.get(pk=proposed.id)
        proposed_placements.accept(world.actor(world.office), fresh, {}, clock())


def test_proposing_and_withdrawing_ends_after_ten_in_a_day(world: World, store: Connections, clock: Clock) -> None:
    by = world.actor(world.candidate)
    for _ in range(proposed_placements.MOST_IN_A_DAY):
        proposed_placements.withdraw(by, world.propose_placement(), clock())
    with pytest.raises(proposed_placements.ProposedTooOften):
        world.propose_placement()
    clock.advance(days=1, seconds=1)
    assert world.propose_placement().state == "proposed"
