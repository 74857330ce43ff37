"""What a member, the office or the jury does between another one's reading and writing: that one is told, and nothing
is written over it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from portfolio.commission import amend, assess, grids
from portfolio.documents import Commission, Grid, Link, Result, Sheet
from portfolio.errors import Stale
from portfolio.sheet import draw_up
from portfolio.store.journal import MovedMeanwhile
from tests.commission.test_assess import resubmitted
from tests.support.concurrency import in_between
from tests.support.worlds.commissions import (
    APPRECIATION,
    MEETS_AT,
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
)
from tests.support.worlds.juries import decide, publish
from tests.support.worlds.world import World

REPLACED = {"reason": "Hospitalisé", "tutor_absence": "Hospitalisé"}
Meanwhile = Callable[..., None]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    def arrange(verbs: Any, act: Callable[[], Any]) -> None:
        in_between(monkeypatch, verbs, act)

    return arrange


def fresh(commission: Commission) -> Commission:
    return Commission.objects.get(pk=commission.id)


def told(world: World, name: str) -> int:
    """How many times the journal says it of the world's candidate."""
    return Link.objects(chain=f"assessment:{world.candidacy.id}", name=name).count()


def move(world: World, commission: Commission) -> Commission:
    office, day = world.actor(world.office), MEETS_AT + timedelta(days=1)
    return amend.move(office, fresh(commission), day, "Salle C3", world.clock())


def take_over(world: World, commission: Commission) -> Any:
    by = world.actor(world.follower)
    return assess.choose_submission(by, assessment_of(commission), 2, world.clock())


def without_appraisal(world: World, commission: Commission) -> Sheet:
    """The tutor draws up that the candidate was absent."""
    values = {"outcome": "absent_force_majeure", "outcome_reference": "Certificat 12"}
    appraise(world, world.tutor, commission, **values)
    by = world.actor(world.tutor)
    return draw_up.draw_up(by, assessment_of(commission), world.clock())


# --- moving, cancelling, replacing ----------------------------------------------------------------


def test_a_commission_whose_sheet_was_drawn_up_meanwhile_is_not_moved(world: World, meanwhile: Meanwhile) -> None:
    commission = appraised(world)
    meanwhile(amend, lambda: drafted(world, commission))
    with pytest.raises(MovedMeanwhile):
        move(world, commission)
    assert (fresh(commission).meets_at, fresh(commission).place) == (MEETS_AT, "Salle B12")
    assert (Sheet.objects.get().state, told(world, "commission_moved")) == ("draft", 0)


def test_a_commission_whose_sheet_was_drawn_up_meanwhile_is_not_cancelled(world: World, meanwhile: Meanwhile) -> None:
    commission = appraised(world)
    meanwhile(amend, lambda: drafted(world, commission))
    with pytest.raises(MovedMeanwhile):
        amend.cancel(world.actor(world.office), fresh(commission), "Erreur de saisie", world.clock())
    assert (fresh(commission).state, Sheet.objects.get().live) == ("convened", True)
    assert told(world, "commission_cancelled") == 0


def test_a_member_is_not_replaced_once_a_sheet_was_drawn_up_meanwhile(world: World, meanwhile: Meanwhile) -> None:
    commission = appraised(world)
    values = {"leaving": world.tutor.id, "arriving": world.second_teacher.id, **REPLACED}
    meanwhile(amend, lambda: drafted(world, commission))
    with pytest.raises(amend.MembersAtWork):
        amend.replace_member(world.actor(world.office), fresh(commission), values, world.clock())
    assert fresh(commission).members == Sheet.objects.get().members == [world.follower.id, world.tutor.id]
    assert assessment_of(commission).appreciation == APPRECIATION


# --- drawing up -----------------------------------------------------------------------------------


def test_no_sheet_tells_where_a_commission_met_that_was_moved_meanwhile(world: World, meanwhile: Meanwhile) -> None:
    commission = appraised(world)
    meanwhile(draw_up, lambda: move(world, commission))
    with pytest.raises(MovedMeanwhile):
        drafted(world, commission)
    assert (Sheet.objects.count(), assessment_of(commission).state) == (0, "open")
    assert fresh(commission).meeting is None
    with pytest.raises(draw_up.AssessmentIncomplete):
        draw_up.draw_up(world.actor(world.follower), assessment_of(commission), world.clock())
    assert drafted(world, commission).state == "draft"


def test_no_sheet_of_a_commission_that_was_cancelled_meanwhile(world: World, meanwhile: Meanwhile) -> None:
    commission = appraised(world)
    office = world.actor(world.office)
    meanwhile(draw_up, lambda: amend.cancel(office, fresh(commission), "Reportée", world.clock()))
    with pytest.raises(MovedMeanwhile):
        drafted(world, commission)
    assert (Sheet.objects.count(), assessment_of(commission).state) == (0, "open")


def test_no_sheet_leaves_out_a_degree_that_a_member_gave_meanwhile(world: World, meanwhile: Meanwhile) -> None:
    commission = appraised(world)
    meanwhile(draw_up, lambda: fill(world, world.tutor, grid_of(commission), {"C1": "TS"}))
    with pytest.raises(MovedMeanwhile):
        drafted(world, commission)
    assert (Sheet.objects.count(), assessment_of(commission).state) == (0, "open")
    assert grid_of(commission).degrees["C1"] == "TS"


def test_a_sheet_whose_result_was_published_meanwhile_is_not_voided(world: World, meanwhile: Meanwhile) -> None:
    world.jury  # noqa: B018
    sheet = transmitted(world)
    decide(world, sheet, "14.5")
    decided = Sheet.objects.get(pk=sheet.id)
    meanwhile(draw_up, lambda: publish(world))
    with pytest.raises(MovedMeanwhile):
        draw_up.void(world.actor(world.jury_member), decided, "Erreur de candidat", world.clock())
    assert (Sheet.objects.get(pk=sheet.id).state, Result.objects.get().published) == ("final", True)


