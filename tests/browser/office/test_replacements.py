"""A teacher is replaced, in a browser of each size: the office records it and ends it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser.looks import DESK, PHONE, accessible, unfold
from tests.support.worlds.commissions import convened
from tests.support.worlds.world import World


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_teacher_is_replaced_and_follows_again(
    world: World, page_for: Callable[..., Page], size: dict[str, int]
) -> None:
    convened(world)
    assert world.second_teacher
    page = page_for(world.office, viewport=size)
    page.goto(f"/etablissement/{world.school.id}/remplacements")
    accessible(page)
    page.get_by_label("Professeur remplacé").select_option(str(world.follower.id))
    page.get_by_label("Remplaçant").select_option(str(world.second_teacher.id))
    page.get_by_label("Dernier jour").fill(f"{world.later(days=60):%Y-%m-%d}")
    page.get_by_role("button", name="Enregistrer le remplacement").click()
    expect(page.get_by_role("status").first).to_contain_text("Le remplacement est enregistré et commence")
    unfold(page)
    expect(page.get_by_text(f"remplace {world.follower.name}")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Y mettre fin maintenant").click()
    expect(page.get_by_text("fini", exact=True)).to_be_visible()
    accessible(page)
