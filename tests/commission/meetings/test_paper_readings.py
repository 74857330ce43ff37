"""What was written by hand counts once two members have read it alike, each from its scan."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from api.commission import paper_grids
from portfolio.commission import assess, grids
from portfolio.commission.on_paper import grid_scans, readings
from portfolio.commission.on_paper.readings import SecondReading
from portfolio.documents import Commission, GridScan, Link, Person
from portfolio.errors import NotFound
from portfolio.files.scans import LARGEST_SCAN, NotAScan, ScanTooLarge
from portfolio.policy import table
from portfolio.policy.actions import Action
from portfolio.sheet import draw_up
from portfolio.sheet.forms import content
from portfolio.store.journal import MovedMeanwhile, head, portfolio_chain
from tests.support.concurrency import in_between
from tests.support.specimens import pdf, pdf_of_pages
from tests.support.worlds.commissions import ROWS, appraised, assessment_of, grid_of, met
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")
ALIKE = SecondReading(dict.fromkeys(ROWS, "S"), "14,5", True)


@pytest.fixture
def commission(world: World) -> Commission:
    return met(world, appraised(world), on_paper=True)


def scan_of(world: World, commission: Commission) -> GridScan:
    by = world.actor(world.follower)
    return grid_scans.deposit_grid_scan(by, assessment_of(commission), pdf(), "grille.pdf", world.clock())


def keyed(world: World, scan: GridScan, person: Person | None = None) -> GridScan:
    return readings.declare_keyed(world.actor(person or world.follower), scan, world.clock())


def read(world: World, scan: GridScan, reading: SecondReading = ALIKE, person: Person | None = None) -> GridScan:
    return readings.read_again(world.actor(person or world.tutor), scan, reading, world.clock())


def drawn_up(world: World, commission: Commission) -> Any:
    return draw_up.draw_up(world.actor(world.follower), assessment_of(commission), world.clock())


def test_a_sheet_from_paper_waits_for_two_readings_and_says_them(world: World, commission: Commission) -> None:
    scan = scan_of(world, commission)
    for act in (lambda: None, lambda: keyed(world, scan)):
        act()
        with pytest.raises(readings.PaperNotReadAgain):
            drawn_up(world, commission)
    read(world, scan)
    sheet = drawn_up(world, commission)
    way = content(world.actor(world.follower), sheet)["commission"]["way"]
    assert way.startswith("saisie d'après papier") and scan.sha256[:16] in way
    assert f"par {world.follower.name}, relue par {world.tutor.name}" in way
    names = ["grid_scan_deposited", "paper_grid_keyed", "paper_grid_read_again"]
    links = Link.objects(name__in=names).order_by("seq")
    assert [(link.name, link.chain) for link in links] == [(name, f"assessment:{scan.candidacy}") for name in names]


def test_who_keyed_it_does_not_read_it_again_and_nobody_reads_what_nobody_keyed(
    world: World, commission: Commission
) -> None:
    scan = scan_of(world, commission)
    with pytest.raises(readings.NothingKeyed):
        read(world, scan)
    keyed(world, scan)
    with pytest.raises(readings.SameReader):
        read(world, scan, person=world.follower)


def test_what_differs_is_told_field_by_field_and_nothing_is_recorded(world: World, commission: Commission) -> None:
    scan = keyed(world, scan_of(world, commission))
    other = SecondReading({**ALIKE.degrees, "C42": "TS", "C49": ""}, "12", False)
    with pytest.raises(readings.ReadingDiffers) as refused:
        read(world, scan, other)
    assert set(refused.value.errors) == {"degrees.C42", "degrees.C49", "mark", "words_match"}
    sentence = "votre lecture diffère de la saisie."
    assert refused.value.errors["degrees.C42"] == [f"C42 : {sentence}"]
    assert refused.value.errors["mark"] == [f"Note : {sentence}"], "what was keyed is not handed over"
    assert scan.reload().read_by is None


def test_a_value_changed_after_it_was_read_must_be_read_again(world: World, commission: Commission) -> None:
    scan = read(world, keyed(world, scan_of(world, commission)))
    values = {"candidacy": commission.candidacy, "degrees": {"C42": "TS"}}
    grids.fill(world.actor(world.tutor), grid_of(commission), values, world.clock())
    with pytest.raises(readings.PaperNotReadAgain):
        drawn_up(world, commission)
    with pytest.raises(readings.SameReader):
        read(world, keyed(world, scan, world.tutor))
    with pytest.raises(readings.ReadingDiffers):
        read(world, scan, person=world.follower)
    read(world, scan, SecondReading({**ALIKE.degrees, "C42": "TS"}, "14,5", True), world.follower)
    assert drawn_up(world, commission).state == "draft"


def test_another_scan_must_be_keyed_and_read_too(world: World, commission: Commission) -> None:
    first = read(world, keyed(world, scan_of(world, commission)))
    by = world.actor(world.tutor)
    grid_scans.deposit_grid_scan(by, assessment_of(commission), pdf_of_pages(2), "grille.pdf", world.clock())
    with pytest.raises(readings.AnotherScan):
        keyed(world, first)
    with pytest.raises(readings.PaperNotReadAgain):
        drawn_up(world, commission)


def test_a_scan_deposited_while_the_sheet_is_drawn_up_stops_it(
    world: World, commission: Commission, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(world, keyed(world, scan_of(world, commission)))
    by, later = world.actor(world.tutor), pdf_of_pages(2)
    deposited = partial(grid_scans.deposit_grid_scan, by, assessment_of(commission), later, "grille.pdf", world.clock())
    in_between(monkeypatch, draw_up, deposited)
    with pytest.raises(MovedMeanwhile):
        drawn_up(world, commission)


def test_the_right_to_read_a_scan_is_asked_of_the_scan(
    world: World, commission: Commission, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan_of(world, commission)
    rule = table.POLICY[Action.READ_GRID_SCAN]
    monkeypatch.setitem(table.POLICY, Action.READ_GRID_SCAN, replace(rule, who=()))
    by, assessment = world.actor(world.follower), assessment_of(commission)
    with pytest.raises(NotFound):
        grid_scans.scan_link(by, assessment, world.clock())
    with pytest.raises(NotFound):
        paper_grids.counting(by, commission.id)


def test_a_scan_is_inspected_as_any_file_and_kept_once(world: World, commission: Commission) -> None:
    by, assessment = world.actor(world.follower), assessment_of(commission)
    for data, name, refusal in (
        (b"Bonjour", "note.txt", NotAScan),
        (b"%PDF-1.4\n" + b"\0" * LARGEST_SCAN, "grille.pdf", ScanTooLarge),
    ):
        with pytest.raises(refusal):
            grid_scans.deposit_grid_scan(by, assessment, data, name, world.clock())
    assert scan_of(world, commission).id == scan_of(world, commission).id
    assert "X-Amz-Expires=300" in grid_scans.scan_link(by, assessment, world.clock())


def test_the_candidate_and_the_office_have_none_of_it(world: World, commission: Commission) -> None:
    before = head(portfolio_chain(commission))
    scan, assessment = keyed(world, scan_of(world, commission)), assessment_of(commission)
    for person in (world.candidate, world.office, world.second_teacher, world.jury_member):
        by = world.actor(person)
        for act in (
            lambda by=by: grid_scans.scan_link(by, assessment, world.clock()),
            lambda by=by: grid_scans.deposit_grid_scan(by, assessment, pdf(), None, world.clock()),
            lambda by=by: readings.declare_keyed(by, scan, world.clock()),
            lambda by=by: readings.read_again(by, scan, ALIKE, world.clock()),
        ):
            with pytest.raises(NotFound):
                act()
    assert head(portfolio_chain(commission)) == before


def test_a_meeting_that_was_not_on_paper_asks_for_none_of_it(world: World) -> None:
    commission = appraised(world)
    with pytest.raises(readings.NotOnPaper):
        keyed(world, scan_of(world, commission))
    assert drawn_up(world, commission).state == "draft"


def test_a_grid_that_lacks_something_is_not_declared_keyed(world: World, commission: Commission) -> None:
    scan, values = scan_of(world, commission), {"candidacy": commission.candidacy, "proposed_mark": None}
    assess.appraise(world.actor(world.follower), assessment_of(commission), values, world.clock())
    with pytest.raises(grids.Incomplete) as refused:
        keyed(world, scan)
    assert set(refused.value.errors) == {"proposed_mark"}
