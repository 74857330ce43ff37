"""What is asked of every page that a browser opens. With SCREENS=folder, each is also photographed at both sizes."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
NARROW = {"width": 320, "height": 640}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

# Every move of what was drawn that no gesture of the reader asked for (CLS, https://wicg.github.io/layout-instability).
SHIFTS = """
globalThis.shifts = [];
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) shifts.push([one.value, one.sources.map((source) =>
    `${source.node?.nodeName}.${source.node?.className}, ${source.previousRect.y} to ${source.currentRect.y}`)]);
}).observe({ type: "layout-shift", buffered: true });
"""
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(shifts.splice(0)), 50)))"


def watch(context: BrowserContext, addresses: Sequence[str], complaints: list[str]) -> None:
    """No request elsewhere than there, no error of a script, nothing that the content security policy had to refuse,
    no 500."""

    def asked(request: Request) -> None:
        if not request.url.startswith((*addresses, "data:", "blob:")):
            complaints.append(f"asked elsewhere: {request.url}")

    def answered(response: Response) -> None:
        if response.status >= 500 and response.status != 503:
            complaints.append(f"{response.status}: {response.url}")

    def said(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(f"console: {message.text}")

    context.add_init_script(SHIFTS)
    context.on("request", asked)
    context.on("response", answered)
    context.on("console", said)
    context.on("weberror", lambda error: complaints.append(f"script: {error.error}"))


def contrasts(page: Page) -> list[str]:
    """Returns what axe-core finds of colours that are too alike (WCAG 1.4.3)."""
    found = Axe().run(page, options={"runOnly": {"type": "rule", "values": ["color-contrast"]}})
    return [node["html"] for violation in found.response["violations"] for node in violation["nodes"]]


def accessible(page: Page) -> None:
    """Nothing moved by itself, axe-core finds nothing, and nothing scrolls sideways at 320 px."""
    _moved_nothing(page)
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    before = page.viewport_size
    _photograph(page)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.set_viewport_size(before)  # type: ignore[arg-type]
    assert wide <= 0, f"{page.url} scrolls sideways by {wide} px at 320 px"


def still(page: Page) -> list[Any]:
    """What moved by itself since the page was opened, or since this was last asked: [how much, what and from where]."""
    moved: list[Any] = page.evaluate(DRAWN)
    return moved


def _moved_nothing(page: Page) -> None:
    moved = still(page)
    assert moved == [], f"{page.url} moved by itself: {moved}"


def unfold(page: Page) -> None:
    """Opens all that its reader may open: what moves then was asked for."""
    _moved_nothing(page)
    page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
    still(page)


_COUNT = count(1)


def _photograph(page: Page) -> None:
    """`test_x-07-portfolio-360.png`: the test that was there, which of its pages, the address without its ids."""
    folder = os.environ.get("SCREENS")
    if not folder:
        return
    test = os.environ["PYTEST_CURRENT_TEST"].rpartition("::")[2].split()[0].partition("[")[0]
    where = (
        "-".join(part for part in re.split(r"[/?&=]", page.url.split("/", 3)[3]) if re.fullmatch("[a-z-]{2,30}", part))
        or "accueil"
    )
    name = f"{test.removeprefix('test_')[:60]}-{next(_COUNT):03}-{where[:40]}"
    Path(folder).mkdir(parents=True, exist_ok=True)
    for size in (PHONE, DESK):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.screenshot(path=Path(folder) / f"{name}-{size['width']}.png", full_page=True)
