"""The two members choose how they score, each alone or together; nothing that was written is lost."""

from __future__ import annotations

import pytest

from portfolio.commission import convene, way_of_scoring
from portfolio.documents import Commission, Grid, Link, Person
from portfolio.errors import NotFound
from tests.support.worlds.commissions import convened, drafted, fill, fill_and_seal, grid_of
from tests.support.worlds.world import World


def choose(world: World, commission: Commission, mode: str, who: Person | None = None) -> Commission:
    fresh = Commission.objects.get(pk=commission.id)
    return way_of_scoring.choose_way(world.actor(who or world.tutor), fresh, mode, world.clock())


def test_members_who_begin_apart_may_go_on_together_and_their_own_grids_are_kept(world: World) -> None:
    world.submit()
    commission = convened(world)
    fill_and_seal(world, commission, world.follower)

    assert choose(world, commission, "together").mode == "together"

    own = Grid.objects(commission=commission.id, member__ne=None)
    assert [(grid.live, bool(grid.degrees)) for grid in own.order_by("-degrees")] == [(False, True), (False, False)]
    assert fill(world, world.tutor, grid_of(commission), {"C1": "S"}).degrees == {"C1": "S"}
    chosen = Link.objects.get(name="way_of_scoring_chosen")
    assert (chosen.chain, chosen.data) == (
        f"assessment:{world.candidacy.id}",
        {"mode": "together", "before": "sealed"},
    )


def test_members_who_begin_together_may_score_apart_and_what_they_shared_is_kept(world: World) -> None:
    world.submit()
    commission = convened(world, mode="together")
    fill(world, world.tutor, grid_of(commission), {"C1": "S"})

    choose(world, commission, "sealed", world.follower)

    live = Grid.objects(commission=commission.id, live=True)
    assert {grid.member for grid in live} == {world.follower.id, world.tutor.id, None}
    assert all(not grid.degrees for grid in live)
    assert Grid.objects.get(commission=commission.id, live=False).degrees == {"C1": "S"}
    fill_and_seal(world, commission, world.follower)
    fill_and_seal(world, commission, world.tutor)
    assert grid_of(commission).degrees["C1"] == "S"


def test_neither_others_nor_anybody_after_the_sheet_changes_it(world: World) -> None:
    commission = convened(world)
    with pytest.raises(NotFound):
        choose(world, commission, "together", world.office)
    with pytest.raises(convene.ModeNotAllowed):
        choose(world, commission, "alone")
    assert choose(world, commission, "sealed").revision == commission.revision, "again changes nothing"


def test_a_sheet_settles_it(world: World) -> None:
    sheet = drafted(world)
    with pytest.raises(convene.SheetIsOut):
        choose(world, Commission.objects.get(pk=sheet.commission), "together")
