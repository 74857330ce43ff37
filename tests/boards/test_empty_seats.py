"""A seat whose holder can act no more: the office is told on its board and on the commission's page, and nobody is
convoked where they can do nothing.
"""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.boards.office_board import office_board
from portfolio.commission import amend
from portfolio.commission.members import empty_seats
from portfolio.documents import Commission, Person, Placement
from portfolio.enrolment import placements
from portfolio.enrolment.moves import departures, suspensions
from portfolio.store.connections import Connections
from tests.support.clock import MEETS_AT
from tests.support.mails.mailbox import deliver, rows
from tests.support.queries import counted
from tests.support.worlds import commissions
from tests.support.worlds.world import World

WHY = "Parti en cours d'année"


def fresh(person: Person) -> Person:
    return Person.objects.get(pk=person.id)


def tutor_leaves(world: World) -> None:
    placement = Placement.objects.get(pk=world.placement.id)
    placements.end_tutoring(world.actor(world.office), placement, world.clock())


def second_professor_is_suspended(world: World) -> None:
    suspensions.suspend(world.actor(world.administrator), fresh(world.second_teacher), WHY, world.clock())


def follower_teaches_there_no_more(world: World) -> None:
    person = fresh(world.follower)
    departures.revoke_grant(world.actor(world.administrator), person, person.grants[0].id, world.clock())


def told(world: World) -> list[tuple[str, Any]]:
    board = office_board(world.actor(world.office), world.school, world.clock())
    return [(item.detail, item.thing) for item in board.owed if item.what == "seat"]


@pytest.mark.parametrize(
    ("leaves", "second", "who"),
    [
        (tutor_leaves, "tutor", "Dominique Martin"),
        (second_professor_is_suspended, "second_teacher", "Camille Professeur"),
        (follower_teaches_there_no_more, "tutor", "Camille Professeur"),
    ],
)
def test_the_office_is_told_of_a_seat_whose_holder_can_act_no_more(
    world: World, leaves: Any, second: str, who: str
) -> None:
    absence = None if second == "tutor" else "En congé"
    commission = commissions.convened(world, second=getattr(world, second).id, tutor_absence=absence)
    assert told(world) == []
    leaves(world)
    assert told(world) == [(who, commission.id)]


def test_it_is_told_no_more_once_the_member_is_replaced(world: World) -> None:
    commission = commissions.convened(world)
    left = world.tutor.id
    tutor_leaves(world)
    asked = {"leaving": left, "arriving": world.second_teacher.id, "reason": WHY, "tutor_absence": "Parti"}
    amend.replace_member(world.actor(world.office), Commission.objects.get(pk=commission.id), asked, world.clock())
    assert told(world) == []


def test_who_can_act_no_more_is_not_convoked_again(world: World, store: Connections) -> None:
    commission = commissions.convened(world)
    deliver(world.clock)
    tutor, before = world.tutor, len(rows(store))
    tutor_leaves(world)
    amend.move(world.actor(world.office), Commission.objects.get(pk=commission.id), MEETS_AT, "Salle A1", world.clock())
    deliver(world.clock)
    moved = [row for row in rows(store)[before:] if row["kind"] == "convocation"]
    outcomes = {row["payload"]["person"]: row["outcome"] for row in moved}
    assert outcomes == {tutor.id: "over", world.follower.id: "sent"}


def test_who_was_convoked_and_can_act_no_more_is_told_that_it_is_cancelled(world: World, store: Connections) -> None:
    commission = commissions.convened(world)
    deliver(world.clock)
    tutor, before = world.tutor, len(rows(store))
    tutor_leaves(world)
    amend.cancel(world.actor(world.office), Commission.objects.get(pk=commission.id), WHY, world.clock())
    deliver(world.clock)
    cancelled = [row for row in rows(store)[before:] if row["kind"] == "convocation"]
    outcomes = {row["payload"]["person"]: row["outcome"] for row in cancelled}
    assert outcomes == {tutor.id: "sent", world.follower.id: "sent"}


def test_seats_are_looked_at_by_one_query_for_any_number(world: World, store: Connections) -> None:
    made = [commissions.convened(world, world.new_candidacy()) for _ in range(4)]
    with counted(store.database) as commands:
        assert empty_seats(made, world.clock()) == {}
    assert commands == [1]
