"""What a commit writes of its chain: each link named after the one before it, sealed, read back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portfolio.audit.verify_chains import verify
from portfolio.documents import School
from portfolio.ids import new_id
from portfolio.store.chains import GENESIS
from portfolio.store.journal import (
    Change,
    Insert,
    commit,
    head,
)
from tests.support.acts.journalling import (
    AT,
    CHAIN,
    event,
    links,
    new_school,
    written_school,
)

pytestmark = pytest.mark.usefixtures("store")


def test_an_empty_chain_has_a_head_too() -> None:
    assert head("school:nobody") == f"0:{GENESIS}"


def test_each_link_names_the_one_before_it() -> None:
    school = written_school()
    for city in ("Bron", "Oullins"):
        commit([Change(School.objects.get(pk=school.id), {"city": city})], event(school))
    found = links()
    assert [link["seq"] for link in found] == [1, 2, 3]
    assert [link["prev"] for link in found] == [GENESIS, found[0]["mac"], found[1]["mac"]]
    assert head(CHAIN) == f"3:{found[2]['mac']}"


def test_chains_do_not_see_each_other() -> None:
    school = written_school()
    before = head(CHAIN)
    commit([], event(school, chain="assessment:1"))
    assert head(CHAIN) == before
    assert [link["seq"] for link in links("assessment:1")] == [1]


def test_a_link_read_back_still_matches_its_seal() -> None:
    """Instants lose their microseconds in the store, identifiers and accents must come back as sealed."""
    school = new_school()
    said = {"ids": [new_id()], "until": AT + timedelta(days=1), "text": "motif : reçu à temps", "count": 2**40}
    commit([Insert(school)], event(school, **said))
    assert links()[0]["at"] == AT.replace(microsecond=123000)
    assert list(verify([CHAIN])) == []


def test_what_cannot_be_sealed_is_not_written() -> None:
    school = new_school()
    with pytest.raises(TypeError):
        commit([Insert(school)], event(school, weird=object()))
    assert School.objects.count() == len(links()) == 0
