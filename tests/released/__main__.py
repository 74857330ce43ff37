"""Writes a frozen database: see the package. All of it was done by the acts of the trade, so that every seal holds."""

from __future__ import annotations

import gzip
import sys
import tempfile
from pathlib import Path

from bson.json_util import CANONICAL_JSON_OPTIONS as AS_IT_IS
from bson.json_util import dumps

import migrations
from config.embedded import Engines
from config.settings import Settings
from portfolio.commission import presence
from portfolio.documents import Assessment
from portfolio.evidence import drafts
from portfolio.identity import links
from portfolio.store.connections import Connections, open_connections
from rehearsal.classroom import Class
from tests.conftest import Clock
from tests.released import CHAIN_KEY, FOLDER
from tests.support.clock import SHIFT
from tests.support.worlds import commissions, juries
from tests.support.worlds.world import World


def main(name: str) -> None:
    with tempfile.TemporaryDirectory() as folder, Engines.start(Path(folder), expiring=False) as engines:
        ours = {"PUBLIC_URL": "http://localhost", "CLOCK": SHIFT, "CHAIN_KEY": CHAIN_KEY}
        store = open_connections(Settings.from_environment(engines.environment() | ours))
        store.storage.ensure_bucket()
        migrations.apply(store.database)
        _at_work(World(Clock()))
        _write(store, name)


def _at_work(world: World) -> None:
    """One candidate up to the published mark; eight others each a step further."""
    assert world.jury
    piece = world.new_piece()
    world.upload(piece)
    commissions.with_password(world.follower)
    sheet = commissions.transmitted(world)
    juries.decide(world, sheet, "15", "Harmonisation entre établissements")
    juries.publish(world)
    placed = [(one, world.new_placement(one)) for one in (world.new_candidacy() for _ in range(8))]
    office, follower = world.actor(world.office), world.actor(world.follower)
    passwords, at = {follower.id: commissions.PASSWORD}, world.clock()
    Class(world.school, office, follower, passwords, placed, at, world.academy.timezone).begin()
    drafts.keep(follower, "/classe", "one", {"title": ["Relance"]}, at)
    presence.arrive(world.actor(world.follower), Assessment.objects.get(pk=sheet.commission), at)
    links.issue(world.tutor.id, "sign_off", at)


def _write(store: Connections, name: str) -> None:
    with gzip.open(FOLDER / f"{name}.jsonl.gz", "wt") as lines:
        for collection in sorted(store.database.list_collection_names()):
            for document in store.database[collection].find().sort("_id", 1):
                row = {"collection": collection, "document": document}
                lines.write(dumps(row, json_options=AS_IT_IS, ensure_ascii=False) + "\n")


main(sys.argv[1])