# --- filling, sealing -----------------------------------------------------------------------------


def test_no_degree_is_given_beside_a_sheet_drawn_up_meanwhile(world: World, meanwhile: Meanwhile) -> None:
    commission = appraised(world)
    meanwhile(grids, lambda: drafted(world, commission))
    with pytest.raises(MovedMeanwhile):
        fill(world, world.tutor, grid_of(commission), {"C1": "TS"})
    assert grid_of(commission).degrees["C1"] == "S"
    assert json.loads(Sheet.objects.get().content)["grid"]["rows"][0]["degree"]["code"] == "S"


def test_the_first_degree_is_not_given_beside_a_sheet_drawn_up_meanwhile(world: World, meanwhile: Meanwhile) -> None:
    world.submit()
    commission = convened(world)
    meanwhile(grids, lambda: without_appraisal(world, commission))
    with pytest.raises(MovedMeanwhile):
        fill(world, world.follower, grid_of(commission, world.follower), {"C1": "S"})
    assert grid_of(commission, world.follower).degrees == {}
    assert Sheet.objects.get().outcome == "absent_force_majeure"


def test_two_first_degrees_are_never_given_on_two_revisions(world: World, meanwhile: Meanwhile) -> None:
    world.new_piece()
    world.sign_off()
    world.submit()
    commission = convened(world)

    def on_the_next_one() -> None:
        resubmitted(world, commission)
        fill(world, world.tutor, grid_of(commission, world.tutor), {"C1": "TS"})

    meanwhile(grids, on_the_next_one)
    with pytest.raises(MovedMeanwhile):
        fill(world, world.follower, grid_of(commission, world.follower), {"C1": "S"})
    assert assessment_of(commission).submission == 2
    assert grid_of(commission, world.follower).degrees == {}


def test_no_grid_is_sealed_beside_a_sheet_drawn_up_meanwhile(world: World, meanwhile: Meanwhile) -> None:
    world.submit()
    commission = convened(world)
    mine = fill(world, world.follower, grid_of(commission, world.follower), dict.fromkeys(ROWS, "S"))
    meanwhile(grids, lambda: without_appraisal(world, commission))
    with pytest.raises(MovedMeanwhile):
        grids.seal(world.actor(world.follower), mine, world.clock())
    assert grid_of(commission, world.follower).sealed_at is None


def test_the_seal_that_the_other_member_overtook_opens_both_grids(world: World, meanwhile: Meanwhile) -> None:
    world.submit()
    commission = convened(world)
    mine = fill(world, world.follower, grid_of(commission, world.follower), dict.fromkeys(ROWS, "S"))
    meanwhile(grids, lambda: fill_and_seal(world, commission, world.tutor, C44="TS"))
    grids.seal(world.actor(world.follower), mine, world.clock())
    assert {(grid.sealed_at, grid.opened) for grid in Grid.objects(member__ne=None)} == {(world.clock(), True)}
    assert grid_of(commission).degrees == dict.fromkeys(set(ROWS) - {"C44"}, "S")


# --- taking over a newer revision -----------------------------------------------------------------


def test_a_degree_given_together_meanwhile_keeps_a_newer_revision_from_being_taken_over(
    world: World, meanwhile: Meanwhile
) -> None:
    world.submit()
    commission = convened(world, mode="together")
    fill(world, world.tutor, grid_of(commission), {"C1": "S"})
    resubmitted(world, commission)
    meanwhile(assess, lambda: fill(world, world.tutor, grid_of(commission), {"C42": "TS"}))
    with pytest.raises(Stale) as refused:
        take_over(world, commission)
    assert refused.value.thing == grid_of(commission)
    assert (assessment_of(commission).submission, told(world, "submission_taken_over")) == (1, 0)
    assert grid_of(commission).degrees == {"C1": "S", "C42": "TS"}


def test_a_grid_sealed_meanwhile_keeps_a_newer_revision_from_being_taken_over(
    world: World, meanwhile: Meanwhile
) -> None:
    world.submit()
    commission = convened(world)
    fill(world, world.follower, grid_of(commission, world.follower), {"C1": "S"})
    resubmitted(world, commission)
    meanwhile(assess, lambda: fill_and_seal(world, commission, world.tutor))
    with pytest.raises(Stale):
        take_over(world, commission)
    assert assessment_of(commission).submission == 1
    assert grid_of(commission, world.tutor).sealed_at == world.clock()


def test_no_newer_revision_is_taken_over_beside_a_sheet_drawn_up_meanwhile(world: World, meanwhile: Meanwhile) -> None:
    commission = appraised(world)
    resubmitted(world, commission)
    meanwhile(assess, lambda: drafted(world, commission))
    with pytest.raises(Stale):
        take_over(world, commission)
    assert (assessment_of(commission).state, assessment_of(commission).submission) == ("drawn_up", 1)
    assert grid_of(commission, world.follower).opened is True


def test_a_degree_given_for_a_revision_left_meanwhile_is_told_so(world: World, meanwhile: Meanwhile) -> None:
    world.submit()
    commission = convened(world, mode="together")
    fill(world, world.tutor, grid_of(commission), {"C1": "S"})
    resubmitted(world, commission)
    meanwhile(grids, lambda: take_over(world, commission))
    with pytest.raises(Stale):
        fill(world, world.tutor, grid_of(commission), {"C42": "TS"})
    assert (assessment_of(commission).submission, grid_of(commission).degrees) == (2, {"C1": "S"})
