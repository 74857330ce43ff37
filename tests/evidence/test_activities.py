"""Activities: where they took place, what follows them, when they may go."""

from __future__ import annotations

import pytest

from portfolio.documents import Activity, Evidence, EvidenceFile
from portfolio.enrolment import placements
from portfolio.errors import Invalid, NotFound
from portfolio.evidence import deposit
from portfolio.sign_offs.answering import content
from tests.support.acts.depositing import activity_values, add, amend, refused_fields
from tests.support.worlds.world import World


def test_an_activity_in_a_company_comes_before_its_placement_and_no_other_has_one(world: World) -> None:
    by = world.actor(world.candidate)
    foreign = world.new_placement(world.new_candidacy())
    cancelled = world.new_placement(world.candidacy)
    placements.cancel_placement(world.actor(world.office), cancelled, "Stage annulé", world.clock())
    for wrong in (
        {"context": "classe"},
        {"placement": foreign.id},
        {"placement": cancelled.id},
    ):
        with pytest.raises(Invalid) as refusal:
            deposit.add_activity(by, world.portfolio, activity_values(world, **wrong), world.clock())
        assert refused_fields(refusal) == {"placement"}
    assert Activity.objects.count() == 0
    waiting = deposit.add_activity(by, world.portfolio, activity_values(world, placement=None), world.clock())
    assert (waiting.context, waiting.placement) == ("pfmp", None)


def test_an_activity_cannot_end_before_it_starts(world: World) -> None:
    dates = {"starts_on": "2026-06-12", "ends_on": "2026-06-01"}
    with pytest.raises(Invalid) as refusal:
        deposit.add_activity(
            world.actor(world.candidate), world.portfolio, activity_values(world, **dates), world.clock()
        )
    assert refused_fields(refusal) == {"ends_on"}


def test_dates_and_mission_of_an_activity_can_be_emptied_again(world: World) -> None:
    by = world.actor(world.candidate)
    values = activity_values(world, mission="Relancer", starts_on="2026-06-01", ends_on="2026-06-12")
    activity = deposit.add_activity(by, world.portfolio, values, world.clock())

    deposit.amend_activity(by, activity, {"ends_on": None, "mission": None}, world.clock())

    stored = Activity.objects.get(pk=activity.id)
    assert (stored.starts_on, stored.ends_on, stored.mission) == ("2026-06-01", None, None)


def test_pieces_and_files_follow_their_activity_to_another_placement(world: World) -> None:
    activity = world.activity
    piece = world.new_piece()
    file = world.upload(piece)
    first_tutor = world.tutor
    second = world.new_placement(world.candidacy)

    deposit.amend_activity(
        world.actor(world.candidate), Activity.objects.get(pk=activity.id), {"placement": second.id}, world.clock()
    )

    assert Evidence.objects.get(pk=piece.id).placement == second.id
    assert EvidenceFile.objects.get(pk=file.id).placement == second.id
    with pytest.raises(NotFound):
        content.content_for(world.actor(first_tutor), Activity.objects.get(pk=activity.id), "tutor")


def test_a_piece_moved_to_a_class_activity_leaves_the_tutors_sight_with_its_files(world: World) -> None:
    piece = world.new_piece()
    file = world.upload(piece)
    school_work = world.new_activity("classe")

    amend(world, piece, activity=school_work.id, context="classe")

    assert Evidence.objects.get(pk=piece.id).placement is None
    assert EvidenceFile.objects.get(pk=file.id).placement is None


def test_an_activity_still_in_use_is_not_withdrawn(world: World) -> None:
    by, piece = world.actor(world.candidate), world.new_piece()
    with pytest.raises(deposit.ActivityInUse):
        deposit.withdraw_activity(by, Activity.objects.get(pk=world.activity.id), world.clock())

    deposit.withdraw_piece(by, Evidence.objects.get(pk=piece.id), world.clock())
    activity = deposit.withdraw_activity(by, Activity.objects.get(pk=world.activity.id), world.clock())

    assert activity.withdrawn_at == world.clock()
    with pytest.raises(deposit.Withdrawn):
        deposit.amend_activity(by, activity, {"title": "x"}, world.clock())
    with pytest.raises(Invalid) as refusal:
        add(world, activity=activity.id)
    assert refused_fields(refusal) == {"activity"}
