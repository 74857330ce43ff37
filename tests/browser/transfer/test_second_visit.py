"""A browser that comes back, with its profile kept: what pages are drawn and work with is not asked for again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.browser.conftest import signed_in
from tests.browser.transfer.network import Network
from tests.conftest import Clock
from tests.support.browser.looks import DESK
from tests.support.worlds.commissions import convened
from tests.support.worlds.world import World


@contextmanager
def visit(chromium: Browser, profile: Path, address: str, cookie: Any) -> Iterator[Page]:
    """A browser opened on a profile, and closed at the end."""
    options: list[str] = ["--no-sandbox", "--disable-dev-shm-usage"]
    context = chromium.browser_type.launch_persistent_context(
        profile, executable_path=shutil.which("chromium"), args=options, base_url=address, viewport=DESK
    )
    context.add_cookies([cookie])
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("reader", ["candidate", "member"])
def test_a_second_visit_asks_for_no_static_file(
    world: World, chromium: Browser, app: Flask, clock: Clock, address: str, tmp_path: Path, reader: str
) -> None:
    world.upload(world.new_piece())
    world.sign_off()
    world.submit()
    desk = f"/commissions/{convened(world).id}/grille"
    person, path = {"candidate": (world.candidate, "/portfolio"), "member": (world.follower, desk)}[reader]
    seen = []
    for _ in range(2):  # signed in anew each time: another cookie
        cookie = signed_in(app, World.token_for(person, clock()))
        with visit(chromium, tmp_path, address, cookie) as page:
            network = Network(page)
            page.goto(path)
            page.wait_for_load_state("networkidle")
            seen.append(({one.path for one in network.asked}, {one.path for one in network.kept}))
        clock.advance(minutes=10)
    (first, _), (second, kept) = seen
    static = {one for one in first if one.startswith("/static/")}
    assert len(static) >= 2 and static <= kept
    assert path in second and not {one for one in second if one.startswith("/static/")}
