"""The inspector makes a circular, in a browser of each size."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portfolio.enrolment.circulars import annex, made
from tests.support import specimens
from tests.support.browser.looks import DESK, PHONE, accessible
from tests.support.worlds.world import World


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_circular_is_compared_with_its_annex_side_by_side(
    world: World, page_for: Callable[..., Page], size: dict[str, int]
) -> None:
    inspector = world.actor(world.inspector)
    draft = made.begin(inspector, world.session, world.clock())
    annex.deposit(inspector, draft, specimens.pdf(), "annexe.pdf", world.clock())
    page = page_for(world.inspector, viewport=size)
    for place in ("/circulaires", f"/circulaires/{draft.id}"):
        page.goto(place)
        accessible(page)
    page.get_by_role("link", name="Comparer la grille avec elle").click()
    accessible(page)
    picture = page.get_by_alt_text("Annexe, page 1")
    picture.scroll_into_view_if_needed()
    expect(picture).to_be_visible()
    page.get_by_label("J'ai comparé chaque ligne").check()
    page.get_by_role("button", name="Déclarer la comparaison").click()
    expect(page.get_by_text("grille comparée")).to_be_visible()
