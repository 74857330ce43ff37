"""A form that is refused says on top which fields are wrong, by their names, and leads to each."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from flask import Flask

from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.filling import HTML
from tests.support.page_catalogue import Atlas, Page

ANYWHERE = re.compile(
    r"^(Ce champ|Valeur refusée|Choix attendu|Au (moins|plus) \d|Un (texte|nombre))"
)  # said of any field


class _Forms(HTMLParser):
    """forms: (address, what a browser sends of it left empty) of those with a field that must be filled in."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._open: tuple[str, dict[str, str]] | None = None
        self._asks = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form" and given.get("method") == "post":
            self._open, self._asks = (given.get("action") or "", {}), False
        elif self._open and tag in ("input", "textarea", "select") and given.get("name"):
            self._asks |= "required" in given
            if given.get("type") not in ("radio", "checkbox", "file"):
                self._open[1][str(given["name"])] = (given.get("value") or "") * (given.get("type") == "hidden")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._open and self._asks:
            self.forms.append(self._open)
            self._open = None


def forms_of(page: Page) -> list[tuple[str, dict[str, str]]]:
    parser = _Forms()
    parser.feed(page.get().decode())
    return parser.forms


@pytest.mark.long
def test_every_form_sent_empty_names_its_fields_and_leads_to_them(app: Flask, store: Connections, clock: Clock) -> None:
    one_of_each = {page.rule: page for page in Atlas(app, store, clock).pages() if page.is_html}
    wrong, sent = [], set[str]()
    for page in one_of_each.values():
        for action, empty in forms_of(page):
            kind = re.sub("[0-9a-f]{24}", "…", action or page.address)
            if kind not in sent:
                sent.add(kind)
                wrong += [f"{page} {kind} {line}" for line in unnamed(page, action, empty)]
    assert not wrong, "\n".join(wrong)
    assert len(sent) > 30


def unnamed(page: Page, action: str, empty: dict[str, str]) -> list[str]:
    """The lines of the summary that come back that name no field, or lead to none."""
    origin = {"Origin": page.client.application.config["PUBLIC_URL"]}
    answer = page.client.post(action or page.address, data=empty, headers=HTML | origin)
    summary = re.search(r'<div class="faults".*?</div>', answer.text, re.DOTALL)
    if answer.status_code != 422 or summary is None:
        return []
    lines = re.findall(r'<a href="#([^"]*)">(.*?)</a>', summary[0])
    return [f"#{at}: {line}" for at, line in lines if f'id="{at}"' not in answer.text or ANYWHERE.search(line)]
