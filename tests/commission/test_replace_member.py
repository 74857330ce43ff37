from __future__ import annotations

from typing import Any

import pytest

from portfolio.commission import amend, members
from portfolio.documents import Candidacy, Commission, Grid, Person
from portfolio.enrolment import enrol
from portfolio.enrolment.moves import suspensions
from portfolio.errors import Invalid, NotFound, Stale
from tests.support.worlds.commissions import (
    APPRECIATION,
    MEETS_AT,
    appraise,
    appraised,
    assessment_of,
    at_once,
    convened,
    fill,
    fill_and_seal,
    grid_of,
)
from tests.support.worlds.world import World


def replace(
    world: World, commission: Commission, leaving: Person, arriving: Any, absence: str | None = None
) -> Commission:
    fresh = Commission.objects.get(pk=commission.id)
    values = {"leaving": leaving.id, "arriving": arriving, "reason": "Hospitalisé", "tutor_absence": absence}
    return amend.replace_member(world.actor(world.office), fresh, values, world.clock())


def test_a_second_professor_replaces_the_tutor_whatever_is_known_of_the_absence(world: World):
    commission = replace(world, convened(world), world.tutor, world.second_teacher.id)
    assert (commission.members[1], commission.tutor_absence) == (world.second_teacher.id, None)


def test_a_second_professor_replaces_the_tutor_whose_absence_is_recorded(world: World):
    commission = convened(world)
    commission = replace(world, commission, world.tutor, world.second_teacher.id, "Hospitalisé")
    assert commission.members == [world.follower.id, world.second_teacher.id]
    assert [(seat.quality, seat.left_reason) for seat in commission.seats] == [
        ("follower", None),
        ("tutor", "Hospitalisé"),
        ("second_professor", None),
    ]
    assert commission.tutor_absence == "Hospitalisé"


def test_the_tutor_comes_back_and_their_absence_is_no_longer_recorded(world: World):
    world.placement  # noqa: B018
    commission = convened(world, second=world.second_teacher.id, tutor_absence="En congé")
    commission = replace(world, commission, world.second_teacher, world.tutor.id)
    assert (commission.members[1], commission.tutor_absence) == (world.tutor.id, None)


def test_another_second_professor_keeps_the_recorded_absence(world: World):
    world.placement  # noqa: B018
    commission = convened(world, second=world.second_teacher.id, tutor_absence="En congé")
    third = world.new_teacher(world.school)
    assert replace(world, commission, world.second_teacher, third.email).tutor_absence == "En congé"


def test_who_replaces_the_follower_follows_the_candidate(world: World):
    commission = convened(world)
    with pytest.raises(members.ProfessorDoesNotFollow):
        replace(world, commission, world.follower, world.second_teacher.id)
    followers = [world.follower.id, world.second_teacher.id]
    fresh = Candidacy.objects.get(pk=world.candidacy.id)
    enrol.set_followers(world.actor(world.office), fresh, followers, world.clock())
    commission = replace(world, commission, world.follower, world.second_teacher.id)
    assert commission.members == [world.second_teacher.id, world.tutor.id]


def test_a_replacement_brings_somebody_else_in_the_place_of_somebody_who_sits(world: World):
    commission = convened(world)
    for arriving in (world.tutor.id, world.follower.id):
        with pytest.raises(members.MemberTwice):
            replace(world, commission, world.tutor, arriving)
    with pytest.raises(Invalid):
        replace(world, commission, world.second_teacher, world.tutor.id)


def test_a_suspended_person_replaces_nobody(world: World):
    commission = convened(world)
    administrator = world.actor(world.administrator)
    suspensions.suspend(administrator, world.second_teacher, "Compte détourné", world.clock())
    with pytest.raises(members.SecondHasNoStanding):
        replace(world, commission, world.tutor, world.second_teacher.id, "Hospitalisé")
    assert Commission.objects.get(pk=commission.id).members == [world.follower.id, world.tutor.id]


def test_what_the_leaver_wrote_is_kept_and_not_used(world: World):
    commission = appraised(world)
    first = grid_of(commission, world.tutor)
    shared = grid_of(commission)
    replace(world, commission, world.tutor, world.second_teacher.id, "Hospitalisé")
    kept = Grid.objects.get(pk=first.id)
    assert (kept.live, kept.degrees) == (False, first.degrees)
    assert Grid.objects.get(pk=shared.id).live is False
    assert grid_of(commission).degrees == {}
    assert grid_of(commission, world.second_teacher).degrees == {}
    assessment = assessment_of(commission)
    assert (assessment.appreciation, assessment.proposed_mark) == (None, None)
    assert assessment.earlier[0]["appreciation"] == APPRECIATION
    assert assessment.earlier[0]["proposed_mark"] == "14.50"
    assert assessment.members == [world.follower.id, world.second_teacher.id]


def test_the_one_who_stays_keeps_a_grid_that_closes_to_the_one_who_arrives(world: World):
    commission = appraised(world)
    replace(world, commission, world.tutor, world.second_teacher.id, "Hospitalisé")
    mine = grid_of(commission, world.follower)
    assert mine.sealed_at is not None
    assert mine.opened is False
    fill_and_seal(world, commission, world.second_teacher, degree="TS", C1="S")
    assert grid_of(commission, world.follower).opened is True
    assert grid_of(commission).degrees == {"C1": "S"}


def test_a_member_who_comes_back_starts_from_an_empty_grid(world: World):
    commission = appraised(world)
    replace(world, commission, world.tutor, world.second_teacher.id, "Hospitalisé")
    replace(world, commission, world.second_teacher, world.tutor.id)
    assert grid_of(commission, world.tutor).degrees == {}
    assert Grid.objects(commission=commission.id, member=world.tutor.id).count() == 2


def test_the_leaver_reads_and_writes_nothing_any_more(world: World):
    commission = appraised(world)
    grid = grid_of(commission, world.tutor)
    replace(world, commission, world.tutor, world.second_teacher.id, "Hospitalisé")
    with pytest.raises(NotFound):
        fill(world, world.tutor, Grid.objects.get(pk=grid.id), {"C1": "I"})
    with pytest.raises(NotFound):
        appraise(world, world.tutor, commission, appreciation="Encore moi")


def test_a_replacement_that_crosses_a_members_writing_is_refused_whole(world: World):
    commission = appraised(world)
    stale = Commission.objects.get(pk=commission.id)
    amend.move(world.actor(world.office), commission, MEETS_AT, "B14", world.clock())
    values = {"leaving": world.tutor.id, "arriving": world.second_teacher.id, "reason": "Absent"}
    with pytest.raises(Stale):
        amend.replace_member(world.actor(world.office), stale, {**values, "tutor_absence": "Absent"}, world.clock())
    assert assessment_of(commission).appreciation == APPRECIATION


def test_a_replacement_and_a_save_at_the_same_moment_never_mix(world: World):
    world.submit()
    commission = convened(world)
    mine = grid_of(commission, world.tutor)
    outcomes = at_once(
        [
            lambda: fill(world, world.tutor, mine, {"C1": "TS"}),
            lambda: replace(world, commission, world.tutor, world.second_teacher.id, "Hospitalisé"),
        ]
    )
    assert isinstance(outcomes[1], Commission | amend.MembersAtWork)
    if isinstance(outcomes[1], Commission):
        assert grid_of(commission, world.second_teacher).degrees == {}
        assert Grid.objects.get(pk=mine.id).live is False
    else:
        assert grid_of(commission, world.tutor).degrees == {"C1": "TS"}
