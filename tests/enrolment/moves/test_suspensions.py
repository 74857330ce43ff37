"""Whoever cannot come in is asked for nothing, and nobody waits for them; once they come back they answer again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portfolio.boards import class_board, office_board
from portfolio.documents import Activity, Attestation, Candidacy, Person, Placement
from portfolio.enrolment import enrol, placements
from portfolio.enrolment.moves import suspensions
from portfolio.errors import Invalid
from portfolio.evidence import deposit
from portfolio.sign_offs import reality
from portfolio.sign_offs.answering.inbox import inbox
from portfolio.sign_offs.answering.status import sign_offs_on
from portfolio.sign_offs.asking import requests
from portfolio.sign_offs.asking.teachers import followers_of
from portfolio.store.connections import Connections
from portfolio.store.journal import MovedMeanwhile
from tests.conftest import Clock
from tests.support.acts.asking import mails
from tests.support.concurrency import in_between
from tests.support.mails.mailbox import deliver
from tests.support.worlds.world import World

SEATS: dict[str, Callable[[World], Person]] = {"tutor": lambda world: world.tutor, "teacher": lambda w: w.follower}


def ask(world: World, seat: str) -> Attestation:
    activity = Activity.objects.get(pk=world.activity.id)
    return requests.request(world.actor(world.candidate), activity, seat, None, world.clock())  # type: ignore[arg-type]


def suspend(world: World, person: Person) -> None:
    fresh = Person.objects.get(pk=person.id)
    suspensions.suspend(world.actor(world.administrator), fresh, "Compte détourné", world.clock())


def reinstate(world: World, person: Person) -> None:
    fresh = Person.objects.get(pk=person.id)
    suspensions.reinstate(world.actor(world.administrator), fresh, world.clock())


def status(world: World, seat: str) -> str:
    return str(getattr(sign_offs_on(Activity.objects.get(pk=world.activity.id)), seat).status)


def owed(world: World) -> set[tuple[str, str]]:
    board = office_board.office_board(world.actor(world.office), world.school, world.clock())
    return {(item.who, item.what) for item in board.owed}


def some_days(clock: Clock, days: int = 5) -> None:
    for _ in range(days):
        clock.advance(days=1)
        deliver(clock)


@pytest.mark.parametrize("seat", list(SEATS))
def test_what_waited_for_them_is_to_be_asked_again_for_everybody_and_nobody_is_reminded(
    world: World, clock: Clock, store: Connections, seat: str
) -> None:
    ask(world, seat)
    person = SEATS[seat](world)
    suspend(world, person)
    assert (status(world, seat), inbox(world.actor(person)).sign_offs) == ("lapsed", [])
    some_days(clock, 30)
    assert mails(store, person.email) == []
    (line,) = class_board.board(world.actor(world.second_teacher), clock(), all_of_school=True).lines
    assert (line.waiting_since, getattr(line, seat).waiting) == (None, 0)
    assert ("candidate", "ask_again") in owed(world)
    assert ("tutor", "answer") not in owed(world)


@pytest.mark.parametrize("seat", list(SEATS))
def test_once_they_come_back_they_answer_again(world: World, clock: Clock, store: Connections, seat: str) -> None:
    ask(world, seat)
    person = SEATS[seat](world)
    suspend(world, person)
    some_days(clock)
    reinstate(world, person)
    assert (status(world, seat), len(inbox(world.actor(person)).sign_offs)) == ("requested", 1)
    some_days(clock, 2)
    assert len(mails(store, person.email)) == 1


def test_what_somebody_else_was_asked_meanwhile_stays_theirs(world: World) -> None:
    ask(world, "teacher")
    suspend(world, world.follower)
    by, activity = world.actor(world.candidate), Activity.objects.get(pk=world.activity.id)
    requests.request(by, activity, "teacher", world.second_teacher.id, world.clock())  # type: ignore[arg-type]
    reinstate(world, world.follower)
    assert [one.person for one in Attestation.objects(state="requested")] == [world.second_teacher.id]


def test_what_left_their_seat_meanwhile_is_not_theirs_again(world: World, clock: Clock) -> None:
    ask(world, "tutor")
    before = world.tutor
    suspend(world, before)
    placement = Placement.objects.get(pk=world.placement.id)
    placements.end_tutoring(world.actor(world.office), placement, clock())
    reinstate(world, before)
    assert (status(world, "tutor"), inbox(world.actor(before)).sign_offs) == ("lapsed", [])


@pytest.mark.parametrize("seat", list(SEATS))
def test_nobody_asks_them(world: World, clock: Clock, seat: str) -> None:
    assert world.activity
    suspend(world, SEATS[seat](world))
    with pytest.raises(Invalid) as refused:
        ask(world, seat)
    assert "ne peut pas répondre en ce moment" in refused.value.errors["person"][0]
    if seat == "teacher":
        assert followers_of(world.actor(world.candidate), world.candidacy) == []


@pytest.mark.parametrize("seat", list(SEATS))
@pytest.mark.parametrize("first", ["asked", "suspended"])
def test_at_the_same_moment_nothing_waits_for_them_either(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch, seat: str, first: str
) -> None:
    assert world.activity
    person = SEATS[seat](world)
    if first == "suspended":
        in_between(monkeypatch, requests, lambda: suspend(world, person))
        with pytest.raises(MovedMeanwhile):
            ask(world, seat)
    else:
        in_between(monkeypatch, suspensions, lambda: ask(world, seat))
        with pytest.raises(MovedMeanwhile):
            suspend(world, person)
        suspend(world, person)
    assert not Attestation.objects(state="requested")


def test_an_activity_that_moves_to_their_period_is_asked_of_nobody(world: World, clock: Clock) -> None:
    ask(world, "tutor")
    other = world.new_placement(world.candidacy)
    suspend(world, Person.objects.get(pk=other.tutor))
    by, activity = world.actor(world.candidate), Activity.objects.get(pk=world.activity.id)
    deposit.amend_activity(by, activity, {"placement": other.id}, clock())
    assert status(world, "tutor") == "lapsed"
    reinstate(world, Person.objects.get(pk=other.tutor))
    assert status(world, "tutor") == "lapsed", "it was never asked of them"


def test_nobody_is_named_follower_or_tutor_while_their_account_is_suspended(world: World, clock: Clock) -> None:
    tutor = world.tutor
    suspend(world, world.second_teacher)
    suspend(world, tutor)
    candidacy = Candidacy.objects.get(pk=world.candidacy.id)
    with pytest.raises(Invalid) as refused:
        enrol.set_followers(world.actor(world.office), candidacy, [world.second_teacher.id], clock())
    assert "suspendu" in refused.value.errors["followers"][0]
    other = world.new_placement(candidacy)
    values = {"email": tutor.email, "family_name": tutor.family_name, "given_names": tutor.given_names}
    with pytest.raises(Invalid) as refused:
        placements.replace_tutor(world.actor(world.office), other, values, clock())  # type: ignore[arg-type]
    assert "suspendu" in refused.value.errors["email"][0]


def test_the_office_names_somebody_where_every_follower_is_suspended(world: World, clock: Clock) -> None:
    assert world.candidacy
    assert ("office", "follower") not in owed(world)
    suspend(world, world.follower)
    assert ("office", "follower") in owed(world)
    both = [world.follower.id, world.second_teacher.id]
    enrol.set_followers(world.actor(world.office), Candidacy.objects.get(pk=world.candidacy.id), both, clock())
    assert ("office", "follower") not in owed(world)


def test_who_answers_a_proposed_period_now_is_told_and_they_again_once_back(
    world: World, clock: Clock, store: Connections
) -> None:
    world.set_password(world.follower)
    world.propose_placement()
    deliver(clock)
    suspend(world, world.follower)
    some_days(clock, 12)
    asked = "Pour action : une période en entreprise est proposée"
    assert [one["Subject"] for one in mails(store, world.office.email)] == [asked]
    reinstate(world, world.follower)
    some_days(clock, 1)
    assert [one["Subject"] for one in mails(store, world.follower.email)] == [asked, asked]


def test_an_evaluation_that_waits_is_asked_of_them_once_they_are_back(
    world: World, clock: Clock, store: Connections
) -> None:
    suspend(world, world.tutor)
    reality.write(world.actor(world.follower), world.placement, "Relances des impayés, vues sur place.", clock())
    some_days(clock)
    assert mails(store, world.tutor.email) == []
    reinstate(world, world.tutor)
    some_days(clock, 1)
    assert len(mails(store, world.tutor.email)) == 1
