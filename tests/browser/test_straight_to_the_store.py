"""Files that go straight to the store, another site for the browser; and a network that lets nobody reach it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from config.settings import Settings
from portfolio.documents import EvidenceFile
from tests.browser.test_candidate import choose, large_picture, word
from tests.support.worlds.world import PDF, World

Pages = Callable[..., Page]


@pytest.fixture
def page(world: World, page_for: Pages, settings: Settings, set_up: Callable[..., None]) -> Page:
    set_up(upload_way="presigned")
    page = page_for(world.candidate, also=settings.s3_public_endpoint_url)
    page.goto("/portfolio")
    return page


def sent_by(page: Page) -> list[str]:
    """Where each part goes, from now on: « store » or « service »."""
    sent: list[str] = []

    def asked(url: str) -> None:
        sent.append("service" if "/parts/" in url else "store")

    page.on("request", lambda request: asked(request.url) if request.method == "PUT" else None)
    return sent


def test_parts_go_straight_to_the_store(page: Page) -> None:
    sent = sent_by(page)
    choose(page, ("contrat.png", "image/png", large_picture()))
    word(page, "vérifié", "contrat.png")
    assert sent == ["store", "store"]
    assert EvidenceFile.objects.get().way == "presigned"


def test_a_network_that_refuses_the_store_is_told_and_the_service_relays(page: Page) -> None:
    sent = sent_by(page)
    page.route("**/*uploadId=*", lambda route: route.abort("connectionrefused"))
    choose(page, ("contrat.png", "image/png", large_picture()))
    word(page, "vérifié", "contrat.png")
    assert sent == ["store", "store", "service", "service"]

    choose(page, ("lettre.pdf", "application/pdf", PDF))
    word(page, "vérifié", "lettre.pdf")
    assert sent[4:] == ["service"], "it was learnt once"
    assert {file.way for file in EvidenceFile.objects} == {"relayed"}
    assert {file.state for file in EvidenceFile.objects} == {"verified"}
