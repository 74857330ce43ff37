"""Backups of a school at work, and another pair of stores to restore them into."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bson
from pymongo import MongoClient
from pymongo.database import Database

from config.settings import Settings
from portfolio.audit import backup
from portfolio.audit.manifest import Manifest
from portfolio.documents import Person, SignIn
from portfolio.evidence import upload_ending
from portfolio.store.chains import Event
from portfolio.store.connections import storage
from portfolio.store.journal import Change, Seal, commit
from portfolio.store.sealing.sealed_fields import SEALED
from portfolio.submission import submit
from tests.support.both_stores import different, storage_at
from tests.support.clock import now
from tests.support.worlds.world import World

ROOT = Path(__file__).parents[2]
SHORT_LIVED = {
    "sign_ins",
    "request_keys",
    "attempts",
    "unsent",
    "migrations",
    "digested_objects",
    "turns",
    "printed_dossiers",
}


def make_busy(world: World) -> World:
    """A submitted portfolio with two files, one of them removed since; one file refused, one on its way."""
    first = world.new_piece()
    removed = world.upload(first, different(1))
    world.upload(first, different(2))
    world.sign_off()
    world.submit()
    submit.reopen(world.actor(world.follower), world.portfolio, "À compléter", world.clock())
    upload_ending.remove(world.actor(world.candidate), removed, world.clock())
    draft = world.new_piece(title="Brouillon", competences=[])
    world.upload(draft, b"MZ" + bytes(200), "calcul.exe")
    world.send(draft, different(3))
    World.token_for(world.candidate, world.clock())
    seal_people(world)
    return world


def seal_people(world: World) -> None:
    """People whom tests make by hand and let in, as if an act had: what no link sealed is a fault of the store."""
    people = list(Person.objects)
    event = Event("test:people", "tested", "system", world.clock(), world.academy)
    let_in = {one.id: list(SEALED["sign_ins"].groups) for one in SignIn.objects}
    commit([Seal(Person, {one.id: list(SEALED["persons"].groups) for one in people}), Seal(SignIn, let_in)], event)
    written = ("state", "password", "grants", "schools")
    commit([Change(one, {name: one[name] for name in written}, any_revision=True) for one in people], event)


def taken(folder: Path) -> Manifest:
    return backup.back_up(folder, now())


def saved(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """{collection: its documents}, read by other means than the restoration's."""
    manifest = json.loads((folder / "MANIFEST.json").read_text())
    documents = folder / manifest["folder"]
    return {name: bson.decode_all((documents / f"{name}.bson").read_bytes()) for name in manifest["collections"]}


def held(database: Database[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    names = [name for name in database.list_collection_names() if name not in SHORT_LIVED]
    return {name: list(database[name].find().sort("_id", 1)) for name in sorted(names)}


class Elsewhere:
    """Another database and another bucket, on which commands are run as an operator does."""

    def __init__(self, settings: Settings, engines: dict[str, str]) -> None:
        self.uri = settings.mongodb_uri.replace("/test_", "/restored_")
        self.bucket = settings.s3_bucket.replace("test-", "restored-")
        self.client = MongoClient[dict[str, Any]](self.uri)
        self.database = self.client.get_database()
        here = storage()
        self.storage = storage_at(settings.s3_endpoint_url, settings, bucket=self.bucket)
        assert (self.database.name, self.bucket) != (settings.mongodb_database, here.bucket)
        self.environment = {**os.environ, **engines, "PUBLIC_URL": "http://localhost"}
        self.here = {"MONGODB_URI": settings.mongodb_uri, "S3_BUCKET": settings.s3_bucket}
        self.there = {"MONGODB_URI": self.uri, "S3_BUCKET": self.bucket}

    def wipe(self) -> None:
        self.client.drop_database(self.database.name)
        self.storage.ensure_bucket()
        for stored in list(self.storage.list_keys("")):
            self.storage.delete(stored.key)

    def run(self, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
        """A command on the restored stores."""
        environment = {**self.environment, **self.there, **changed}
        asked = [sys.executable, "commands.py", *arguments]
        return subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    def start_backup(self, folder: Path) -> subprocess.Popen[str]:
        """Of the stores of the test, in a process of its own."""
        asked = [sys.executable, "commands.py", "backup", str(folder)]
        environment = {**self.environment, **self.here}
        pipe = subprocess.PIPE
        return subprocess.Popen(asked, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True)

    def is_untouched(self) -> bool:
        return not self.database.list_collection_names() and not list(self.storage.list_keys(""))


@contextmanager
def restoring(settings: Settings, engines: dict[str, str]) -> Iterator[Elsewhere]:
    made = Elsewhere(settings, engines)
    made.wipe()
    yield made
    made.wipe()
    made.client.close()
