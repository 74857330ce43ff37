"""A first view, with nothing kept: all that the browser asks for by itself, and what it weighs on the line."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, url_for
from playwright.sync_api import Page

from portfolio.documents import Person
from tests.browser.transfer.network import Network
from tests.support import specimens as made
from tests.support.browser.looks import DESK
from tests.support.worlds.commissions import convened
from tests.support.worlds.world import World
from web.layout import MENU

MOST_REQUESTS, HEAVIEST = 8, 80_000
HEAVIEST_FIRST_PAGE = 40_000
PIECES = 20


def seen(page: Page, path: str) -> Network:
    network = Network(page)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    return network


def told(network: Network) -> str:
    return "\n".join(f"{one.weight} {one.address}" for one in network.asked)


def test_the_desk_of_a_commission_opens_with_few_requests(world: World, page_for: Callable[..., Page]) -> None:
    for number in range(PIECES):
        piece = world.new_piece()
        world.upload(*((piece, made.picture("JPEG"), "photo.jpg") if number % 2 else (piece,)))
    world.sign_off()
    world.submit()
    page = page_for(world.follower, viewport=DESK)
    network = seen(page, f"/commissions/{convened(world).id}/grille")
    assert page.locator(".piece").count() == PIECES
    assert any("/page/1" in one.path for one in network.asked), "the first file is seen at once"
    assert len(network.asked) <= MOST_REQUESTS and network.weight() <= HEAVIEST, told(network)


@pytest.fixture
def readers(world: World) -> dict[str, Person]:
    """By role, one of each."""
    everyone = {
        "candidate": world.candidate,
        "tutor": world.tutor,
        "teacher": world.follower,
        "office": world.office,
        "jury": world.jury_member,
        "inspector": world.inspector,
        "exam_service": world.exam_service,
        "support": world.support,
        "administrator": world.administrator,
    }
    world.upload(world.new_piece())
    world.sign_off()
    world.submit()
    convened(world)
    return everyone


def test_what_the_menu_of_each_reader_opens_is_light(
    readers: dict[str, Person], page_for: Callable[..., Page], app: Flask
) -> None:
    assert {role for role, _, _ in MENU} == set(readers)
    for role, label, view in MENU:
        page = page_for(readers[role], viewport=DESK)
        with app.test_request_context():
            path = url_for(view)
        network = seen(page, path)
        assert page.locator(f"nav a[aria-current]:text-is('{label}')").count() == 1
        light = len(network.asked) <= MOST_REQUESTS and network.weight() <= HEAVIEST_FIRST_PAGE
        assert light, f"{role}, {path}\n{told(network)}"
        page.context.close()
