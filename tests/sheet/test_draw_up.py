from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from portfolio.commission import assess
from portfolio.commission.amend import SheetIsOut
from portfolio.commission.on_paper import grid_scans, readings
from portfolio.documents import Commission, Evidence, Link, Sheet
from portfolio.enrolment import enrol
from portfolio.errors import NotFound, Stale
from portfolio.sheet import draw_up, forms
from portfolio.sheet.sheet_input import numbered
from tests.support.specimens import pdf
from tests.support.worlds.commissions import (
    APPRECIATION,
    ROWS,
    appraise,
    appraised,
    assessment_of,
    at_once,
    convened,
    drafted,
    fill,
    fill_and_seal,
    grid_of,
    met,
)
from tests.support.worlds.world import World


def content(sheet: Sheet) -> dict[str, Any]:
    frozen: dict[str, Any] = json.loads(sheet.content)
    return frozen


# --- drawing up -----------------------------------------------------------------------------------


def test_a_sheet_freezes_what_was_decided(world: World):
    commission = appraised(world, mark="14,5")
    piece = Evidence.objects.get()
    by = world.actor(world.tutor)
    assess.retain(by, assessment_of(commission), piece.id, True, world.clock())
    fill(world, world.tutor, grid_of(commission), {"C49": "TS"}, C1="Très à l'aise")
    sheet = drafted(world, commission)
    frozen = content(sheet)
    rows = {row["code"]: row for row in frozen["grid"]["rows"]}
    assert (
        frozen["mark"] == {"proposed": "14.50", "step": "0.50", "out_of": 20} or frozen["mark"]["proposed"] == "14.50"
    )
    assert (rows["C1"]["degree"]["code"], rows["C1"]["observation"], rows["C1"]["evidence"]) == (
        "S",
        "Très à l'aise",
        ["P1"],
    )
    assert rows["C49"]["degree"]["code"] == "TS"
    assert frozen["appreciation"] == APPRECIATION
    assert [piece["number"] for piece in frozen["portfolio"]["pieces"]] == ["P1"]
    assert [member["name"] for member in frozen["commission"]["members"]] == [world.follower.name, world.tutor.name]
    assert frozen["commission"]["met_on"] == f"{world.clock():%Y-%m-%d}"  # as held, not as convened
    assert frozen["commission"]["present"] == [world.follower.name, world.tutor.name]
    assert [one["company"] for one in frozen["placements"]] == ["Assurances du Rhône"]
    assert frozen["candidate"]["number"] == world.candidacy.candidate_number
    assert sheet.digest == hashlib.sha256(sheet.content.encode()).hexdigest()
    assert (sheet.state, assessment_of(commission).state) == ("draft", "drawn_up")


def test_a_sheet_carries_the_heads_of_both_chains_as_they_stood(world: World):
    sheet = drafted(world)
    heads = content(sheet)["chain_head"].split()
    for name, head in zip(("assessment", "portfolio"), heads, strict=True):
        seq, _, mac = head.partition(":")
        assert Link.objects.get(chain=f"{name}:{world.candidacy.id}", seq=int(seq)).mac == mac


def test_a_sheet_tells_who_confirmed_the_activities_of_the_frozen_portfolio(world: World):
    frozen = content(drafted(world))
    assert frozen["reality"] == [
        "Activités à confirmer par le tuteur – confirmées : 1.",
        "Activités à confirmer par un professeur – confirmées : 1.",
    ]
    assert [(one["about"], one["evaluated"]) for one in frozen["evaluations"]] == [
        ("Assurances du Rhône", "Réalité des activités non évaluée conjointement.")
    ]
    assert [placement["kind"] for placement in frozen["placements"]] == ["Stage"]
    assert {"label": "Réalité évaluée", "value": "0 sur 1 période"} in frozen["control"]


def test_pieces_keep_their_number_whatever_is_retained():
    manifest = {"pieces": [{"id": "b"}, {"id": "a"}]}
    assert numbered(manifest) == {"b": "P1", "a": "P2"}
    assert numbered({}) == {}


def test_nothing_is_drawn_up_of_an_unfinished_appraisal(world: World):
    world.submit()
    commission = convened(world)
    with pytest.raises(draw_up.AssessmentIncomplete) as refused:
        drafted(world, commission)
    assert set(refused.value.errors) == {"grid", "proposed_mark"}
    fill_and_seal(world, commission, world.follower)
    fill_and_seal(world, commission, world.tutor, C1="TS")
    appraise(world, world.tutor, commission, appreciation=APPRECIATION, proposed_mark="12")
    with pytest.raises(draw_up.AssessmentIncomplete) as refused:
        drafted(world, commission)
    assert set(refused.value.errors) == {"degrees.C1"}


def test_members_who_sit_together_need_no_seal(world: World):
    assert drafted(world, appraised(world, mode="together")).state == "draft"


