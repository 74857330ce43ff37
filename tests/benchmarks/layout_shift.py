"""Every page in a real browser, with an empty cache, on a phone and at a desk: nothing moves by itself while it loads.

The measure is Chromium's own (Cumulative Layout Shift), with all that our modules do when they arrive. Each page is
sent at once, then in pieces, as over a thin line: a browser draws what it has.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks.harness import Line, Stage, at_most
from tests.support.browser.in_pieces import InPieces
from tests.support.browser.looks import DESK, PHONE, SHIFTS, still
from tests.support.http_server import served
from tests.support.page_catalogue import Atlas, Page

MOVES = 0.0
MOVES_IN_PIECES = 0.001  # a hundredth of what is held to be good: a file's view has no script that waits for its end


def lines(stage: Stage) -> Iterator[Line]:
    atlas = Atlas(stage.app, stage.connections, stage.world.clock)
    pages = list({page.rule: page for page in atlas.pages() if page.is_html}.values())
    with _served(stage) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        at_once = stage.app.wsgi_app
        for sent, budget in {"at once": MOVES, "in pieces": MOVES_IN_PIECES}.items():
            for name, size in {"phone": PHONE, "desk": DESK}.items():
                told = [{"page": str(page), "moved": _opened(browser, address, size, page)} for page in pages]
                told.sort(key=lambda one: -_total(one))
                what = f"{len(pages)} pages sent {sent} to a {name}, layout shift, most {told[0]['page']}"
                yield at_most(what, _total(told[0]), "", budget, details=told)
            stage.app.wsgi_app = InPieces(at_once)  # type: ignore[method-assign]
        browser.close()
        stage.app.wsgi_app = at_once  # type: ignore[method-assign]


def _total(told: dict[str, Any]) -> float:
    return sum(value for value, _ in told["moved"])


def _opened(browser: Browser, address: str, size: Any, page: Page) -> list[Any]:
    """What moved by itself, once the page and its modules have done what they do."""
    known = page.client.environ_base.get("HTTP_AUTHORIZATION")
    context = browser.new_context(viewport=size, extra_http_headers={"Authorization": known} if known else {})
    context.add_init_script(SHIFTS)
    opened = context.new_page()
    opened.goto(address + page.address, wait_until="networkidle")
    moved = still(opened)
    context.close()
    return moved


@contextmanager
def _served(stage: Stage) -> Iterator[str]:
    with served(stage.app) as address:
        stage.app.config["PUBLIC_URL"] = address
        yield address
