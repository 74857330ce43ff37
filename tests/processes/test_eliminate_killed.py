"""kill -9 of the worker in the middle of an elimination: what is gone stays gone, what is not goes, each once."""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable

import pytest

from portfolio.audit.verify_chains import verify
from portfolio.documents import EliminationSlip, EvidenceFile, Portfolio
from portfolio.store.connections import Connections, storage
from portfolio.store.outbox import DRAW
from tests.conftest import Clock
from tests.support.both_stores import different, found
from tests.support.mails.mailbox import deliver
from tests.support.waiting import await_until
from tests.support.worlds.eliminations import again, asked_for, published
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")
ROUNDS = int(os.environ.get("ROUNDS", "20"))
PORTFOLIOS_OF_A_KILL = 3
AT_MOST_S = 0.03  # between a step that was seen and the kill: less than one portfolio takes
OF_A_DEAD_CLIENT_S = 150  # a transaction of the dead holds what it touched for one minute (transactionLifetimeLimit)
Starts = Callable[..., subprocess.Popen[bytes]]


def storm(world: World, clock: Clock, store: Connections, worker: Starts, kills: int) -> None:
    candidacies = [world.new_candidacy() for _ in range(kills * PORTFOLIOS_OF_A_KILL)]
    for number, one in enumerate(candidacies):
        world.begin_with(one, different(number))
    published(world, clock, *candidacies)
    deliver(clock)
    slip = asked_for(world)
    _due_now(store, world, PORTFOLIOS_OF_A_KILL - 1)
    for _ in range(kills):
        process, before = worker(), _steps(store)
        await_until(lambda before=before: _steps(store) > before, seconds=OF_A_DEAD_CLIENT_S)  # type: ignore[misc]
        time.sleep(random.uniform(0, AT_MOST_S))
        process.kill()
        process.wait()
        _due_now(store, world, PORTFOLIOS_OF_A_KILL - 1)
    killed = again(slip).state
    _due_now(store, world)
    worker()
    await_until(lambda: again(slip).state == "done", seconds=OF_A_DEAD_CLIENT_S)
    assert killed == "under_way", "every kill came too late"
    _nothing_is_left(store, slip, len(candidacies))


def _due_now(store: Connections, world: World, most: int = 0) -> None:
    """The lease that a dead worker left runs out by itself in two minutes: here, at once. most: 0 for all of them; of
    others, the views of files wait.
    """
    kinds = {"$ne": DRAW} if most else {"$exists": True}
    outbox = store.database["outbox"]
    outbox.update_many({"done_at": None}, {"$set": {"leased_until": None, "due_at": world.later(days=9000)}})
    some = [row["_id"] for row in outbox.find({"done_at": None, "kind": kinds}).sort("_id", 1).limit(most)]
    outbox.update_many({"_id": {"$in": some}}, {"$set": {"due_at": world.later(days=-900)}})


def _steps(store: Connections) -> int:
    names = ["portfolio_eliminated", "portfolio_files_erased"]
    return store.database["events"].count_documents({"name": {"$in": names}})


def _nothing_is_left(store: Connections, slip: EliminationSlip, eliminated: int) -> None:
    assert Portfolio.objects(slip=slip.id, state="eliminated").count() == eliminated
    assert EvidenceFile.objects.count() == 0
    # A view that is under way when its file goes is kept, then erased by whoever made it, or by the night's command:
    # nothing is looked at before the last one was made.
    under_way = {"kind": DRAW, "done_at": None}
    await_until(lambda: not store.database["outbox"].count_documents(under_way), seconds=OF_A_DEAD_CLIENT_S)
    await_until(lambda: {left.what for left in found(again(slip).done_at, deep=True, cure=True)} <= {"view"})
    await_until(lambda: not list(storage().list_keys("")))
    told = Counter(link["name"] for link in store.database["events"].find())
    assert told["portfolio_eliminated"] == told["portfolio_files_erased"] == eliminated
    assert told["elimination_done"] == 1
    assert list(verify()) == []
    assert found(again(slip).done_at, deep=True) == []


def test_a_worker_killed_in_the_middle_leaves_nothing_behind(
    world: World, clock: Clock, store: Connections, worker: Starts
) -> None:
    storm(world, clock, store, worker, 3)


@pytest.mark.endure
def test_a_worker_killed_again_and_again_leaves_nothing_behind(
    world: World, clock: Clock, store: Connections, worker: Starts
) -> None:
    storm(world, clock, store, worker, ROUNDS)
