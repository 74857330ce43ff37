"""The site in a real Chromium: the test's own store and clock behind a real server on 127.0.0.1."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser import fonts
from tests.conftest import Clock
from tests.support.browser.looks import PHONE, watch
from tests.support.http_server import served
from tests.support.worlds.world import World

LONG_MS = 30_000  # on a machine with much else to do; a moment is usual
expect.set_options(timeout=LONG_MS)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "chromium is missing: make system-tests"
    chosen = {**os.environ, **fonts.environment(tmp_path_factory.mktemp("fonts"))}
    options: list[str] = ["--no-sandbox", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options, env=chosen)
        yield browser
        browser.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the site answers."""
    before = app.config["PUBLIC_URL"]
    with served(app) as told:
        app.config["PUBLIC_URL"] = told
        yield told
    app.config["PUBLIC_URL"] = before


@pytest.fixture
def opened(chromium: Browser, address: str) -> Iterator[Callable[..., BrowserContext]]:
    """Opens a browser context of its own; each page in it is watched: see `looks.watch`. also: another address that its
    pages may ask. More: as of new_context."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def make(also: str = "", **more: Any) -> BrowserContext:
        context = chromium.new_context(base_url=address, locale="fr-FR", **{"viewport": PHONE, **more})
        context.set_default_timeout(LONG_MS)
        watch(context, [one for one in (address, also) if one], complaints)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page_for(opened: Callable[..., BrowserContext], app: Flask, clock: Clock) -> Callable[..., Page]:
    """A page in a browser of its own, already signed in as a person (or a visitor's)."""

    def make(person: Any = None, **more: Any) -> Page:
        context = opened(**more)
        if person is not None:
            context.add_cookies([signed_in(app, World.token_for(person, clock()))])
        return context.new_page()

    return make


def signed_in(app: Flask, token: str) -> Any:
    """The cookie of a browser that signed in; the form itself is tried in test_coming_in.py."""
    name = app.config["SESSION_COOKIE_NAME"]
    writer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    value = writer.dumps({"_user_id": token, "_fresh": True})
    return {"name": name, "value": value, "url": app.config["PUBLIC_URL"], "httpOnly": True, "sameSite": "Lax"}
