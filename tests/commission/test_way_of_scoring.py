"""The two members choose how they score, each alone or together; nothing that was written is lost."""

from __future__ import annotations

import pytest

from portfolio.commission import amend, convene, way_of_scoring
from portfolio.documents import Commission, Grid, Link, Person
from portfolio.errors import NotFound
from tests.support.api.clients import Clients
from tests.support.filling import fill as fill_form
from tests.support.filling import followed, shown
from tests.support.worlds.commissions import convened, drafted, fill, fill_and_seal, grid_of
from tests.support.worlds.world import World


def choose(world: World, commission: Commission, mode: str, who: Person | None = None) -> Commission:
    fresh = Commission.objects.get(pk=commission.id)
    return way_of_scoring.choose_way(world.actor(who or world.tutor), fresh, mode, world.clock())


def test_members_who_begin_apart_may_go_on_together_and_their_own_grids_are_kept(world: World) -> None:
    world.submit()
    commission = convened(world)
    fill(world, world.follower, grid_of(commission, world.follower), {"C1": "S"})

    assert choose(world, commission, "together").mode == "together"

    own = Grid.objects(commission=commission.id, member__ne=None)
    assert [(grid.live, bool(grid.degrees)) for grid in own.order_by("-degrees")] == [(False, True), (False, False)]
    assert fill(world, world.tutor, grid_of(commission), {"C1": "S"}).degrees == {"C1": "S"}
    chosen = Link.objects.get(name="way_of_scoring_chosen")
    assert (chosen.chain, chosen.data) == (
        f"assessment:{world.candidacy.id}",
        {"mode": "together", "before": "sealed"},
    )


def test_once_a_grid_is_sealed_no_member_sets_it_aside_alone(world: World) -> None:
    world.submit()
    commission = convened(world)
    fill_and_seal(world, commission, world.follower)

    for member in (world.tutor, world.tutor):
        assert choose(world, commission, "together", member).mode == "sealed", "asking twice agrees to nothing"
    assert way_of_scoring.asked_by(Commission.objects.get(pk=commission.id)) == ("together", world.tutor.id)
    assert grid_of(commission, world.follower).degrees["C1"] == "S"

    agreed = choose(world, commission, "together", world.follower)

    assert (agreed.mode, way_of_scoring.asked_by(agreed)) == ("together", (None, None))
    assert not Grid.objects(commission=commission.id, live=True, member__ne=None)
    names = Link.objects(name__startswith="way_of_scoring").order_by("seq").scalar("name", "by")
    assert list(names) == [
        ("way_of_scoring_asked", str(world.tutor.id)),
        ("way_of_scoring_chosen", str(world.follower.id)),
    ]


def test_a_member_who_keeps_the_way_ends_what_the_other_asked(world: World) -> None:
    world.submit()
    commission = convened(world)
    fill_and_seal(world, commission, world.follower)
    choose(world, commission, "together")

    kept = choose(world, commission, "sealed", world.follower)

    assert (kept.mode, kept.way_asked) == ("sealed", None)
    assert choose(world, commission, "together", world.follower).mode == "sealed", "asking begins again"


def test_the_page_asks_the_other_member_and_says_who_asked(world: World, client_for: Clients) -> None:
    world.submit()
    commission = convened(world)
    fill_and_seal(world, commission, world.follower)
    fill_and_seal(world, commission, world.tutor)
    place, form = f"/commissions/{commission.id}/accord", f"way-{commission.id}"
    tutor, follower = client_for(world.tutor), client_for(world.follower)

    asked = followed(tutor, fill_form(tutor, place, form))
    assert "quand l'autre membre l'aura choisie aussi" in asked.replace("&#39;", "'") and "Vous demandez" in asked
    assert f"{world.tutor.name} demande" in shown(follower, place)
    assert "Vous continuez" in followed(follower, fill_form(follower, place, f"keep-{form}"))
    fill_form(tutor, place, form)
    assert "est changée" in followed(follower, fill_form(follower, place, form))
    assert Commission.objects.get(pk=commission.id).mode == "together"


def test_what_a_member_asked_before_leaving_binds_nobody(world: World) -> None:
    world.submit()
    commission = convened(world)
    fill_and_seal(world, commission, world.follower)
    choose(world, commission, "together")
    absent = {"leaving": world.tutor.id, "arriving": world.second_teacher.id, "reason": "Malade"}
    fresh = Commission.objects.get(pk=commission.id)
    amend.replace_member(world.actor(world.office), fresh, absent | {"tutor_absence": "Malade"}, world.clock())

    assert choose(world, commission, "together", world.second_teacher).mode == "sealed"


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
    with pytest.raises(amend.SheetIsOut):
        choose(world, Commission.objects.get(pk=sheet.commission), "together")
