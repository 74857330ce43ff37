"""The appreciation, the mark and the outcome: as typed, and closed once a sheet is drawn up."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portfolio.commission import assess, grids
from portfolio.commission.amend import SheetIsOut
from portfolio.documents import Commission, Evidence, Grid, Link
from portfolio.errors import Invalid, NotNow, Stale
from portfolio.rules.texts.circular import circular_for
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from tests.support.acts.appraising import admit, retain
from tests.support.worlds.commissions import (
    APPRECIATION,
    appraise,
    appraised,
    assessment_of,
    at_once,
    drafted,
    fill,
    grid_of,
)
from tests.support.worlds.reconciled import reconciled
from tests.support.worlds.world import World


def test_the_mark_is_what_was_typed_whatever_the_degrees(world: World):
    commission = appraised(world, mark="7,5", degree="TS")
    assert assessment_of(commission).proposed_mark == Decimal("7.50")


def test_every_mark_of_the_circulars_step_is_kept_exactly_and_no_other(world: World, commission: Commission):
    rule = circular_for("2027", BTS_ASSURANCE_E5).mark

    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(-100, 2200), st.sampled_from(".,"))
    def kept(hundredths: int, point: str) -> None:
        mark = Decimal(hundredths) / 100
        typed = str(mark).replace(".", point)
        on_scale = 0 <= mark <= rule.maximum and mark % rule.step == 0
        try:
            assessment = appraise(world, world.follower, commission, appreciation=APPRECIATION, proposed_mark=typed)
        except Invalid as refusal:
            assert not on_scale
            assert set(refusal.errors) == {"proposed_mark"}
            return
        assert on_scale
        assert assessment_of(commission).proposed_mark == mark == assessment.proposed_mark

    kept()


def test_a_low_mark_is_explained_where_a_circular_was_read(world: World, commission: Commission, tmp_path):
    appraise(world, world.follower, commission, proposed_mark="9,5")
    with reconciled(world, tmp_path):
        _explained(world, commission)


def _explained(world: World, commission: Commission) -> None:
    with pytest.raises(Invalid) as refused:
        appraise(world, world.follower, commission, proposed_mark="9,5")
    assert set(refused.value.errors) == {"appreciation"}
    appraise(world, world.follower, commission, proposed_mark="10")
    with pytest.raises(Invalid):
        appraise(world, world.follower, commission, proposed_mark="9,5", appreciation="   ")
    appraise(world, world.follower, commission, proposed_mark="9,5", appreciation="Un seul outil montré.")
    with pytest.raises(Invalid):
        appraise(world, world.follower, commission, appreciation=None)


def test_an_outcome_is_one_of_those_offered_and_leaves_the_grids_alone(world: World, commission: Commission):
    with pytest.raises(Invalid) as refused:
        appraise(world, world.follower, commission, outcome="holiday", proposed_mark=None)
    assert "no_portfolio" in refused.value.errors["outcome"][0]
    values = {"outcome": "dispensed", "outcome_reference": "DEC 2027-18", "proposed_mark": None}
    assert appraise(world, world.follower, commission, **values).outcome_reference == "DEC 2027-18"
    with pytest.raises(grids.OutcomeChosen):
        fill(world, world.follower, grid_of(commission, world.follower), {"C1": "S"})
    assert appraise(world, world.follower, commission, outcome=None).outcome_reference is None


def test_only_the_mark_that_the_circular_gives_goes_with_an_outcome(world: World, commission: Commission):
    values = {"outcome": "absent_force_majeure", "outcome_reference": "Certificat 12"}
    with pytest.raises(Invalid):
        appraise(world, world.follower, commission, proposed_mark="12", **values)
    assert appraise(world, world.follower, commission, proposed_mark="0", **values).proposed_mark == 0


def test_two_members_appraising_at_once_are_both_heard(world: World, commission: Commission):
    seen = [assessment_of(commission) for _ in range(2)]
    said = [
        (world.follower, {"candidacy": world.candidacy.id, "proposed_mark": "12"}),
        (world.tutor, {"candidacy": world.candidacy.id, "appreciation": APPRECIATION}),
    ]
    acts = [
        lambda one=one, thing=thing: assess.appraise(world.actor(one[0]), thing, one[1], world.clock())
        for one, thing in zip(said, seen, strict=True)
    ]
    outcomes = at_once(acts)
    late = next(index for index, one in enumerate(outcomes) if isinstance(one, Stale))
    person, values = said[late]
    assess.appraise(world.actor(person), assessment_of(commission), values, world.clock())
    assessment = assessment_of(commission)
    assert (assessment.proposed_mark, assessment.appreciation) == (12, APPRECIATION)


def test_nothing_moves_once_a_sheet_is_drawn_up(world: World):
    sheet = drafted(world)
    commission = Commission.objects.get(pk=sheet.commission)
    production = Evidence.objects.get().id
    for act in (
        lambda: fill(world, world.tutor, grid_of(commission), {"C1": "TS"}),
        lambda: retain(world, commission, production),
        lambda: admit(world, commission, production),
        lambda: appraise(world, world.tutor, commission, proposed_mark="20"),
        lambda: assess.choose_submission(world.actor(world.tutor), assessment_of(commission), 1, world.clock()),
    ):
        with pytest.raises(SheetIsOut):
            act()


def test_events_name_no_degree_no_mark_and_no_word(world: World):
    commission = appraised(world, mark="14,5")
    retain(world, commission, Evidence.objects.get().id)
    told = [(link.name, link.data) for link in Link.objects(chain=f"assessment:{world.candidacy.id}").order_by("seq")]
    assert [name for name, _ in told] == [
        "commission_convened",
        *["grid_filled", "grid_sealed"] * 2,
        "assessment_appraised",
        "meeting_recorded",
        "piece_retained",
    ]
    said = {str(value) for _, data in told for value in data.values()}
    assert not {"14.5", "14.50", "14,5", APPRECIATION, "S"} & said


def test_an_act_that_crosses_the_drawing_up_of_a_sheet_is_refused(world: World):
    commission = appraised(world)
    shared = grid_of(commission)
    outcomes = at_once(
        [
            lambda: drafted(world, commission),
            lambda: fill(world, world.tutor, shared, {"C1": "TS"}),
        ]
    )
    sheet, filled = outcomes
    assert isinstance(filled, Grid | NotNow | Stale)
    if not isinstance(sheet, NotNow | Stale):
        degree = next(row["degree"]["code"] for row in _rows(sheet) if row["code"] == "C1")
        assert degree == grid_of(commission).degrees["C1"]


def _rows(sheet: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(sheet.content)["grid"]["rows"]
    return rows


def test_a_save_made_before_another_revision_than_the_one_appraised_is_refused(world: World, commission: Commission):
    by, grid = world.actor(world.follower), grid_of(commission, world.follower)
    values = {"candidacy": grid.candidacy, "degrees": {"C1": "S"}}
    with pytest.raises(assess.OtherSubmission):
        grids.fill(by, grid, values | {"submission": 2}, world.clock())
    assert grids.fill(by, grid, values | {"submission": 1}, world.clock()).degrees == {"C1": "S"}
    said = {"candidacy": grid.candidacy, "appreciation": "Bien."}
    with pytest.raises(assess.OtherSubmission):
        assess.appraise(by, assessment_of(commission), said | {"submission": None}, world.clock())
    assert (
        assess.appraise(by, assessment_of(commission), said | {"submission": 1}, world.clock()).appreciation == "Bien."
    )
