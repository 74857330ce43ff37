"""Who gives up, in a browser of each size: the office records it, the candidate reads it, who sits too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser.looks import DESK, PHONE, accessible, unfold
from tests.support.worlds.commissions import convened
from tests.support.worlds.world import World

PageFor = Callable[..., Page]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_an_abandonment_is_recorded_read_and_taken_back(world: World, page_for: PageFor, size: dict[str, int]) -> None:
    commission = convened(world)
    page = page_for(world.office, viewport=size)
    page.goto(f"/etablissement/candidats/{world.candidacy.id}")
    unfold(page)
    accessible(page)
    page.get_by_label("Jour de l'abandon").fill("2026-11-20")
    page.locator("form", has=page.get_by_label("Jour de l'abandon")).get_by_label("Motif").fill("Il a trouvé un emploi")
    page.get_by_role("button", name="Enregistrer l'abandon").click()
    expect(page.get_by_role("status").first).to_contain_text("L'abandon est enregistré")
    unfold(page)
    accessible(page)
    page.goto(f"/etablissement/{world.school.id}/candidats?session={world.session}")
    expect(page.get_by_text("a abandonné").first).to_be_visible()
    accessible(page)
    own = page_for(world.candidate, viewport=size)
    own.goto("/portfolio")
    expect(own.get_by_text("Il a trouvé un emploi")).to_be_visible()
    accessible(own)
    member = page_for(world.follower, viewport=size)
    for address in ("/commissions", f"/classe/commissions/{commission.id}", f"/classe/candidats/{world.candidacy.id}"):
        member.goto(address)
        expect(member.get_by_text("a abandonné").first).to_be_visible()
        accessible(member)
