"""What a test begins with is put back only where it would be made alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from portfolio.documents import Person
from portfolio.store.connections import Connections
from tests.conftest import Clock, empty
from tests.support.worlds import newer_circulars, prepared
from tests.support.worlds.world import World


def test_a_beginning_is_not_shared_between_circulars(store: Connections, clock: Clock, tmp_path: Path) -> None:
    with newer_circulars.only_the_first(tmp_path):
        assert World(clock, newer_circulars.SESSION).candidacy.circular.id == "2027R"
        empty(store)
    assert World(clock, newer_circulars.SESSION).candidacy.circular.id == "2027"


def test_a_person_whom_a_test_made_first_is_not_put_back_in_the_next(
    store: Connections, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "_KEPT", {})
    for _ in range(2):
        empty(store)
        world = World(clock)
        world.person("Seconde", world.grant("administrator"))
        assert world.candidacy
    assert Person.objects(family_name="Seconde").count() == 1
