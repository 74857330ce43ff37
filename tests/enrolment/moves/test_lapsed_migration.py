"""Requests that waited for whom the seat was taken from, before that was noted, are to be asked again."""

from __future__ import annotations

from importlib import import_module

import pytest

from portfolio.documents import Attestation
from portfolio.sign_offs.asking import requests
from portfolio.store.connections import Connections
from tests.support.acts.asking import ask
from tests.support.worlds.world import World

migration = import_module("migrations.0025_lapsed_requests")


@pytest.mark.parametrize(
    ("collection", "values"),
    [
        ("placements", {"cancelled_at": "2026-01-01"}),
        ("placements", {"tutor": None}),
        ("activities", {"placement": None}),
        ("activities", {"withdrawn_at": "2026-01-01"}),
    ],
)
def test_what_waits_for_a_tutor_who_is_there_no_more_lapses(
    world: World, store: Connections, collection: str, values: dict[str, object]
) -> None:
    ask(world)
    migration.migrate(store.database)
    assert Attestation.objects.get().state == "requested", "it stands"
    store.database[collection].update_many({}, {"$set": values})
    for _ in range(2):
        migration.migrate(store.database)
    assert Attestation.objects.get().state == "lapsed"


def test_what_waits_for_a_teacher_whose_right_ended_lapses(world: World, store: Connections) -> None:
    requests.request(world.actor(world.candidate), world.activity, "teacher", None, world.clock())  # type: ignore[arg-type]
    migration.migrate(store.database)
    assert Attestation.objects.get().state == "requested", "it stands"
    mine = {"_id": world.follower.id}
    store.database.persons.update_one(mine, {"$set": {"grants.0.revoked_at": world.clock()}})
    migration.migrate(store.database)
    assert Attestation.objects.get().state == "lapsed"
