"""A teacher is replaced from one day to another: the substitute follows and answers, then the titular does again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portfolio.documents import Attestation, Candidacy, Person, School
from portfolio.enrolment import enrol
from portfolio.enrolment.moves import departures, replacements
from portfolio.errors import Forbidden, Invalid
from portfolio.identity.dual_control import OwnGrant
from portfolio.sign_offs.answering.inbox import inbox
from portfolio.sign_offs.asking import requests
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.mails.mailbox import deliver, files
from tests.support.worlds.world import World


def asked(world: World) -> Attestation:
    by = world.actor(world.candidate)
    return requests.request(by, world.activity, "teacher", None, world.clock())  # type: ignore[arg-type]


def day(world: World, days: int) -> str:
    return (world.clock() + timedelta(days=days)).date().isoformat()


def replaced(world: World, first: int = 0, last: int | None = 30, **changed: object) -> None:
    assert world.candidacy
    values = {"absent": world.follower.id, "substitute": world.second_teacher.id, "starts_on": day(world, first)}
    values |= {"ends_on": None if last is None else day(world, last)} | changed
    school = School.objects.get(pk=world.school.id)
    replacements.replace_teacher(world.actor(world.office), school, values, world.clock())  # type: ignore[arg-type]


def ended(world: World, on: str | None = None) -> None:
    school = School.objects.get(pk=world.school.id)
    values = {"replacement": school.replacements[-1].id, "ends_on": on}
    replacements.end_replacement(world.actor(world.office), school, values, world.clock())  # type: ignore[arg-type]


def followers(world: World) -> list[object]:
    return list(Candidacy.objects.get(pk=world.candidacy.id).followers)


def waiting(world: World, person: Person) -> int:
    return len(inbox(world.actor(Person.objects.get(pk=person.id))).sign_offs)


def days_pass(clock: Clock, days: int) -> None:
    for _ in range(days):
        clock.advance(days=1)
        deliver(clock)


def test_the_substitute_follows_and_is_asked_then_the_titular_is_again(
    world: World, clock: Clock, store: Connections
) -> None:
    first = asked(world)
    replaced(world, last=10)
    assert followers(world) == [world.second_teacher.id]
    assert (waiting(world, world.follower), waiting(world, world.second_teacher)) == (0, 1)
    deliver(clock)
    subjects = {message["To"]: message["Subject"] for message in files(store)}
    assert subjects[world.follower.email] == f"{world.second_teacher.name} vous remplace"
    assert subjects[world.second_teacher.email] == f"Vous remplacez {world.follower.name}"
    days_pass(clock, 12)
    assert followers(world) == [world.follower.id]
    assert (waiting(world, world.follower), waiting(world, world.second_teacher)) == (1, 0)
    assert Attestation.objects.get(pk=first.id).state == "lapsed"
    assert Attestation.objects.get(state="requested").requested_by == world.office.id


def test_one_that_is_to_come_begins_on_its_day_and_its_request_goes_to_whoever_follows_then(
    world: World, clock: Clock
) -> None:
    replaced(world, first=3, last=20)
    assert followers(world) == [world.follower.id]
    days_pass(clock, 2)
    assert followers(world) == [world.follower.id]
    days_pass(clock, 2)
    assert followers(world) == [world.second_teacher.id]
    assert asked(world).person == world.second_teacher.id


def test_what_was_answered_before_keeps_its_name(world: World) -> None:
    request = asked(world)
    name = request.signer_name
    Attestation.objects(pk=request.id).update(set__state="confirmed", set__answered_at=world.clock())
    replaced(world)
    kept = Attestation.objects.get(pk=request.id)
    assert (kept.state, kept.person, kept.signer_name) == ("confirmed", world.follower.id, name)


def test_one_without_end_is_for_good(world: World, clock: Clock) -> None:
    replaced(world, last=None)
    days_pass(clock, 3)
    assert followers(world) == [world.second_teacher.id]
    with pytest.raises(Invalid):
        ended(world)


def test_who_followed_beside_the_absent_one_goes_on_afterwards(world: World) -> None:
    both = [world.follower.id, world.second_teacher.id]
    candidacy = Candidacy.objects.get(pk=world.candidacy.id)
    enrol.set_followers(world.actor(world.office), candidacy, both, world.clock())
    replaced(world)
    assert followers(world) == [world.second_teacher.id]
    ended(world)
    assert set(followers(world)) == set(both)


def test_a_class_that_is_not_named_keeps_its_teacher(world: World) -> None:
    Candidacy.objects(pk=world.candidacy.id).update(set__division="2A")
    replaced(world, division="1B")
    assert followers(world) == [world.follower.id]
    replaced(world, division="2A")
    assert followers(world) == [world.second_teacher.id]


def test_an_early_return_and_a_later_end_are_recorded(world: World, clock: Clock) -> None:
    replaced(world, last=5)
    ended(world, day(world, 8))
    days_pass(clock, 7)
    assert followers(world) == [world.second_teacher.id]
    ended(world)
    assert followers(world) == [world.follower.id]
    days_pass(clock, 5)
    (one,) = School.objects.get(pk=world.school.id).replacements
    assert one.ended_at is not None and followers(world) == [world.follower.id]


def test_one_that_is_called_off_never_begins(world: World, clock: Clock) -> None:
    replaced(world, first=3)
    ended(world)
    days_pass(clock, 5)
    assert followers(world) == [world.follower.id]


def test_a_substitute_who_left_before_the_first_day_takes_nobody(world: World, clock: Clock) -> None:
    replaced(world, first=3)
    leaving = Person.objects.get(pk=world.second_teacher.id)
    departures.revoke_grant(world.actor(world.office), leaving, leaving.grants[0].id, world.clock())
    days_pass(clock, 5)
    (one,) = School.objects.get(pk=world.school.id).replacements
    assert one.began_at is None and one.ended_at is not None and followers(world) == [world.follower.id]


def test_a_titular_who_left_meanwhile_follows_nobody_again(world: World, clock: Clock) -> None:
    replaced(world, last=5)
    leaving = Person.objects.get(pk=world.follower.id)
    departures.revoke_grant(world.actor(world.office), leaving, leaving.grants[0].id, world.clock())
    days_pass(clock, 8)
    assert followers(world) == [world.second_teacher.id]


def test_those_whom_the_substitute_tutors_keep_their_teacher(world: World) -> None:
    placement = world.placement
    type(placement).objects(pk=placement.id).update(set__tutor=world.second_teacher.id)
    replaced(world)
    assert followers(world) == [world.follower.id]


def test_whom_the_office_named_meanwhile_stays(world: World) -> None:
    replaced(world)
    third = world.new_teacher(world.school)
    candidacy = Candidacy.objects.get(pk=world.candidacy.id)
    enrol.set_followers(world.actor(world.office), candidacy, [third.id], world.clock())
    ended(world)
    assert followers(world) == [third.id]


def test_whoever_substitutes_on_those_days_is_not_replaced_too(world: World) -> None:
    replaced(world)
    third = world.new_teacher(world.school)
    with pytest.raises(Invalid) as refused:
        replaced(world, absent=world.second_teacher.id, substitute=third.id)
    assert "absent" in refused.value.errors


def test_wrong_people_and_days_are_refused(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        replaced(world, substitute=world.tutor.id)
    assert "substitute" in refused.value.errors
    with pytest.raises(Invalid):
        replaced(world, substitute=world.follower.id)
    with pytest.raises(Invalid) as refused:
        replaced(world, first=-20, last=-10)
    assert "ends_on" in refused.value.errors
    with pytest.raises(OwnGrant):
        replaced(world, substitute=world.office.id)
    replaced(world)
    with pytest.raises(Invalid) as refused:
        replaced(world, first=10, last=40)
    assert "absent" in refused.value.errors


def test_no_other_school_replaces_them(world: World) -> None:
    school = School.objects.get(pk=world.school.id)
    values = {"absent": world.follower.id, "substitute": world.second_teacher.id, "starts_on": day(world, 0)}
    with pytest.raises(Forbidden):
        replacements.replace_teacher(world.actor(world.follower), school, values, world.clock())  # type: ignore[arg-type]
