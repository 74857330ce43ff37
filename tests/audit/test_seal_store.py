"""What was stored before its chains sealed it is counted, then sealed once as it is found; nothing is made good."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from portfolio.audit.seal_store import seal_what_stands
from portfolio.audit.verify_chains import verify
from portfolio.audit.verify_records import verify_stored
from portfolio.audit.verify_seals import verify_seals
from portfolio.ids import new_id
from portfolio.store.chains import link_mac
from portfolio.store.connections import Connections
from portfolio.store.sealing.sealed_fields import LATER, SEALED
from tests.audit.test_verify_seals import faults, named
from tests.conftest import Clock
from tests.support.worlds import juries
from tests.support.worlds.world import World

# How many groups of each collection version 0.3, the first that sealed, will have had.
FIRST_SEALED = """
persons 7; invitations 1; sign_ins 2; academies 1; schools 1; juries 2; companies 1; candidacies 7
placements 6; portfolios 3; activities 2; evidence 3; evidence_versions 1; files 4; paper_scans 4
checks 1; submissions 3; attestations 3; reality_evaluations 5; commissions 4; grids 6; assessments 9
sheets 7; results 2; elimination_slips 2; sign_off_links 1; account_changes 2
"""
# Kinds of document that nothing wrote before: they have always had these groups.
SEALED_SINCE = """
office_outcomes 6; reserves 3; made_circulars 3; circular_annexes 1; grid_scans 5; certificate_files 4
transfers 3
"""


@pytest.fixture
def decided(world: World, store: Connections) -> World:
    """One candidate all the way to the jury's decision, by every verb."""
    return juries.decided(world)


def without_seals(store: Connections) -> None:
    """The links as version 0.2 wrote them."""
    for chain in store.database.events.distinct("chain"):
        before = "0" * 64
        for link in store.database.events.find({"chain": chain}).sort("seq", 1):
            old = {name: value for name, value in link.items() if name not in ("seals", "witness")} | {"prev": before}
            old["mac"] = before = link_mac(old, store.chain_keys[old["key_id"]])
            store.database.events.replace_one({"_id": link["_id"]}, old)
        store.database.chains.update_one({"_id": chain}, {"$set": {"mac": before}})


def test_what_was_stored_before_is_told_as_not_sealed_and_never_as_altered(
    decided: World, store: Connections, clock: Clock
) -> None:
    without_seals(store)
    unsealed: list[str] = []
    assert list(verify()) == list(verify_stored()) == list(verify_seals(unsealed=unsealed)) == []
    grids = {f"grids:{row['_id']}" for row in store.database.grids.find()}
    assert grids and grids <= set(unsealed)


def test_sealed_as_it_is_found_what_is_changed_from_then_on_is_named(
    decided: World, store: Connections, clock: Clock
) -> None:
    without_seals(store)
    assert seal_what_stands(clock()) > 10
    assert faults() == []
    assert seal_what_stands(clock()) == 0
    store.database.grids.update_one({}, {"$set": {"degrees.C1": "4"}})
    store.database.persons.update_one({}, {"$push": {"grants": {"role": "jury"}}})
    juries.publish(decided)
    assert sorted(fault.words.rpartition(" : ")[2] for fault in faults()) == ["degrés et observations", "droits"]


def without_group(monkeypatch: pytest.MonkeyPatch, collection: str, group: str) -> None:
    """The table as it was before a release added this group."""
    rules = SEALED[collection]
    fewer = {name: fields for name, fields in rules.groups.items() if name != group}
    monkeypatch.setitem(SEALED, collection, replace(rules, groups=fewer))


@pytest.mark.parametrize("begun", ["sealed from the first day", "sealed as it was found"])
def test_a_group_that_a_later_version_seals_makes_no_fault_of_what_was_written_before(
    world: World, store: Connections, clock: Clock, begun: str
) -> None:
    with pytest.MonkeyPatch.context() as before:
        without_group(before, "evidence", "content")
        world.new_piece()
        if begun == "sealed as it was found":
            without_seals(store)
            seal_what_stands(clock())
    with pytest.MonkeyPatch.context() as later:
        later.setitem(LATER, "evidence", frozenset({"content"}))
        later.setitem(LATER, "persons", frozenset())  # a world stores people past the journal
        unsealed: list[str] = []
        there = {f"evidence:{row['_id']}" for row in store.database.evidence.find()}
        before_that = [fault.words for fault in verify_seals(unsealed=unsealed) if "la preuve" in fault.words]
        assert (before_that, set(unsealed)) == ([], there)
        assert seal_what_stands(clock()) == len(there)
        assert seal_what_stands(clock()) == 0
        store.database.evidence.update_one({}, {"$set": {"title": "Autre"}})
        assert named() == [("altered", "contenu")]


def test_what_came_past_the_journal_is_not_made_good_by_a_later_group(
    decided: World, store: Connections, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = store.database.activities.find_one({})
    assert row is not None
    forged = new_id()
    store.database.activities.insert_one(row | {"_id": forged})
    monkeypatch.setitem(LATER, "activities", frozenset({"content"}))
    seal_what_stands(clock())
    assert any(fault.what == "unsealed" and str(forged) in fault.words for fault in verify_seals())


def test_a_group_added_since_the_first_seals_is_said_to_be_later() -> None:
    """Groups of version 0.3: one that is in neither would make a fault of every document written before."""
    counted = [f"{name} {len(set(rules.groups) - LATER.get(name, set()))}" for name, rules in SEALED.items()]
    assert sorted(counted) == sorted(re.split(r"[;\n] ?", f"{FIRST_SEALED.strip()}\n{SEALED_SINCE.strip()}"))


def test_sealing_what_stands_makes_nothing_good(decided: World, store: Connections, clock: Clock) -> None:
    store.database.grids.update_one({}, {"$set": {"degrees.C1": "4"}})
    seal_what_stands(clock())
    assert ("altered", "degrés et observations") in named()
