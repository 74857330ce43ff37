from __future__ import annotations

import pytest

from portfolio.commission import presence
from portfolio.commission.presence import STILL_THERE, Present
from portfolio.errors import NotFound
from portfolio.store.connections import current
from tests.conftest import Clock
from tests.support.worlds.commissions import assessment_of, convened
from tests.support.worlds.world import World


def test_since_is_when_they_came_and_starts_again_once_they_had_left(world: World, clock: Clock):
    assessment = assessment_of(convened(world))
    follower, tutor = world.actor(world.follower), world.actor(world.tutor)
    came = clock()
    presence.arrive(follower, assessment, came)
    presence.arrive(follower, assessment, clock.advance(seconds=40))
    assert presence.others(tutor, assessment, clock()) == [Present("Camille Professeur", came)]
    assert presence.others(follower, assessment, clock()) == []
    back = clock.advance(seconds=2 * STILL_THERE.total_seconds())
    assert presence.others(tutor, assessment, back) == []
    presence.arrive(follower, assessment, back)
    assert presence.others(tutor, assessment, back) == [Present("Camille Professeur", back)]
    assert current().database.presences.count_documents({}) == 1


def test_a_name_that_looks_like_a_field_is_a_name(world: World, clock: Clock):
    assessment = assessment_of(convened(world))
    type(world.follower).objects(pk=world.follower.id).update(set__given_names="$at")
    presence.arrive(world.actor(world.follower), assessment, clock())
    assert presence.others(world.actor(world.tutor), assessment, clock())[0].name == "$at Professeur"


def test_only_who_sits_is_present_or_sees_who_is(world: World, clock: Clock):
    assessment = assessment_of(convened(world))
    for person in (world.candidate, world.office, world.second_teacher):
        for act in (presence.arrive, presence.others):
            with pytest.raises(NotFound):
                act(world.actor(person), assessment, clock())
    assert current().database.presences.count_documents({}) == 0


def test_a_row_leaves_the_store_by_itself(world: World):
    indexes = current().database.presences.index_information().values()
    assert [one["expireAfterSeconds"] for one in indexes if "expireAfterSeconds" in one] == [604800]
