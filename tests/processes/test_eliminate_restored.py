"""Backups around an elimination: what was gone does not come back, what was under way goes on where it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from portfolio.archive import eliminate
from portfolio.documents import Candidacy
from portfolio.errors import Unavailable
from portfolio.store.connections import storage
from tests.conftest import Clock
from tests.support.backup_stores import Elsewhere, held, saved, seal_people, taken
from tests.support.clock import now
from tests.support.outage import store_down
from tests.support.waiting import await_until
from tests.support.worlds.eliminations import again, asked_for, eliminated, full, published
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")


@pytest.fixture
def gone_by(world: World, clock: Clock) -> Candidacy:
    candidacy = full(world)
    published(world, clock, candidacy)
    return candidacy


def sound(elsewhere: Elsewhere, folder: Path) -> None:
    """Restored as it was: nothing is missed but the seals of a sheet and a result that the test itself laid there."""
    for command in (("restore", str(folder)), ("verify",)):
        told = elsewhere.run(*command)
        assert "2 défauts" in told.stdout, told.stderr
        faults = [line for line in told.stderr.splitlines() if not line.startswith("ATTENTION")]
        assert [line.partition(":")[0] for line in faults] == ["assessment"] * 2
    assert elsewhere.run("reconcile", "--deep").stdout == "Les deux stockages concordent.\n"
    assert held(elsewhere.database) == saved(folder)


def test_what_was_eliminated_is_not_in_the_backup_nor_missed_by_it(
    tmp_path: Path, world: World, clock: Clock, gone_by: Candidacy, elsewhere: Elsewhere
) -> None:
    slip = eliminated(world, clock)
    seal_people(world)
    manifest = taken(tmp_path)
    assert (manifest.objects, manifest.lost) == (0, [])
    sound(elsewhere, tmp_path)
    assert list(elsewhere.storage.list_keys("")) == []
    assert elsewhere.database["portfolios"].find_one({"_id": gone_by.id})["state"] == "eliminated"
    assert elsewhere.database["elimination_slips"].find_one({"_id": slip.id})["state"] == "done"


def test_an_elimination_under_way_goes_on_in_what_is_restored(
    tmp_path: Path,
    world: World,
    clock: Clock,
    worker: Callable[..., object],
    gone_by: Candidacy,
    elsewhere: Elsewhere,
) -> None:
    """Its documents were gone, its objects were not: no backup takes those, and a worker ends what was begun."""
    slip = asked_for(world)
    row = {"payload": {"slip": slip.id, "portfolio": gone_by.id}}
    with store_down(), pytest.raises(Unavailable):
        eliminate.eliminate_one(row, clock())
    assert again(slip).state == "under_way"
    assert len(list(storage().list_keys(""))) == 3, "two files and a certificate"
    seal_people(world)
    assert taken(tmp_path).objects == 0
    sound(elsewhere, tmp_path)

    elsewhere.database["outbox"].update_many({"kind": "eliminate"}, {"$set": {"due_at": now()}})
    worker(**elsewhere.there)
    of_slip = {"_id": slip.id, "state": "done"}
    await_until(lambda: elsewhere.database["elimination_slips"].count_documents(of_slip) == 1)
    assert list(elsewhere.storage.list_keys("")) == []
    assert elsewhere.run("reconcile", "--deep").stdout == "Les deux stockages concordent.\n"
