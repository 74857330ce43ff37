"""Every page in a real browser, with an empty cache, on a phone and at a desk: nothing moves by itself while it loads.

The measure is Chromium's own (Cumulative Layout Shift), with all that our modules do when they arrive.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from benchmarks.stage import Line, Stage, at_most
from tests.atlas import Atlas, Page
from tests.browser.looks import DESK, PHONE, SHIFTS, still

MOVES = 0.0


class Quiet(WSGIRequestHandler):
    def log_request(self, *_: Any) -> None:
        """The site keeps its own account of requests."""


def lines(stage: Stage) -> Iterator[Line]:
    atlas = Atlas(stage.app, stage.connections, stage.world.clock)
    pages = list({page.rule: page for page in atlas.pages() if page.is_html}.values())
    with _served(stage) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, size in {"phone": PHONE, "desk": DESK}.items():
            told = [{"page": str(page), "moved": _opened(browser, address, size, page)} for page in pages]
            told.sort(key=lambda one: -sum(value for value, _ in one["moved"]))
            worst = told[0]
            total = sum(value for value, _ in worst["moved"])
            yield at_most(
                f"{len(pages)} pages on a {name}, layout shift, most {worst['page']}", total, "", MOVES, details=told
            )
        browser.close()


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
    server = make_server("127.0.0.1", 0, stage.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    stage.app.config["PUBLIC_URL"] = address
    yield address
    server.shutdown()
    thread.join()
    server.server_close()
