"""A candidate who is enrolled again takes pieces along, in a browser of each size; both sides read whence they come."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser.looks import DESK, PHONE, accessible
from tests.support.lives.repeating import enrolled_again, worked
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_repeater_chooses_what_goes_along(world: World, page_for: Callable[..., Page], size: dict[str, int]) -> None:
    piece, portfolio = worked(world), enrolled_again(world)
    page = page_for(world.candidate, viewport=size)
    page.goto(f"/portfolio/{portfolio.id}/reprise")
    accessible(page)
    box = page.locator("label", has=page.get_by_label(piece.title)).bounding_box()
    assert box is not None and box["height"] >= 44
    page.get_by_role("button", name="Reprendre ces preuves").click()
    expect(page.get_by_text("Cochez au moins une preuve").first).to_be_visible()
    accessible(page)
    page.get_by_label(piece.title).check()
    page.get_by_role("button", name="Reprendre ces preuves").click()
    expect(page.get_by_role("status").first).to_contain_text("1 preuve est reprise")
    accessible(page)
    page.goto(f"/portfolio/{portfolio.id}/reprise")
    expect(page.get_by_text("Déjà reprise")).to_be_visible()
    accessible(page)
    teacher = page_for(world.follower, viewport=size)
    teacher.goto(f"/classe/candidats/{portfolio.id}")
    expect(teacher.get_by_text("eprise de la session 2027").first).to_be_visible()
    accessible(teacher)
