"""Who owes what by when, for an office."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portfolio.boards.office_board import OfficeBoard, office_board
from portfolio.commission import agenda, office_outcomes
from portfolio.documents import Person
from portfolio.errors import Forbidden, NotFound
from portfolio.sign_offs.asking import requests
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.queries import counted
from tests.support.worlds import commissions
from tests.support.worlds.juries import sheet_of
from tests.support.worlds.world import World


def board(world: World, **asked: str) -> OfficeBoard:
    return office_board(world.actor(world.office), world.school, world.clock(), **asked)


def owed(found: OfficeBoard) -> set[tuple[str, str, bool]]:
    return {(one.who, one.what, one.late) for one in found.owed}


def test_everybody_s_debts_follow_the_year(world: World, clock: Clock) -> None:
    world.new_candidacy(followed=False)
    assert owed(board(world)) == {
        ("candidate", "submit", False),
        ("office", "follower", False),
        ("office", "placement", False),
    }
    world.new_candidacy()
    assert ("office", "convene", False) in owed(board(world))
    clock.advance(days=180)
    assert ("candidate", "submit", True) in owed(board(world)) and ("office", "convene", True) in owed(board(world))


def test_a_tutor_is_asked_a_reality_is_owed_an_address_is_dead(world: World) -> None:
    world.new_piece()
    requests.request(world.actor(world.candidate), world.activity, "tutor", None, world.clock())
    Person.objects(pk=world.tutor.id).update(set__address_failed_at=world.clock())
    found = board(world)
    assert {("tutor", "answer", False), ("teacher", "reality", False), ("office", "address", False)} <= owed(found)
    (answer,) = found.by("tutor")
    assert answer.detail == "Dominique Martin, Assurances du Rhône (1)" and answer.since == world.clock()


def test_a_commission_that_met_owes_its_sheet_and_a_signed_one_is_to_be_sent(world: World, clock: Clock) -> None:
    commission = commissions.appraised(world)
    assert not {one.what for one in board(world).owed} & {"submit", "convene", "sign"}
    clock.now = commission.meets_at + timedelta(hours=3)
    assert [one.what for one in board(world).by("commission")] == ["sign"]
    commissions.signed(world, commissions.drafted(world, commission))
    found = board(world)
    assert [(one.what, one.who) for one in found.owed] == [("transmit", "office")]
    assert (found.exams[0].counts.signed, found.exams[0].counts.transmitted) == (1, 0)


def test_who_has_an_outcome_without_appraisal_owes_nothing_more(world: World, clock: Clock) -> None:
    candidacy = world.new_candidacy()
    assert ("office", "convene", False) in owed(board(world))
    office = world.actor(world.office)
    recorded = office_outcomes.record_outcome(office, candidacy, {"outcome": "no_portfolio"}, clock())
    assert owed(board(world)) == set()
    assert agenda.unconvened(world.actor(world.follower), world.session) == []
    office_outcomes.withdraw_outcome(office, recorded, "Dossier retrouvé", clock())
    assert ("office", "convene", False) in owed(board(world))


def test_a_class_is_chosen_and_nothing_shows_to_others(world: World) -> None:
    world.new_candidacy(division="TS2A")
    world.new_candidacy(division="TS2B")
    found = board(world, division="TS2B")
    assert (found.divisions, found.division, found.exams[0].counts.candidates) == (("TS2A", "TS2B"), "TS2B", 1)
    assert board(world, session="2030").session == "2027"
    with pytest.raises(Forbidden):
        office_board(world.actor(world.follower), world.school, world.clock())
    stranger = world.new_office(world.new_school("0691644M"))
    with pytest.raises(NotFound):
        office_board(world.actor(stranger), world.school, world.clock())


def test_it_costs_the_same_whatever_the_class(world: World, store: Connections) -> None:
    sheet_of(world, state="proposed")
    with counted(store.database) as few:
        board(world)
    for _ in range(6):
        sheet_of(world, state="proposed")
    with counted(store.database) as many:
        assert len(board(world).by("office")) == 7
    assert few == many and few[0] <= 13


def test_a_candidate_without_an_address_who_never_came_is_to_be_given_a_coupon(world: World) -> None:
    candidacy = world.new_candidacy(email=None)
    assert ("office", "first_visit", False) not in owed(board(world)), "who came in has no need of one"
    Person.objects(pk=candidacy.person).update(set__state="invited")
    assert ("office", "first_visit", False) in owed(board(world))


def test_a_follower_without_an_address_who_never_came_is_to_be_given_a_coupon_once(world: World) -> None:
    assert world.candidacy.followers == [world.follower.id]
    world.new_candidacy(birth_name="Aubry")
    Person.objects(pk=world.follower.id).update(unset__email=1, unset__password=1, set__state="invited")
    (item,) = [item for item in board(world).by("office") if item.what == "teacher_visit"]
    assert (item.thing, item.detail) == (world.follower.id, world.follower.name)
    Person.objects(pk=world.follower.id).update(set__state="active")
    assert "teacher_visit" not in [item.what for item in board(world).by("office")]
