"""A scan deposited by mistake is withdrawn by a member while it served nothing, and its bytes are erased."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portfolio.commission.amend import SheetIsOut
from portfolio.commission.on_paper import grid_scans, readings
from portfolio.commission.on_paper.grid_scans import GridScanServed, WhyWithdrawn
from portfolio.documents import Commission, GridScan, Link, Person
from portfolio.errors import NotFound
from portfolio.mail.outbox_handlers import HANDLERS
from portfolio.sheet import draw_up
from portfolio.store.connections import storage
from portfolio.store.outbox import deliver_due
from tests.support.specimens import pdf, pdf_of_pages
from tests.support.worlds.commissions import ROWS, appraised, assessment_of, met
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")


@pytest.fixture
def commission(world: World) -> Commission:
    return met(world, appraised(world), on_paper=True)


def deposited(world: World, commission: Commission, data: bytes | None = None) -> GridScan:
    by = world.actor(world.follower)
    return grid_scans.deposit_grid_scan(by, assessment_of(commission), data or pdf(), "grille.pdf", world.clock())


def withdrawn(world: World, scan: GridScan, person: Person | None = None) -> GridScan:
    by = world.actor(person or world.follower)
    return grid_scans.withdraw_grid_scan(by, scan, WhyWithdrawn.OTHER_CANDIDATE, world.clock())


def read_by_both(world: World, scan: GridScan) -> None:
    readings.declare_keyed(world.actor(world.follower), scan, world.clock())
    reading = readings.SecondReading(dict.fromkeys(ROWS, "S"), "14,5", True)
    readings.read_again(world.actor(world.tutor), scan, reading, world.clock())


def test_its_bytes_go_a_day_later_and_the_journal_says_who_and_why(world: World, commission: Commission) -> None:
    scan = deposited(world, commission)
    withdrawn(world, scan)
    with pytest.raises(grid_scans.NoGridScan):
        grid_scans.scan_link(world.actor(world.follower), assessment_of(commission), world.clock())
    deliver_due(HANDLERS, world.clock)
    assert storage().head(scan.key) == len(pdf()), "a backup that began before can finish"
    later = world.clock() + timedelta(days=1, minutes=1)
    for _ in range(2):  # an errand may run twice
        deliver_due(HANDLERS, lambda: later)
        assert storage().head(scan.key) is None
        grid_scans.erase_withdrawn({"payload": {"scan": scan.id}}, later)
    link = Link.objects.get(name="grid_scan_withdrawn")
    assert (link.by, link.chain) == (str(world.follower.id), f"assessment:{scan.candidacy}")
    assert link.data == {"sha256": scan.sha256, "why": "other_candidate"}


def test_the_scan_before_it_counts_again_with_what_was_read_of_it(world: World, commission: Commission) -> None:
    right = deposited(world, commission)
    read_by_both(world, right)
    wrong = deposited(world, commission, pdf_of_pages(2))
    with pytest.raises(readings.PaperNotReadAgain):
        draw_up.draw_up(world.actor(world.follower), assessment_of(commission), world.clock())
    withdrawn(world, wrong, world.tutor)
    assert draw_up.draw_up(world.actor(world.follower), assessment_of(commission), world.clock()).state == "draft"
    with pytest.raises(SheetIsOut):
        withdrawn(world, right)


def test_one_that_another_replaced_is_withdrawn_too_and_the_same_file_may_come_again(
    world: World, commission: Commission
) -> None:
    wrong, right = deposited(world, commission), deposited(world, commission, pdf_of_pages(2))
    withdrawn(world, wrong)
    assert withdrawn(world, wrong).discarded_at == wrong.discarded_at, "once"
    assert grid_scans.last_scan(assessment_of(commission)) == right
    withdrawn(world, right)
    again = deposited(world, commission, pdf_of_pages(2))
    assert again.id != right.id and again.discarded_at is None


def test_what_was_read_again_or_gave_a_sheet_stays(world: World, commission: Commission) -> None:
    scan = deposited(world, commission)
    read_by_both(world, scan)
    with pytest.raises(GridScanServed):
        withdrawn(world, scan)
    sheet = draw_up.draw_up(world.actor(world.follower), assessment_of(commission), world.clock())
    draw_up.void(world.actor(world.follower), sheet, "Le lieu est faux.", world.clock())
    readings.declare_keyed(world.actor(world.follower), scan.reload(), world.clock())
    with pytest.raises(GridScanServed):
        withdrawn(world, scan.reload())


def test_nobody_else_withdraws_it(world: World, commission: Commission) -> None:
    scan = deposited(world, commission)
    for person in (world.candidate, world.office, world.second_teacher, world.jury_member):
        with pytest.raises(NotFound):
            withdrawn(world, scan, person)
    assert scan.reload().discarded_at is None
