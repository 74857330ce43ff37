from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.commission import assess, grids
from portfolio.documents import Commission, Grid
from portfolio.errors import Invalid, NotFound, Stale
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from tests.support.worlds.commissions import ROWS, assessment_of, at_once, convened, fill, fill_and_seal, grid_of
from tests.support.worlds.world import World


@pytest.fixture
def commission(world: World) -> Commission:
    """Each scores alone first."""
    world.submit()
    return convened(world)


def test_rows_not_named_stay_and_null_erases(world: World, commission: Commission):
    mine = fill(world, world.follower, grid_of(commission, world.follower), {"C1": "S", "C42": "I"}, C1="Bien vu")
    mine = fill(world, world.follower, mine, {"C42": None, "C43": "NE"}, C1=None)
    assert (mine.degrees, mine.observations) == ({"C1": "S", "C43": "NE"}, {})


def test_rows_and_degrees_outside_the_circular_are_named(world: World, commission: Commission):
    with pytest.raises(Invalid) as refused:
        fill(world, world.follower, grid_of(commission, world.follower), {"C1": "A+", "C12": "S"}, K9="Non")
    assert set(refused.value.errors) == {"degrees.C1", "degrees.C12", "observations.K9"}
    assert "TI, I, S, TS, NE" in refused.value.errors["degrees.C1"][0]
    assert grid_of(commission, world.follower).degrees == {}


def test_what_was_typed_for_another_candidate_is_refused(world: World, commission: Commission):
    other = world.new_candidacy()
    values = {"candidacy": other.id, "degrees": {"C1": "S"}}
    by = world.actor(world.follower)
    with pytest.raises(assess.OtherCandidate):
        grids.fill(by, grid_of(commission, world.follower), values, world.clock())
    with pytest.raises(assess.OtherCandidate):
        assess.appraise(by, assessment_of(commission), {"candidacy": other.id, "proposed_mark": "12"}, world.clock())


def test_a_grid_is_sealed_complete_and_then_stays(world: World, commission: Commission):
    mine = fill(
        world, world.follower, grid_of(commission, world.follower), dict.fromkeys(ROWS[1:], "S") | {"C42": "TI"}
    )
    with pytest.raises(grids.Incomplete) as refused:
        grids.seal(world.actor(world.follower), mine, world.clock())
    assert set(refused.value.errors) == {"degrees.C1"}
    mine = fill(world, world.follower, mine, {"C1": "NE"}, C42="Aucun outil partagé.")
    mine = grids.seal(world.actor(world.follower), mine, world.clock())
    assert (mine.sealed_at, mine.opened) == (world.clock(), False)
    with pytest.raises(grids.GridSealed):
        fill(world, world.follower, mine, {"C1": "TS"})
    with pytest.raises(grids.GridSealed):
        grids.seal(world.actor(world.follower), mine, world.clock())


def test_the_others_degrees_stay_sealed_until_both_are_in(world: World, commission: Commission):
    fill_and_seal(world, commission, world.tutor, degree="TS")
    theirs = grid_of(commission, world.tutor)
    by = world.actor(world.follower)
    assert theirs not in Grid.objects(__raw__=scope(by, Action.READ_GRID, Grid))
    with pytest.raises(NotFound):
        fill(world, world.follower, theirs, {"C1": "I"})
    with pytest.raises(grids.GridsNotOpen):
        grids.compared(by, assessment_of(commission))
    with pytest.raises(grids.GridsNotOpen):
        fill(world, world.follower, grid_of(commission), {"C1": "S"})
    fill_and_seal(world, commission, world.follower)
    assert theirs in Grid.objects(__raw__=scope(by, Action.READ_GRID, Grid))


