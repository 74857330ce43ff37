"""What a sheet needs while nobody has read the circular, and once somebody has."""

from __future__ import annotations

import json
from typing import Any

import pytest

from portfolio.documents import Sheet
from portfolio.errors import Invalid
from portfolio.sheet import draw_up
from portfolio.sheet.annex_input import ON_PAPER
from tests.support.worlds.commissions import ROWS, appraise, convened, drafted, fill, grid_of
from tests.support.worlds.world import World


def content(sheet: Sheet) -> dict[str, Any]:
    frozen: dict[str, Any] = json.loads(sheet.content)
    return frozen


def test_a_sheet_says_that_the_portfolio_was_shown_on_paper(world: World):
    commission = convened(world, mode="together")
    fill(world, world.follower, grid_of(commission), dict.fromkeys(ROWS, "S"))
    appraise(world, world.follower, commission, proposed_mark="11")
    frozen = content(drafted(world, commission))
    assert frozen["reality"] == [ON_PAPER]
    assert (frozen["mark"]["proposed"], frozen["appreciation"], frozen["portfolio"]["pieces"]) == ("11.00", "", [])


def test_a_circular_that_was_read_refuses_a_low_mark_and_a_low_degree_without_words(bound: World):
    bound.submit()
    commission = convened(bound, mode="together")
    fill(bound, bound.follower, grid_of(commission), dict.fromkeys(ROWS, "S") | {"C1": "TI"})
    with pytest.raises(Invalid) as refused:
        appraise(bound, bound.follower, commission, proposed_mark="8")
    assert set(refused.value.errors) == {"appreciation"}
    with pytest.raises(draw_up.AssessmentIncomplete) as missing:
        drafted(bound, commission)
    assert set(missing.value.errors) == {"observations.C1", "appreciation", "proposed_mark"}
