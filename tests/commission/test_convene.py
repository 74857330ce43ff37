from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portfolio.commission import amend, convene
from portfolio.documents import Commission, Grid, Link, Sheet
from portfolio.errors import Forbidden, Invalid, NotFound, NotNow
from portfolio.sheet import draw_up
from tests.support.worlds.commissions import (
    APPRECIATION,
    MEETS_AT,
    appraise,
    appraised,
    assessment_of,
    at_once,
    convened,
    drafted,
)
from tests.support.worlds.reconciled import reconciled
from tests.support.worlds.world import World

# --- convening ------------------------------------------------------------------------------------


def test_convening_makes_the_assessment_and_a_grid_for_each_and_one_for_both(world: World):
    commission = convened(world)
    assert assessment_of(commission).members == [world.follower.id, world.tutor.id]
    assert {grid.member for grid in Grid.objects(commission=commission.id)} == {
        world.follower.id,
        world.tutor.id,
        None,
    }


def test_members_who_sit_together_have_one_grid(world: World):
    commission = convened(world, mode="together")
    assert [grid.member for grid in Grid.objects(commission=commission.id)] == [None]


def test_the_mode_is_the_circulars_when_none_is_asked_for(world: World):
    assert convened(world, mode=None).mode == "sealed"


def test_a_mode_that_the_circular_does_not_allow_is_refused(world: World):
    with pytest.raises(convene.ModeNotAllowed):
        convened(world, mode="alone")


@pytest.mark.parametrize(
    ("meets_at", "allowed"),
    [
        (datetime(2027, 2, 28, 22, 59, tzinfo=UTC), False),
        (datetime(2027, 2, 28, 23, 0, tzinfo=UTC), True),  # already 1 March in Paris
        (datetime(2027, 6, 4, 21, 59, tzinfo=UTC), True),
        (datetime(2027, 6, 4, 22, 0, tzinfo=UTC), False),  # already 5 June in Paris
    ],
)
def test_a_commission_meets_within_the_circulars_calendar_in_the_academys_zone(
    world: World, tmp_path, meets_at, allowed
):
    world.placement  # noqa: B018
    with reconciled(world, tmp_path):
        if allowed:
            assert convened(world, meets_at=meets_at).meets_at == meets_at
            return
        with pytest.raises(convene.OutsideCalendar) as refused:
            convened(world, meets_at=meets_at)
        assert "01/03/2027" in refused.value.message


def test_outside_a_provisional_calendar_it_meets_and_the_record_says_so(world: World):
    outside = datetime(2027, 6, 10, 8, 0, tzinfo=UTC)
    commission = convened(world, meets_at=outside)
    assert commission.meets_at == outside
    assert Link.objects.get(name="commission_convened").data["outside_window"] is True
    amend.move(world.actor(world.office), commission, MEETS_AT, "C3", world.clock())
    assert "outside_window" not in Link.objects.get(name="commission_moved").data


def test_no_commission_for_who_sits_the_written_exam(world: World):
    world.placement  # noqa: B018
    override = {"form": "ponctuelle", "decision_reference": "DEC-2027-4"}
    candidacy = world.new_candidacy(ccf_override=override)
    with pytest.raises(convene.NotInCcf):
        convened(world, candidacy)


def test_one_live_commission_per_candidate(world: World):
    commission = convened(world)
    with pytest.raises(convene.CommissionExists):
        convened(world)
    amend.cancel(world.actor(world.office), commission, "Tuteur souffrant", world.clock())
    assert convened(world).id != commission.id


def test_only_the_office_and_the_followers_convene(world: World):
    world.placement  # noqa: B018
    values = {"meets_at": MEETS_AT, "place": "B12", "professor": world.follower.id, "second": world.tutor.id}
    for person, refusal in (
        (world.second_teacher, Forbidden),
        (world.tutor, Forbidden),
        (world.candidate, Forbidden),
        (world.new_office(world.new_school("0690027E")), NotFound),
    ):
        with pytest.raises(refusal):
            convene.convene(world.actor(person), world.candidacy, values, world.clock())
    assert convene.convene(world.actor(world.follower), world.candidacy, values, world.clock()).state == "convened"


def test_convening_leaves_no_trace_where_the_candidate_can_look(world: World, store):
    world.submit()
    seen = ("portfolios", "activities", "evidence", "attestations", "placements", "candidacies", "submissions")

    def looked_at() -> list[Any]:
        chain = f"portfolio:{world.candidacy.id}"
        kept = [list(store.database[name].find().sort("_id")) for name in seen]
        return [
            *kept,
            list(store.database.events.find({"chain": chain})),
            store.database.chains.find_one({"_id": chain}),
        ]

    before = looked_at()
    commission = convened(world)
    amend.move(world.actor(world.office), commission, MEETS_AT + timedelta(days=1), "B13", world.clock())
    assert looked_at() == before
    assert Link.objects(chain=f"assessment:{world.candidacy.id}").count() == 2


# --- moving, cancelling ---------------------------------------------------------------------------


def test_a_commission_moves_within_the_calendar(world: World):
    commission = convened(world)
    moved = amend.move(world.actor(world.office), commission, MEETS_AT + timedelta(days=3), " Salle C3 ", world.clock())
    assert (moved.meets_at, moved.place) == (MEETS_AT + timedelta(days=3), "Salle C3")
    with pytest.raises(Invalid):
        amend.move(world.actor(world.office), moved, MEETS_AT, "  ", world.clock())


def test_a_member_let_in_just_before_the_cancelling_draws_up_no_sheet(world: World):
    commission = appraised(world)
    let_in = world.actor(world.follower)
    assert let_in.seats == [(commission.id, commission.candidacy)]
    commission = amend.cancel(world.actor(world.office), commission, "La commission est reportée.", world.clock())
    with pytest.raises(NotNow) as refused:
        draw_up.draw_up(let_in, assessment_of(commission), world.clock())
    assert refused.value.code == "moved_meanwhile"
    assert Sheet.objects.count() == 0
    assert convened(world).state == "convened"


def test_a_cancelled_commission_opens_nothing_to_its_members(world: World):
    commission = convened(world)
    amend.cancel(world.actor(world.office), commission, "Tuteur souffrant", world.clock())
    with pytest.raises(NotFound):
        appraise(world, world.follower, commission, appreciation=APPRECIATION)
    with pytest.raises(amend.CommissionCancelled):
        amend.move(world.actor(world.office), commission, MEETS_AT, "B12", world.clock())


def test_nothing_of_a_commission_changes_while_a_sheet_is_out(world: World):
    sheet = drafted(world)
    commission = Commission.objects.get(pk=sheet.commission)
    office = world.actor(world.office)
    replacement = {"leaving": world.tutor.id, "arriving": world.second_teacher.id, "reason": "Absent"}
    for act in (
        lambda: amend.move(office, commission, MEETS_AT, "B13", world.clock()),
        lambda: amend.cancel(office, commission, "Erreur", world.clock()),
        lambda: amend.replace_member(office, commission, replacement, world.clock()),
    ):
        with pytest.raises(amend.SheetIsOut):
            act()


def test_a_commission_made_by_two_offices_at_once_is_made_once(world: World):
    world.placement  # noqa: B018
    outcomes = at_once([lambda: convened(world)] * 4)
    assert sum(isinstance(one, Commission) for one in outcomes) == 1
    assert all(isinstance(one, Commission | NotNow) for one in outcomes)
    assert Commission.objects(state="convened").count() == 1
