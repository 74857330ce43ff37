from __future__ import annotations

from datetime import timedelta
from typing import Any

from portfolio.commission import presence
from portfolio.commission.queue import Around, around, queue
from portfolio.documents import Person
from portfolio.sheet import draw_up
from tests.support.worlds.commissions import (
    MEETS_AT,
    PASSWORD,
    ROWS,
    appraise,
    appraised,
    assessment_of,
    convened,
    drafted,
    fill,
    fill_and_seal,
    grid_of,
    transmitted,
    with_password,
)
from tests.support.worlds.world import World


def state(world: World, person: Person) -> str:
    (only,) = queue(world.actor(person), world.clock()).waiting
    return only.state


def test_a_candidate_goes_from_the_first_degree_to_the_jury(world: World):
    world.new_piece()
    world.sign_off()
    world.submit()
    commission = convened(world)
    assert state(world, world.follower) == "to_score"
    fill_and_seal(world, commission, world.follower)
    assert (state(world, world.follower), state(world, world.tutor)) == ("sealed", "to_score")
    fill_and_seal(world, commission, world.tutor)
    assert (state(world, world.follower), state(world, world.tutor)) == ("to_agree", "to_agree")
    appraise(world, world.follower, commission, appreciation="Bien.", proposed_mark="12")
    sheet = drafted(world, commission)
    assert state(world, world.follower) == "to_sign"
    _sign(world, world.follower, sheet)
    assert (state(world, world.follower), state(world, world.tutor)) == ("signed_by_me", "to_sign")
    _sign(world, world.tutor, sheet)
    assert state(world, world.tutor) == "signed"
    transmitted(world, type(sheet).objects.get(pk=sheet.id))
    assert state(world, world.tutor) == "transmitted"


def _sign(world: World, person: Person, sheet: Any) -> None:
    with_password(person)
    fresh = type(sheet).objects.get(pk=sheet.id)
    draw_up.sign(world.actor(person), fresh, sheet.digest, PASSWORD, world.clock(), confirmed=True)


def test_together_the_shared_grid_tells(world: World):
    world.new_piece()
    world.submit()
    commission = convened(world, mode="together")
    assert state(world, world.tutor) == "to_score"
    fill(world, world.follower, grid_of(commission), dict.fromkeys(ROWS, "S"))
    assert state(world, world.tutor) == "to_agree"


def test_candidates_come_by_hour_then_by_name_and_one_resumes_where_one_left(world: World):
    later = convened(world, world.new_candidacy(birth_name="Abel"), meets_at=MEETS_AT + timedelta(hours=1))
    zoe = convened(world, world.new_candidacy(birth_name="Zoroastre"))
    ines = convened(world, world.new_candidacy(birth_name="Inès"))
    by = world.actor(world.follower)
    found = queue(by, world.clock())
    assert [one.commission for one in found.waiting] == [ines.id, zoe.id, later.id]
    assert found.resume and found.resume.commission == ines.id
    presence.arrive(by, assessment_of(later), world.clock())
    presence.arrive(by, assessment_of(zoe), world.later(seconds=5))
    resumed = queue(by, world.clock()).resume
    assert resumed and resumed.commission == zoe.id
    beside_zoe, beside_ines = (around(by, assessment_of(one), world.clock()) for one in (zoe, ines))
    assert beside_zoe == Around(before=ines.id, after=later.id, position=2, total=3, others=[])
    assert beside_ines == Around(before=None, after=zoe.id, position=1, total=3, others=[])


def test_nobody_else_s_commissions_are_in_the_queue(world: World):
    appraised(world)
    for person in (world.second_teacher, world.candidate, world.office, world.jury_member):
        assert queue(world.actor(person), world.clock()).waiting == ()
