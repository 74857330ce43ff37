"""Mail scanners fetch a tutor's link as often as they like: nothing is signed by that, and the tutor still signs."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Attestation
from portfolio.store.connections import Connections
from tests.support.worlds.world import World
from tests.web.tutor.browser import Browser

SCANNERS = (
    "Mozilla/5.0 (compatible; Microsoft Defender SafeLinks)",
    "BarracudaCentral/1.0",
    "Mimecast-URL-Protect",
    "Slackbot-LinkExpanding 1.0",
    "curl/8.5.0",
    "",
)


def state(store: Connections) -> list[Any]:
    names = ("sign_off_links", "sign_ins", "attestations", "events", "outbox", "asked_ways", "drafts")
    return [list(store.database[name].find().sort("_id", 1)) for name in names]


def scan(anonymous: FlaskClient, token: str, times: int) -> None:
    for number in range(times):
        method = ("GET", "HEAD", "OPTIONS")[number % 3]
        agent = SCANNERS[number % len(SCANNERS)]
        answer = anonymous.open(f"/s/{token}", method=method, headers={"User-Agent": agent})
        assert answer.status_code == (204 if method == "OPTIONS" else 200)
        assert token not in str(answer.headers)


def test_scanners_fetch_the_link_sixty_times_and_the_tutor_signs_normally(
    world: World, store: Connections, anonymous: FlaskClient, browser: Browser, token: str
) -> None:
    _scanned_then_signed(store, anonymous, browser, token, 60)


@pytest.mark.endure
def test_scanners_fetch_the_link_a_thousand_times_and_the_tutor_signs_normally(
    world: World, store: Connections, anonymous: FlaskClient, browser: Browser, token: str
) -> None:
    _scanned_then_signed(store, anonymous, browser, token, 1000)


def _scanned_then_signed(store: Connections, anonymous: FlaskClient, browser: Browser, token: str, times: int) -> None:
    before = state(store)
    scan(anonymous, token, times)
    assert state(store) == before
    browser.get(f"/s/{token}")
    assert "Zoé" in browser.answer.text and "Lycée Ampère" in browser.answer.text
    browser.press("open")
    assert "Relance des impayés" in browser.answer.text
    browser.press("answers", do="all")
    assert "J&#39;atteste" in browser.answer.text
    receipt = browser.press("sign")
    assert "C'est signé, merci" in receipt.text
    assert {one.state for one in Attestation.objects} == {"confirmed"}
    assert {one.channel for one in Attestation.objects} == {"link"}
