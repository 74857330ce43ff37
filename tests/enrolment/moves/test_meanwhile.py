"""Who takes over at the moment at which they leave, and what is added at the moment at which a candidate goes."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.documents import Attestation, Candidacy, Company, Person, Placement
from portfolio.enrolment import enrol, placements
from portfolio.enrolment.moves import arrivals, departures
from portfolio.sign_offs.asking import requests
from portfolio.store.journal import MovedMeanwhile
from tests.support.acts.enrolling import accept, other_school, propose
from tests.support.concurrency import in_between
from tests.support.worlds.world import World


def leaves(world: World, teacher: Person, office: Person) -> None:
    fresh = Person.objects.get(pk=teacher.id)
    departures.revoke_grant(world.actor(office), fresh, fresh.grants[0].id, world.clock())


def asked(world: World) -> None:
    """A teacher is asked for a sign-off; the world is built, so that nothing of it comes in between."""
    assert world.candidacy and world.placement
    requests.request(world.actor(world.candidate), world.activity, "teacher", world.follower.id, world.clock())


def answering() -> set[str]:
    """Names of those for whom a request waits."""
    people = Attestation.objects(state="requested", seat="teacher").distinct("person")
    return {person.family_name for person in Person.objects(pk__in=people)}


def test_nobody_follows_a_candidate_whose_right_ended_as_they_were_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.candidacy and world.follower and world.placement
    teacher, candidacy = world.new_teacher(world.school), Candidacy.objects.get(pk=world.candidacy.id)
    in_between(monkeypatch, enrol, lambda: leaves(world, teacher, world.office))
    with pytest.raises(MovedMeanwhile):
        enrol.set_followers(world.actor(world.office), candidacy, [world.follower.id, teacher.id], world.clock())
    assert Candidacy.objects.get(pk=candidacy.id).followers == [world.follower.id]


def test_a_candidate_who_is_followed_as_a_right_ends_is_not_left_to_who_is_gone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.candidacy and world.follower and world.placement
    teacher, office = world.new_teacher(world.school), world.actor(world.office)

    def followed() -> None:
        candidacy = Candidacy.objects.get(pk=world.candidacy.id)
        enrol.set_followers(office, candidacy, [teacher.id], world.clock())

    in_between(monkeypatch, departures, followed)
    with pytest.raises(MovedMeanwhile):
        departures.revoke_grant(office, teacher, teacher.grants[0].id, world.clock())
    leaves(world, teacher, world.office)
    assert Candidacy.objects.get(pk=world.candidacy.id).followers == []


def test_a_successor_who_leaves_meanwhile_takes_nothing_over(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(world)
    teacher, leaving = world.new_teacher(world.school), Person.objects.get(pk=world.follower.id)
    in_between(monkeypatch, departures, lambda: leaves(world, teacher, world.office))
    grant = leaving.grants[0].id
    with pytest.raises(MovedMeanwhile):
        departures.revoke_grant(world.actor(world.office), leaving, grant, world.clock(), teacher.id)
    assert answering() == {world.follower.family_name}


def test_a_follower_who_leaves_meanwhile_receives_no_candidate(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(world)
    school = other_school(world)
    office, teacher = world.new_office(school), world.new_teacher(school)
    transfer = propose(world, school)
    in_between(monkeypatch, arrivals, lambda: leaves(world, teacher, office))
    with pytest.raises(MovedMeanwhile):
        accept(world, transfer, office, teacher)
    assert answering() == {world.follower.family_name}
    assert Candidacy.objects.get(pk=world.candidacy.id).school == world.school.id


def test_a_period_added_meanwhile_is_not_left_behind(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert world.candidacy and world.placement
    school = other_school(world)
    office, teacher = world.new_office(school), world.new_teacher(school)
    transfer = propose(world, school)
    in_between(monkeypatch, arrivals, lambda: placed(world))
    with pytest.raises(MovedMeanwhile):
        accept(world, transfer, office, teacher)
    accept(world, transfer, office, teacher)
    companies = Company.objects(pk__in=Placement.objects(candidacy=world.candidacy.id).distinct("company"))
    assert {company.school for company in companies} == {school.id}
    tutors = Person.objects(pk__in=Placement.objects(candidacy=world.candidacy.id).distinct("tutor"))
    assert all(school.id in tutor.schools for tutor in tutors)


def placed(world: World) -> None:
    candidacy = Candidacy.objects.get(pk=world.candidacy.id)
    company = Company(created_at=world.clock(), school=candidacy.school, name="Autre Assurance", city="Lyon").save()
    values: Any = {"company": company.id, "kind": world.placement.kind, "starts_on": "2026-11-02"}
    values |= {"ends_on": "2026-11-20", "days": 10, "confirmed": True}
    values["tutor"] = {"given_names": "Zoé", "family_name": "Neuve", "email": "zoe.neuve@autre.fr"}
    placements.add_placement(world.actor(world.office), candidacy, values, world.clock())
