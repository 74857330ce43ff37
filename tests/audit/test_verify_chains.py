"""Whoever writes in the database behind the journal's back is seen, and what they touched is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo.collection import Collection

from portfolio.audit.verify_chains import AnchoredLink, Fault, anchor, read_anchors, verify
from portfolio.documents import Academy
from portfolio.ids import new_id
from portfolio.store.chains import GENESIS, Event
from portfolio.store.connections import Connections
from portfolio.store.journal import commit

AT = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
ONE, OTHER = "portfolio:one", "portfolio:other"


@pytest.fixture
def chains(store: Connections) -> Connections:
    """Two chains of five links."""
    for chain in (ONE, OTHER):
        for number in range(5):
            extend(chain, number)
    return store


def extend(chain: str, number: int) -> None:
    subject = Academy(id=new_id(), created_at=AT, code="10", name="Lyon")
    commit([], Event(chain, "evidence_added", "system", AT, subject, {"number": number}))


def events(store: Connections) -> Collection[dict[str, Any]]:
    return store.database.events


def named(faults: Iterator[Fault]) -> list[tuple[str, int, str]]:
    return [(fault.chain, fault.seq, fault.what) for fault in faults]


def rewind(store: Connections, chain: str, to: int) -> None:
    """Cuts a chain and puts its head back: what a careful forger does."""
    events(store).delete_many({"chain": chain, "seq": {"$gt": to}})
    last = events(store).find_one({"chain": chain, "seq": to})
    assert last is not None
    store.database.chains.update_one({"_id": chain}, {"$set": {"seq": to, "mac": last["mac"]}})


def test_untouched_chains_have_no_fault(chains: Connections) -> None:
    assert named(verify()) == []
    assert named(verify(anchors=read_anchors(anchor()))) == []


def test_an_empty_database_has_no_fault(store: Connections) -> None:
    assert named(verify()) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("data", {"number": 99}),
        ("name", "evidence_withdrawn"),
        ("by", "somebody"),
        ("at", datetime(2027, 1, 13, tzinfo=UTC)),
        ("subject", {"kind": "Academy", "id": "0" * 24}),
        ("mac", "f" * 64),
    ],
)
def test_a_rewritten_link_is_named(chains: Connections, field: str, value: Any) -> None:
    events(chains).update_one({"chain": ONE, "seq": 3}, {"$set": {field: value}})
    assert (ONE, 3, "tampered") in named(verify())
    assert {fault.chain for fault in verify()} == {ONE}


def test_a_field_added_to_a_link_is_named(chains: Connections) -> None:
    events(chains).update_one({"chain": ONE, "seq": 3}, {"$set": {"note": "de plus"}})
    assert named(verify()) == [(ONE, 3, "tampered")]


def test_a_missing_link_is_named(chains: Connections) -> None:
    events(chains).delete_one({"chain": ONE, "seq": 3})
    assert named(verify()) == [(ONE, 3, "missing")]


def test_a_missing_first_link_is_named(chains: Connections) -> None:
    events(chains).delete_one({"chain": ONE, "seq": 1})
    assert named(verify()) == [(ONE, 1, "missing")]


def test_several_missing_links_are_counted(chains: Connections) -> None:
    events(chains).delete_many({"chain": ONE, "seq": {"$in": [2, 3, 4]}})
    faults = list(verify())
    assert [(fault.seq, fault.what, fault.words) for fault in faults] == [(2, "missing", "3 maillons absents")]


def test_a_gap_that_is_renumbered_over_still_shows(chains: Connections) -> None:
    events(chains).delete_one({"chain": ONE, "seq": 3})
    for seq in (4, 5):
        events(chains).update_one({"chain": ONE, "seq": seq}, {"$set": {"seq": seq - 1}})
    found = named(verify())
    assert (ONE, 3, "misplaced") in found
    assert (ONE, 3, "tampered") in found
    assert (ONE, 5, "truncated") in found


def test_two_links_in_each_other_s_place_are_named(chains: Connections) -> None:
    for seq, to in ((2, 100), (4, 2), (100, 4)):
        events(chains).update_one({"chain": ONE, "seq": seq}, {"$set": {"seq": to}})
    found = named(verify())
    assert (ONE, 2, "misplaced") in found
    assert (ONE, 2, "tampered") in found
    assert (ONE, 4, "misplaced") in found
    assert (ONE, 4, "tampered") in found


def test_links_swapped_between_two_chains_are_named(chains: Connections) -> None:
    for chain, to in ((ONE, "aside"), (OTHER, ONE), ("aside", OTHER)):
        events(chains).update_one({"chain": chain, "seq": 3}, {"$set": {"chain": to}})
    found = named(verify())
    for chain in (ONE, OTHER):
        assert (chain, 3, "misplaced") in found
        assert (chain, 3, "tampered") in found


def test_a_cut_tail_shows_against_the_head(chains: Connections) -> None:
    events(chains).delete_many({"chain": ONE, "seq": {"$gt": 3}})
    assert named(verify()) == [(ONE, 4, "truncated")]


def test_a_cut_tail_whose_head_was_put_back_shows_only_against_an_anchor(chains: Connections) -> None:
    anchors = read_anchors(anchor())
    rewind(chains, ONE, 3)
    assert named(verify()) == []
    assert named(verify(anchors=anchors)) == [(ONE, 4, "truncated")]


def test_a_chain_removed_with_its_head_shows_against_an_anchor(chains: Connections) -> None:
    anchors = read_anchors(anchor())
    events(chains).delete_many({"chain": ONE})
    chains.database.chains.delete_one({"_id": ONE})
    assert named(verify()) == []
    assert named(verify(anchors=anchors)) == named(verify([ONE], anchors)) == [(ONE, 1, "truncated")]


def test_a_chain_rewritten_with_the_key_shows_against_an_older_anchor(chains: Connections) -> None:
    """The strongest forger holds the key: cuts, puts the head back, and goes on writing."""
    anchors = read_anchors(anchor())
    rewind(chains, ONE, 3)
    for number in range(4):
        extend(ONE, 100 + number)
    assert named(verify()) == []
    assert named(verify(anchors=anchors)) == [(ONE, 5, "tampered")]


def test_anchors_of_many_days_are_all_held_against_the_chain(chains: Connections) -> None:
    monday = list(anchor())
    extend(ONE, 5)
    tuesday = list(anchor())
    extend(ONE, 6)
    assert named(verify(anchors=read_anchors([*monday, "", *tuesday]))) == []
    rewind(chains, ONE, 5)
    assert named(verify(anchors=read_anchors(monday))) == []
    assert named(verify(anchors=read_anchors([*monday, *tuesday]))) == [(ONE, 6, "truncated")]


def test_a_head_that_disappeared_is_named(chains: Connections) -> None:
    chains.database.chains.delete_one({"_id": ONE})
    assert named(verify()) == [(ONE, 5, "head")]


@pytest.mark.parametrize("values", [{"seq": 3}, {"mac": "f" * 64}])
def test_a_head_that_names_another_link_is_named(chains: Connections, values: dict[str, Any]) -> None:
    chains.database.chains.update_one({"_id": ONE}, {"$set": values})
    assert named(verify()) == [(ONE, 5, "head")]


def test_links_sealed_by_another_key_are_named(chains: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(chains), "chain_keys", {"00000000": b"a key that sealed none of these links"})
    assert named(verify([ONE])) == [(ONE, seq, "unknown_key") for seq in range(1, 6)]


def test_a_link_that_lies_about_its_key_is_tampered_with(chains: Connections) -> None:
    """Sealed by somebody else's key under our key's name."""
    stranger = {"chain": ONE, "seq": 6, "at": AT, "by": "system", "name": "evidence_added", "subject": {}, "data": {}}
    last = events(chains).find_one({"chain": ONE, "seq": 5})
    assert last is not None
    stranger |= {"_id": new_id(), "prev": last["mac"], "key_id": last["key_id"], "mac": "a" * 64}
    events(chains).insert_one(stranger)
    chains.database.chains.update_one({"_id": ONE}, {"$set": {"seq": 6, "mac": "a" * 64}})
    assert named(verify()) == [(ONE, 6, "tampered")]


def test_only_the_chains_asked_for_are_read(chains: Connections) -> None:
    anchors = read_anchors(anchor())
    events(chains).delete_many({"chain": ONE, "seq": 3})
    assert named(verify([OTHER], anchors)) == []
    assert named(verify([ONE, OTHER], anchors)) == [(ONE, 3, "missing")]


def test_people_may_work_while_chains_are_verified(chains: Connections) -> None:
    reading = verify()
    extend(ONE, 5)
    extend("portfolio:new", 0)
    assert named(reading) == []


def test_an_anchor_is_a_line_that_reads_back(chains: Connections) -> None:
    lines = list(anchor())
    heads = {row["_id"]: row["mac"] for row in chains.database.chains.find()}
    assert lines == [f"{ONE} 5:{heads[ONE]}", f"{OTHER} 5:{heads[OTHER]}"]
    assert read_anchors(line + "\n" for line in lines) == [
        AnchoredLink(ONE, 5, heads[ONE]),
        AnchoredLink(OTHER, 5, heads[OTHER]),
    ]


@pytest.mark.parametrize(
    "line", ["portfolio:one", "portfolio:one 5", f"portfolio:one 0:{GENESIS}", "portfolio:one 5:abc"]
)
def test_a_line_that_is_no_anchor_is_refused_with_its_number(line: str) -> None:
    with pytest.raises(ValueError, match="ligne 2"):
        read_anchors(["", line])
