"""What a test begins with is put back only where it would be made alike."""

from __future__ import annotations

from pathlib import Path

from portfolio.store.connections import Connections
from tests.conftest import Clock, empty
from tests.support.worlds import newer_circulars
from tests.support.worlds.world import World


def test_a_beginning_is_not_shared_between_circulars(store: Connections, clock: Clock, tmp_path: Path) -> None:
    with newer_circulars.only_the_first(tmp_path):
        assert World(clock, newer_circulars.SESSION).candidacy.circular.id == "2027R"
        empty(store)
    assert World(clock, newer_circulars.SESSION).candidacy.circular.id == "2027"
