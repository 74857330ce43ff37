"""What is asked of every page that a browser opens."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
NARROW = {"width": 320, "height": 640}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def watch(context: BrowserContext, address: str, complaints: list[str]) -> None:
    """No request elsewhere, no error of a script, nothing that the content security policy had to refuse, no 500."""

    def asked(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            complaints.append(f"asked elsewhere: {request.url}")

    def answered(response: Response) -> None:
        if response.status >= 500 and response.status != 503:
            complaints.append(f"{response.status}: {response.url}")

    def said(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(f"console: {message.text}")

    context.on("request", asked)
    context.on("response", answered)
    context.on("console", said)
    context.on("weberror", lambda error: complaints.append(f"script: {error.error}"))


def accessible(page: Page) -> None:
    """axe-core finds nothing, and nothing scrolls sideways at 320 px."""
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    before = page.viewport_size
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.set_viewport_size(before)  # type: ignore[arg-type]
    assert wide <= 0, f"{page.url} scrolls sideways by {wide} px at 320 px"