def test_the_shared_grid_starts_from_what_agrees_and_divergences_come_first(world: World, commission: Commission):
    fill_and_seal(world, commission, world.tutor, degree="S", C44="TS", C49="NE")
    fill_and_seal(world, commission, world.follower)
    agreed = grid_of(commission).degrees
    assert agreed == dict.fromkeys(set(ROWS) - {"C44", "C49"}, "S")
    own, rows = grids.compared(world.actor(world.follower), assessment_of(commission))
    assert [grid.member for grid in own] == [world.follower.id, world.tutor.id]
    assert [(one.row, one.degrees) for one in rows if one.diverges] == [("C44", ("S", "TS")), ("C49", ("S", "NE"))]
    assert [one.row for one in rows[:3]] == ["C44", "C49", "C1"]
    shared = fill(world, world.tutor, grid_of(commission), {"C44": "S"})
    assert shared.degrees["C44"] == "S"
    with pytest.raises(grids.SharedGridIsNotSealed):
        grids.seal(world.actor(world.tutor), shared, world.clock())


codes = st.dictionaries(st.sampled_from(ROWS), st.sampled_from(["TI", "I", "S", "TS", "NE"]))


@given(codes, codes)
def test_every_row_is_compared_once_and_agreement_never_precedes_a_divergence(one, other):
    first, second = Grid(degrees=one), Grid(degrees=other)
    rows = grids.divergences(ROWS, first, second)
    assert sorted(row.row for row in rows) == sorted(ROWS)
    assert [row.diverges for row in rows] == sorted((row.diverges for row in rows), reverse=True)
    assert {row.row for row in rows if row.diverges} == {row for row in ROWS if one.get(row) != other.get(row)}


def test_members_who_sit_together_fill_in_one_grid(world: World):
    world.submit()
    commission = convened(world, mode="together")
    fill(world, world.follower, grid_of(commission), {"C1": "S"})
    fill(world, world.tutor, grid_of(commission), {"C42": "TS"})
    assert grid_of(commission).degrees == {"C1": "S", "C42": "TS"}
    with pytest.raises(grids.GridsNotOpen):
        grids.compared(world.actor(world.follower), assessment_of(commission))


def test_two_members_saving_at_once_lose_nothing(world: World):
    """Whoever comes second is told, with what stands now, and saves again: both values are there."""
    world.submit()
    commission = convened(world, mode="together")
    shared = grid_of(commission)
    seen = [Grid.objects.get(pk=shared.id) for _ in range(2)]
    said = [(world.follower, seen[0], {"C1": "S"}), (world.tutor, seen[1], {"C42": "TS"})]
    outcomes = at_once([lambda one=one: fill(world, *one) for one in said])
    late = [index for index, one in enumerate(outcomes) if isinstance(one, Stale)]
    assert len(late) == 1
    person, _, degrees = said[late[0]]
    assert outcomes[late[0]].thing.degrees == said[1 - late[0]][2]
    fill(world, person, grid_of(commission), degrees)
    assert grid_of(commission).degrees == {"C1": "S", "C42": "TS"}


def test_two_seals_at_once_open_both_grids(world: World, commission: Commission):
    people = (world.follower, world.tutor)
    filled = [fill(world, one, grid_of(commission, one), dict.fromkeys(ROWS, "S")) for one in people]
    acts = [
        lambda one=one, grid=grid: grids.seal(world.actor(one), grid, world.clock())
        for one, grid in zip(people, filled, strict=True)
    ]
    assert all(isinstance(one, Grid) for one in at_once(acts))
    assert all(grid_of(commission, one).opened for one in people)
    assert grid_of(commission).degrees == dict.fromkeys(ROWS, "S")


def test_two_first_acts_at_once_both_stand(world: World, commission: Commission):
    people = (world.follower, world.tutor)
    mine = [grid_of(commission, one) for one in people]
    acts = [
        lambda one=one, grid=grid: fill(world, one, grid, {"C1": "S"}) for one, grid in zip(people, mine, strict=True)
    ]
    assert all(isinstance(one, Grid) for one in at_once(acts))
    assert assessment_of(commission).submission == 1
