"""What people read is French: no date as programs write it, no code of ours by itself."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from flask import Flask

from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.page_catalogue import Atlas, Page

# Nothing of these is read as a sentence: what programs take, and what names a thing.
APART = {"script", "style", "code", "kbd", "textarea", "template", "svg"}
OF_A_FILE = {"table", "pre"}  # a file is shown as it says it: its own dates too
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
TOLD = ("alt", "title", "aria-label", "placeholder", "data-label")
ISO_DATE = re.compile(r"\b20\d\d-\d\d-\d\d\b")
CODE = re.compile(r"(?<![\w./@#=&?-])[a-z]+(?:_[a-z]+)+(?![\w./@=-])")


class Words(HTMLParser):
    """said: the text that is shown or read aloud."""

    def __init__(self, apart: set[str]) -> None:
        super().__init__()
        self.said: list[str] = []
        self._apart = apart
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self._within.append(tag)
        self.said += [value for name, value in attrs if name in TOLD and value]

    def handle_endtag(self, tag: str) -> None:
        while tag in self._within and self._within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._apart & set(self._within) and data.strip():
            self.said.append(" ".join(data.split()))


def faults(html: str, apart: set[str] = APART) -> list[str]:
    words = Words(apart)
    words.feed(html)
    return [said[:120] for said in words.said if ISO_DATE.search(said) or CODE.search(said)]


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>Le 2027-03-12</p>", 1),
        ('<p><time datetime="2027-03-12">le 12 mars 2027</time><input value="2027-03-12"></p>', 0),
        ("<p>Refus : not_found</p>", 1),
        ("<p>Refus : <code>not_found</code></p><p>bulletin_de_paie.pdf</p>", 0),
        ('<img alt="not_found">', 1),
    ],
)
def test_what_is_a_fault(html: str, found: int) -> None:
    assert len(faults(html)) == found


def apart(page: Page) -> set[str]:
    return APART | OF_A_FILE if page.address.endswith("/vue") else APART


@pytest.mark.long
def test_no_page_shows_a_date_or_a_word_of_programs(app: Flask, store: Connections, clock: Clock) -> None:
    pages = [page for page in Atlas(app, store, clock).pages() if page.is_html]
    found = {str(page): told for page in pages if (told := faults(page.get().decode(), apart(page)))}
    assert len(pages) > 100
    assert not found, "\n".join(f"{page}: {told}" for page, told in found.items())


@pytest.mark.parametrize("path", ["/nulle-part", "/invitation/inconnu", "/s/inconnu"])
def test_a_refusal_is_a_sentence_and_its_code_stands_apart(app: Flask, path: str) -> None:
    answer = app.test_client().get(path, headers={"Accept": "text/html"}, follow_redirects=True)
    assert faults(answer.text) == []