def test_without_a_portfolio_only_an_outcome_is_drawn_up(world: World):
    commission = convened(world)
    with pytest.raises(draw_up.AssessmentIncomplete):
        drafted(world, commission)
    appraise(world, world.follower, commission, outcome="no_portfolio")
    frozen = content(drafted(world, commission))
    assert frozen["outcome"]["label"] == "Portfolio non remis"
    assert (frozen["mark"], frozen["portfolio"]["revision"]) == (None, 0)
    assert {row["degree"] for row in frozen["grid"]["rows"]} == {None}


def test_an_outcome_leaves_the_degrees_and_the_observations_out(world: World):
    commission = appraised(world)
    values = {"outcome": "absent_force_majeure", "outcome_reference": "Certificat 12", "proposed_mark": None}
    appraise(world, world.follower, commission, **values)
    sheet = drafted(world, commission)
    frozen = content(sheet)
    assert {row["degree"] for row in frozen["grid"]["rows"]} == {None}
    assert frozen["outcome"]["reference"] == "Certificat 12"
    assert (sheet.outcome, sheet.proposed_mark) == ("absent_force_majeure", 0)
    assert grid_of(commission).degrees["C1"] == "S"


def test_a_second_professor_signs_in_the_place_of_the_absent_tutor(world: World):
    world.placement  # noqa: B018
    commission = appraised(world, second=world.second_teacher.id, tutor_absence="En congé")
    frozen = content(drafted(world, commission))
    assert frozen["commission"]["tutor_absence"] == "En congé"
    assert frozen["commission"]["members"][1]["name"] == world.second_teacher.name


def test_numbers_follow_each_other_in_a_school_and_session(world: World):
    first = drafted(world)
    assert first.number == "2027-0690026D-0001"
    other = world.new_candidacy()
    commission = convened(world, other)
    appraise(world, world.follower, commission, outcome="no_portfolio")
    assert drafted(world, commission).number == "2027-0690026D-0002"


def test_a_rehearsal_has_a_series_of_its_own(store, clock):
    world = World(clock, session="2027R")
    sheet = drafted(world)
    assert sheet.number == "2027R-0690026D-0001"
    assert content(sheet)["session"] == {"code": "2027R", "rehearsal": True}


def test_a_whole_school_drawing_up_at_once_shares_no_number(world: World):
    commissions = [convened(world, world.new_candidacy()) for _ in range(5)]
    for commission in commissions:
        appraise(world, world.follower, commission, outcome="no_portfolio")
    sheets = at_once([lambda one=one: drafted(world, one) for one in commissions])
    assert sorted(sheet.number for sheet in sheets) == [f"2027-0690026D-{number:04}" for number in range(1, 6)]


def test_both_members_drawing_up_at_once_make_one_sheet(world: World):
    commission = appraised(world)
    outcomes = at_once(
        [
            lambda one=one: draw_up.draw_up(world.actor(one), assessment_of(commission), world.clock())
            for one in (world.follower, world.tutor)
        ]
    )
    assert sum(isinstance(one, Sheet) for one in outcomes) == 1
    assert all(isinstance(one, Sheet | SheetIsOut | Stale) for one in outcomes)
    assert Sheet.objects.count() == 1


def test_only_the_members_draw_up(world: World):
    commission = appraised(world)
    for person in (world.office, world.second_teacher, world.candidate, world.jury_member):
        with pytest.raises(NotFound):
            draw_up.draw_up(world.actor(person), assessment_of(commission), world.clock())


def test_a_later_change_of_the_candidates_name_does_not_reach_the_sheet(world: World):
    sheet = drafted(world)
    office = world.actor(world.office)
    fresh = type(world.candidacy).objects.get(pk=world.candidacy.id)
    enrol.amend_candidacy(office, fresh, {"birth_name": "Autrement"}, world.clock())
    assert forms.content(world.actor(world.tutor), sheet)["candidate"]["birth_name"] == world.candidacy.birth_name


@pytest.mark.usefixtures("bucket")
def test_a_sheet_keyed_from_paper_equals_the_other_but_for_its_way(world: World):
    online = content(drafted(world))
    sheet = Sheet.objects.get()
    draw_up.void(world.actor(world.follower), sheet, "Saisie à refaire", world.clock())
    commission = met(world, Commission.objects.get(pk=sheet.commission), on_paper=True)
    members, assessment = [world.actor(person) for person in (world.follower, world.tutor)], assessment_of(commission)
    scan = grid_scans.deposit_grid_scan(members[0], assessment, pdf(), None, world.clock())
    readings.declare_keyed(members[0], scan, world.clock())
    alike = readings.SecondReading(dict.fromkeys(ROWS, "S"), "14,5", True)
    readings.read_again(members[1], scan, alike, world.clock())
    keyed = content(draw_up.draw_up(members[0], assessment_of(commission), world.clock()))
    assert "relue par" in keyed["commission"].pop("way") and online["commission"].pop("way") == ""
    for each in (online, keyed):
        del each["number"], each["chain_head"]
    assert keyed == online
