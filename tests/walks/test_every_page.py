"""What is promised of every page, whoever is shown it: nothing to read more for a larger class or country, little to
load.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.browser.page_weight import first_load
from tests.support.country.copies import Copies
from tests.support.page_catalogue import Atlas, Page
from tests.support.queries import Reading, read_by
from tests.web.assets.test_served import HEAVIEST_BYTES

# Of fewer than FEW candidates, the store would rather walk through ten rows in their order than sort two.
FEW, MANY = 600, 2_000
# Of what one request reads: rows for each that it is given, and what any may look at besides.
FOR_EACH, BESIDES = 3, 50
# It counts the commissions of a whole academy, by day and school: each is read once, and none of elsewhere.
COUNTS_COMMISSIONS = "/inspection"

# Of what one page asks of the store.
MOST_COMMANDS = 10
# {address: (commands, why more)}: none of them may ask more than that.
BOARD = "a board counts every step of a school, each from rows of its own"
LEAVES = "what would be left without whoever leaves, of each kind"
PAPER = "all that a paper says is read as it is drawn, once"
STEPS = "what waits, what was answered and what it is about are read one after the other"
ASK_MORE = {
    "/compte/mes-donnees.json": (37, "all that is held of a person, one collection after the other as it leaves"),
    "/etablissement/candidats/<oid:portfolio_id>/preuve": (110, "a seal is read again for each link of both chains"),
    "/confirmations/<oid:activity_id>": (17, STEPS),
    "/s": (11, STEPS),
    "/s/signer": (11, STEPS),
    "/comptes/<oid:person_id>": (14, LEAVES),
    "/etablissement": (13, BOARD),
    "/etablissement/<oid:school_id>": (13, BOARD),
    "/etablissement/<oid:school_id>/codes/equipe": (15, BOARD),
    "/etablissement/<oid:school_id>/fiches": (14, BOARD),
    "/etablissement/<oid:school_id>/conservation": (12, BOARD),
    "/etablissement/<oid:school_id>/conservation.csv": (11, BOARD),
    "/classe/commissions": (14, BOARD),
    "/classe/etablissements/<oid:school_id>/controles/nouveau": (11, BOARD),
    "/classe/periodes/<oid:placement_id>": (11, STEPS),
    "/classe/preuves/<oid:evidence_id>": (12, STEPS),
    "/classe/periodes/<oid:placement_id>/attestation.pdf": (12, PAPER),
    "/periodes/<oid:placement_id>/attestation.pdf": (12, PAPER),
    "/jury/<oid:jury_id>/fiches": (12, BOARD),
    "/jury/<oid:jury_id>/publication": (11, BOARD),
    "/jury/fiches/<oid:sheet_id>": (15, STEPS),
    "/jury/situations/<oid:outcome_id>": (12, STEPS),
}


@dataclass(frozen=True)
class Read:
    """What a page cost at one size of the country."""

    page: Page
    of_it: Reading

    def __str__(self) -> str:
        return f"{self.page}: {self.of_it}"

    def is_too_much(self, commissions: int) -> bool:
        """commissions: of the academy."""
        counted = commissions if self.page.rule == COUNTS_COMMISSIONS else 0
        return self.of_it.examined > FOR_EACH * self.of_it.returned + BESIDES + counted


@pytest.mark.long
def test_neither_a_larger_class_nor_a_larger_country_costs_a_page_more_and_no_page_is_heavy(
    app: Flask, store: Connections, clock: Clock
) -> None:
    atlas = Atlas(app, store, clock)
    pages = atlas.pages()
    of_eight = _readings(store.database, pages)
    assert _asking_too_often(of_eight) == {}
    atlas.grow(8)
    grown = {
        f"{few}, then {many.of_it}"
        for few, many in zip(of_eight, _readings(store.database, pages), strict=True)
        if many.of_it.commands != few.of_it.commands
    }
    assert not grown
    country = Copies(store.database)
    at_few, at_many = (_in_a_country_of(size, country, pages) for size in (FEW, MANY))
    more = {
        f"{few}, then {many.of_it}"
        for few, many in zip(at_few, at_many, strict=True)
        if many.of_it.asked > few.of_it.asked
    }
    assert not more
    weights = {str(page): first_load(page.get()) for page in pages if page.is_html}
    assert {page: weight for page, weight in weights.items() if weight > HEAVIEST_BYTES} == {}
    assert len(weights) > 100 and min(weights.values()) > 15_000, "the style sheets are among what is weighed"


def _asking_too_often(reads: list[Read]) -> dict[str, int]:
    """Those that ask more than they may, and those that are named for it without need."""
    most = {read.page.rule: 0 for read in reads}
    for read in reads:
        most[read.page.rule] = max(most[read.page.rule], read.of_it.commands)
    allowed = {rule: ASK_MORE.get(rule, (MOST_COMMANDS, ""))[0] for rule in most}
    needless = {rule for rule in ASK_MORE if most[rule] <= MOST_COMMANDS}
    return {rule: asked for rule, asked in most.items() if asked > allowed[rule] or rule in needless}


def _readings(database: Database[dict[str, Any]], pages: list[Page]) -> list[Read]:
    return [Read(page, read_by(database, page.get)) for page in pages]


def _in_a_country_of(size: int, country: Copies, pages: list[Page]) -> list[Read]:
    country.grow_to(size)
    read = _readings(country.database, pages)
    commissions = country.database.commissions.count_documents({"academy": "10"})
    assert {str(one) for one in read if one.is_too_much(commissions)} == set()
    return read
