"""Two people at one form: the second reads both values, beside each field where they differ."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import web
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.filling import HTML, words
from tests.support.page_catalogue import Atlas, Page

PLAIN = {"text", "email", "tel", "number", "date", "datetime-local", "url"}


@dataclass
class Form:
    """stored: {field: what it shows of what is stored}. typed: {field: something else}."""

    action: str
    hidden: dict[str, str] = field(default_factory=dict)
    stored: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.inside = ""  # the name of the textarea or select
        self.text = ""
        self.option: dict[str, str] = {}
        self.chosen = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif tag == "option":
            self.option, self.text = given, ""
        elif self.forms and "name" in given:
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        if tag == "input" and given.get("type") == "hidden":
            self.forms[-1].hidden[given["name"]] = given.get("value", "")
        elif tag == "input" and given.get("type", "text") in PLAIN and given.get("value"):
            self._keep(given["name"], given["value"], _other(given.get("type", "text"), given["value"]))
        elif tag in ("textarea", "select"):
            self.inside, self.text, self.chosen = given["name"], "", ""

    def _keep(self, name: str, stored: str, typed: str) -> None:
        """A field of several lines, all of one name, is stored and shown as one list."""
        before = self.forms[-1].stored.get(name)
        self.forms[-1].stored[name] = f"{before}, {stored}" if before else stored
        self.forms[-1].typed[name] = typed

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "option" and "selected" in self.option and self.option.get("value"):
            self.chosen = self.text
        elif tag == "textarea" and self.text.strip():
            self._keep(self.inside, self.text, self.text + " autrement")
        elif tag == "select" and self.chosen:
            self._keep(self.inside, self.chosen, "")


def _other(kind: str, stored: str) -> str:
    """Another value that the field takes."""
    if kind == "number":
        return str(int(stored) + 1)
    if kind in ("date", "datetime-local"):
        return f"{stored[:8]}{'17' if stored[8:10] == '16' else '16'}{stored[10:]}"
    return f"autre-{stored}"


@pytest.mark.long
def test_every_form_that_somebody_overtook_shows_both_values(app: Flask, store: Connections, clock: Clock) -> None:
    pages = [page for page in Atlas(app, store, clock).pages() if page.is_html]
    overtaken = [(page, form) for page in pages for form in _guarded(page)]
    told: dict[str, set[str]] = {}
    for page, form in overtaken:
        text = _sent_late(page, form)
        missing = {name for name, stored in form.stored.items() if f"<q>{_plain(stored)}</q>" not in _plain(text)}
        told.setdefault(re.sub("[0-9a-f]{24}", "…", form.action), set()).update(missing)
    assert {action: sorted(missing) for action, missing in told.items() if missing} == {}
    assert len(told) >= 8


def _guarded(page: Page) -> list[Form]:
    """The forms of a page that change stored texts, guarded by the revision that they were drawn for."""
    parser = _Forms()
    parser.feed(page.get().decode())
    return [form for form in parser.forms if "_revision" in form.hidden and form.stored]


def _sent_late(page: Page, form: Form) -> str:
    """The page that comes back when every text was changed, on a revision that is no longer the stored one."""
    late = {"_revision": str(max(0, int(form.hidden["_revision"]) - 1))}
    origin = {"Origin": app_of(page).config["PUBLIC_URL"]}
    answer = page.client.post(form.action or page.address, data=form.hidden | late | form.typed, headers=HTML | origin)
    assert answer.status_code == 412, (str(page), form.action, answer.status_code)
    return words(answer)


def app_of(page: Page) -> Any:
    return page.client.application


def _plain(text: str) -> str:
    return " ".join(unescape(text).replace("\u202f", " ").replace("\u00a0", " ").split())


def test_no_guarded_form_has_a_field_that_cannot_show_both_values() -> None:
    """The macros of forms.html show them; a field written otherwise calls `clash` itself."""
    blocks = [
        (path.name, block)
        for path in Path(web.__file__).parent.glob("*/templates/*.html")
        for block in re.findall(r"f\.form\([^%]*thing=.*?endcall", path.read_text(), re.S)
    ]
    assert len(blocks) > 20
    own = [
        (name, block) for name, block in blocks if re.search(r'<(textarea|select|input type="(?!hidden|file))', block)
    ]
    assert [name for name, block in own if "f.clash(" not in block] == []
