"""A stage that was shortened, read by the jury beside a sheet and beside a situation without appraisal."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portfolio.commission import office_outcomes
from portfolio.documents import Candidacy
from portfolio.enrolment import training
from tests.support.browser.looks import DESK, PHONE, accessible, unfold
from tests.support.worlds.juries import sheet_of
from tests.support.worlds.world import World

PageFor = Callable[..., Page]
SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
REDUCED: Any = {"stage_reduction": {"days": 45, "decided_by": "recteur", "reference": "Raison de santé"}}
TOLD = re.compile(r"Durée de stage réduite à 45\sjours, sur décision du recteur \(arrêté, annexe\sIII\sC\)")


@SIZES
def test_the_jury_reads_beside_a_sheet_that_a_stage_was_shortened(
    world: World, page_for: PageFor, size: dict[str, int]
) -> None:
    sheet = sheet_of(world)
    candidacy = Candidacy.objects.get(pk=sheet.candidacy)
    training.record_training(world.actor(world.office), candidacy, REDUCED, world.clock())
    _read(page_for(world.jury_member, viewport=size), f"/jury/fiches/{sheet.id}")


@SIZES
def test_the_jury_reads_it_beside_a_situation_without_appraisal(
    world: World, page_for: PageFor, size: dict[str, int]
) -> None:
    by = world.actor(world.office)
    candidacy = training.record_training(by, world.candidacy, REDUCED, world.clock())
    outcome = office_outcomes.record_outcome(by, candidacy, {"outcome": "absent"}, world.clock())
    _read(page_for(world.jury_member, viewport=size), f"/jury/situations/{outcome.id}")


@pytest.fixture(autouse=True)
def _sitting(world: World) -> None:
    _ = world.jury


def _read(page: Page, path: str) -> None:
    page.goto(path)
    unfold(page)
    expect(page.get_by_text(TOLD)).to_be_visible()
    assert "Raison de santé" not in page.content()
    accessible(page)
