"""Mails as telephones show them: nothing wider than the screen, readable in the dark, a link in every text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
from playwright.sync_api import BrowserContext, Page

from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.api.worlds import Everything
from tests.support.browser.looks import contrasts
from tests.support.mails.mailbox import deliver, files, words_of

NARROW = 320  # CSS pixels, the narrowest telephone
Opens = Callable[..., BrowserContext]


@pytest.fixture
def mails(store: Connections, clock: Clock) -> Iterator[list[EmailMessage]]:
    """One of each subject, of a school at work."""
    Everything(store, clock)
    for _ in range(4):
        deliver(clock)
        clock.advance(days=7)
    kinds = {str(mail["Subject"]).partition(" : ")[0]: mail for mail in files(store)}
    yield list(kinds.values())


def html_of(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def shown(page: Page, mail: EmailMessage) -> None:
    page.set_content(html_of(mail))


def test_no_mail_is_wider_than_a_telephone(mails: list[EmailMessage], opened: Opens) -> None:
    page = opened(viewport={"width": NARROW, "height": 640}).new_page()
    widths = {}
    for mail in mails:
        shown(page, mail)
        widths[str(mail["Subject"])] = page.evaluate("document.documentElement.scrollWidth")
    assert {subject: width for subject, width in widths.items() if width > NARROW} == {}
    assert len(widths) > 5, widths


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_mail_is_read_by_day_and_by_night(mails: list[EmailMessage], opened: Opens, scheme: str) -> None:
    page = opened(viewport={"width": NARROW, "height": 640}, color_scheme=scheme).new_page()
    for mail in mails:
        shown(page, mail)
        assert contrasts(page) == [], mail["Subject"]
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(245, 245, 245)") == (scheme == "light")


def test_every_mail_says_its_language_and_has_its_links_in_the_text(mails: list[EmailMessage]) -> None:
    for mail in mails:
        assert mail["Content-Language"] == "fr", mail["Subject"]
        if "<a href=" in html_of(mail):
            assert "http" in words_of(mail), mail["Subject"]
