"""What verifying costs: commands a batch and memory, whatever there is to read."""

from __future__ import annotations

import tracemalloc
from typing import Any

from portfolio.audit.verify_records import BATCH, verify_stored
from portfolio.ids import new_id
from portfolio.store.chains import link_mac
from portfolio.store.connections import Connections
from tests.support.queries import counted
from tests.support.worlds.world import World

Values = dict[str, Any]


def many_submissions(store: Connections, count: int) -> None:
    """As many again, each sealed by a link of a chain of its own."""
    row, link = store.database.submissions.find_one({}), store.database.events.find_one({"name": "portfolio_submitted"})
    assert row is not None and link is not None
    ids = [new_id() for _ in range(count)]
    store.database.submissions.insert_many([row | {"_id": new_id(), "candidacy": one} for one in ids])
    links = [link | {"_id": new_id(), "chain": f"portfolio:{one}", "seq": 1} for one in ids]
    key = store.chain_keys[link["key_id"]]
    store.database.events.insert_many([one | {"mac": link_mac(one, key)} for one in links])


def test_the_commands_of_a_batch_do_not_depend_on_what_is_in_it(world: World, store: Connections) -> None:
    world.new_piece()
    world.sign_off()
    world.submit()
    many_submissions(store, BATCH - 1)
    counts = []
    for _ in range(3):
        with counted(store.database) as commands:
            assert list(verify_stored()) == []
        counts += commands
        many_submissions(store, BATCH)
    assert counts[1] - counts[0] <= 12
    assert counts[2] - counts[1] == counts[1] - counts[0]


def test_memory_is_flat(world: World, store: Connections) -> None:
    world.new_piece()
    world.sign_off()
    world.submit()
    peaks = []
    for more in (5 * BATCH, 10 * BATCH):
        many_submissions(store, more)
        tracemalloc.start()
        assert list(verify_stored()) == []
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0]
