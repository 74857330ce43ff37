"""Files on their way: in two tabs, on a network that hangs, and refused for what is not the network's fault."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from portfolio.documents import Evidence, EvidenceFile
from tests.browser.test_candidate import choose, word
from tests.support.worlds.world import PDF, World

Pages = Callable[..., Page]
LETTER = ("lettre.pdf", "application/pdf", PDF)


def test_a_file_not_to_be_sent_is_sent_by_no_tab(world: World, page_for: Pages) -> None:
    page = page_for(world.candidate)
    page.context.route("**/preuves/nouvelle", lambda route: route.abort())
    page.goto("/portfolio")
    choose(page, LETTER)
    word(page, "sur ce téléphone", "lettre.pdf")
    other = page.context.new_page()
    other.goto("/portfolio")
    word(other, "sur ce téléphone", "lettre.pdf")
    page.get_by_role("button", name="Ne pas envoyer").click()
    for tab in (page, other):
        expect(tab.locator("[data-sending] li")).to_have_count(0)
    page.context.unroute("**/preuves/nouvelle")
    choose(other, ("reçu.pdf", "application/pdf", PDF))  # it goes after whatever else its tab would send
    word(other, "vérifié", "reçu.pdf")
    assert [file.name for file in EvidenceFile.objects] == ["reçu.pdf"]
    assert Evidence.objects.count() == 1


def test_a_request_that_hangs_is_made_again(world: World, page_for: Pages) -> None:
    page, held = page_for(world.candidate), list[Route]()
    page.clock.install()
    page.goto("/portfolio")
    page.route("**/parts/1", lambda route: held.append(route) if not held else route.continue_())
    with page.expect_request("**/parts/1"):
        choose(page, LETTER)
    page.clock.fast_forward(61_000)
    expect(page.locator("[data-sending] li").get_by_role("status")).to_contain_text("Le service ne répond pas")
    page.clock.fast_forward(2_000)
    word(page, "vérifié", "lettre.pdf")
    assert EvidenceFile.objects.get().state == "verified"


# What the service, or a server in front of it, answers: (status, media type, body), and what is then told.
ANSWERS = {
    "signed out": (
        (401, "application/problem+json", '{"code": "unauthenticated", "detail": "Connectez-vous."}'),
        "Votre session est terminée",
    ),
    "too large for the proxy": ((413, "text/html", "<h1>413</h1>"), "trop volumineux"),
    "refused": (
        (409, "application/problem+json", '{"code": "portfolio_submitted", "detail": "Votre portfolio est remis."}'),
        "Votre portfolio est remis.",
    ),
}


@pytest.mark.parametrize("why", ANSWERS)
def test_what_stops_a_file_is_told_as_it_is(world: World, page_for: Pages, why: str) -> None:
    (status, kind, body), words = ANSWERS[why]
    page = page_for(world.candidate)
    page.goto("/portfolio")
    page.route("**/evidence/*/files", lambda route: route.fulfill(status=status, content_type=kind, body=body))
    choose(page, LETTER)
    row = page.locator("[data-sending] li")
    expect(row.get_by_role("status")).to_contain_text(words)
    expect(row).not_to_contain_text("connexion manque")
    expect(row.get_by_role("link", name="Se reconnecter")).to_have_count(1 if status == 401 else 0)
    page.unroute("**/evidence/*/files")
    row.get_by_role("button", name="Réessayer").click()
    word(page, "vérifié", "lettre.pdf")


def test_a_fault_of_the_page_is_not_blamed_on_the_network(world: World, page_for: Pages) -> None:
    page = page_for(world.candidate)
    page.add_init_script("SubtleCrypto.prototype.digest = () => { throw new TypeError('ours'); };")
    page.goto("/portfolio")
    choose(page, LETTER)
    expect(page.locator("[data-sending] li").get_by_role("status")).to_contain_text("Cette page a rencontré une erreur")
