"""Gathers the facts of one file while a reader goes through it, and bounds how much of them is kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NotRequired, TypedDict, Unpack

MOST_PLACES = 5  # of one fact; its count goes on
MOST_ENTRIES = 300  # different facts of one file
LONGEST_VALUE, LONGEST_PLACE = 200, 120
MOST_TEXT = 4_000_000  # characters of all texts together
MOST_TEXTS = 200_000
OTHERS: Final = "other"  # the value under which facts beyond MOST_ENTRIES are counted


class FactEntry(TypedDict):
    """One fact. code: English. value: which one, where the code has several: a French name of a function, a format.

    count: how often. places: French words or cells, the first MOST_PLACES.
    """

    code: str
    value: NotRequired[str]
    count: int
    places: list[str]


class Provenance(TypedDict, total=False):
    """Where a file says it comes from. created, modified, taken, sent: ISO 8601, as written. editing_minutes: how long
    it stood open. pages_of: address of a saved web page.
    """

    authors: list[str]
    last_author: str
    created: str
    modified: str
    taken: str
    sent: str
    application: str
    editing_minutes: int
    revisions: int
    template: str
    company: str
    device: str
    title: str
    address: str


class GatheredFacts(TypedDict):
    """What a file tells. whole: False where it broke off, or was too large, before its end."""

    functions: list[FactEntry]
    provenance: Provenance
    personal_data: list[FactEntry]
    risks: list[FactEntry]
    whole: bool


class Gathering:
    """texts: (place, text), in the order of the file, for what searches words: of cells, paragraphs, pages, hidden ones
    included.
    """

    def __init__(self) -> None:
        self.provenance: Provenance = {}
        self.texts: list[tuple[str, str]] = []
        self.whole = True
        self._signs = MOST_TEXT
        self._functions: dict[tuple[str, str], FactEntry] = {}
        self._risks: dict[tuple[str, str], FactEntry] = {}

    def uses(self, code: str, place: str = "", value: str = "", count: int = 1) -> None:
        """Notes that the file uses a function of the software `count` times at a place."""
        add_fact(self._functions, code, place, value, count)

    def risks(self, code: str, place: str = "", count: int = 1) -> None:
        """Notes what the file may reveal, or do, that its reader does not see at first."""
        add_fact(self._risks, code, place, "", count)

    def text(self, place: str, text: str) -> None:
        text = text.strip()
        if not text or len(self.texts) >= MOST_TEXTS or self._signs <= 0:
            return
        self.texts.append((place[:LONGEST_PLACE], text[: self._signs]))
        self._signs -= len(text)

    def author(self, name: str) -> None:
        name = " ".join(name.split())[:LONGEST_VALUE]
        authors = self.provenance.setdefault("authors", [])
        if name and name not in authors and len(authors) < MOST_PLACES:
            authors.append(name)
        if not authors:
            del self.provenance["authors"]

    def comes_from(self, **words: Unpack[Provenance]) -> None:
        """Notes words and numbers of the provenance; what is empty, or known already, changes nothing."""
        for name, value in words.items():
            kept = " ".join(value.split())[:LONGEST_VALUE] if isinstance(value, str) else value
            if kept and name not in self.provenance:
                self.provenance[name] = kept  # type: ignore[literal-required]

    def facts(self, personal_data: list[FactEntry]) -> GatheredFacts:
        return {
            "functions": in_order(self._functions.values()),
            "provenance": self.provenance,
            "personal_data": personal_data,
            "risks": in_order(self._risks.values()),
            "whole": self.whole,
        }

    @property
    def empty(self) -> bool:
        return not (self._functions or self._risks or self.provenance)


def add_fact(entries: dict[tuple[str, str], FactEntry], code: str, place: str, value: str, count: int) -> None:
    """Counts a fact once more at a place, within MOST_ENTRIES and MOST_PLACES."""
    if count <= 0:
        return
    value = " ".join(value.split())[:LONGEST_VALUE]
    if (code, value) not in entries and len(entries) >= MOST_ENTRIES:
        value = OTHERS
    entry = entries.setdefault((code, value), {"code": code, "count": 0, "places": []})
    if value:
        entry["value"] = value
    entry["count"] += count
    place = " ".join(place.split())[:LONGEST_PLACE]
    if place and place not in entry["places"] and len(entry["places"]) < MOST_PLACES:
        entry["places"].append(place)


def in_order(entries: Iterable[FactEntry]) -> list[FactEntry]:
    """Returns the facts by code, the most frequent first."""
    return sorted(entries, key=lambda entry: (entry["code"], -entry["count"], entry.get("value", "")))
