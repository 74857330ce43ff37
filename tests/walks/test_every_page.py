"""What is promised of every page, whoever is shown it: nothing to read more for a larger class, little to load."""

from __future__ import annotations

import pytest
from flask import Flask

from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.browser.page_weight import first_load
from tests.support.page_catalogue import Atlas, Page
from tests.support.queries import counted
from tests.web.assets.test_served import HEAVIEST_BYTES


@pytest.mark.long
def test_a_class_twice_as_large_costs_no_command_more_and_no_page_is_heavy(
    app: Flask, store: Connections, clock: Clock
) -> None:
    atlas = Atlas(app, store, clock)
    pages = atlas.pages()
    of_eight = [_commands(store, page) for page in pages]
    atlas.grow(8)
    grown = {
        f"{page}: {few} commands, then {many}"
        for page, few in zip(pages, of_eight, strict=True)
        if (many := _commands(store, page)) != few
    }
    assert not grown
    weights = {str(page): first_load(page.get()) for page in pages if page.is_html}
    assert {page: weight for page, weight in weights.items() if weight > HEAVIEST_BYTES} == {}
    assert len(weights) > 100 and min(weights.values()) > 15_000, "the style sheets are among what is weighed"


def _commands(store: Connections, page: Page) -> int:
    with counted(store.database) as count:
        page.get()
    return count[0]
