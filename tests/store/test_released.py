"""A database that a released version made is served by this one, once the migrations that came since have run."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

import migrations
from config.settings import Settings
from portfolio.identity.accounts import OF_ONE_SESSION
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5 as E5
from portfolio.store.connections import Connections
from tests.released import CHAIN_KEY, FOLDER, read
from tests.store.test_declared_indexes import STORED

ROOT = Path(__file__).parents[2]
# The file of each migration that was released, as it was: whoever has run it will not run it again.
FROZEN = {"0001_first_shape": "a569919ce6008672c1c0e79ffd384cf746a5680da433e61393e0d152ed3d06b5"}
RELEASED = sorted(path.name.removesuffix(".jsonl.gz") for path in FOLDER.glob("*.jsonl.gz"))


@pytest.mark.parametrize("name", FROZEN)
def test_a_released_migration_is_not_edited(name: str) -> None:
    path = Path(migrations.__file__).with_name(f"{name}.py")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == FROZEN[name], f"{name} is frozen: write another one"


def test_every_released_migration_left_a_database() -> None:
    assert sorted(FROZEN) == RELEASED


@pytest.fixture(params=RELEASED)
def released(request: pytest.FixtureRequest, settings: Settings) -> Iterator[tuple[str, Database[dict[str, Any]]]]:
    """The address of a database as that version left it, with this one's migrations on top."""
    name = f"{settings.mongodb_database}_released"
    uri = settings.mongodb_uri.replace(f"/{settings.mongodb_database}?", f"/{name}?")
    everything = migrations.all_migrations()
    with MongoClient[dict[str, Any]](uri, tz_aware=True) as client:
        client.drop_database(name)
        database = client.get_database()
        migrations.apply(database, [one for one in everything if one.name <= request.param])
        database[migrations.RECORD].delete_many({})
        for collection, rows in groupby(read(request.param), key=lambda row: row[0]):
            database[collection].insert_many([document for _, document in rows])
        assert migrations.pending(database) == [one for one in everything if one.name > request.param]
        migrations.apply(database)
        yield uri, database
        client.drop_database(name)


def test_every_document_is_read_and_valid_and_every_seal_holds(
    released: tuple[str, Database[dict[str, Any]]], engine_environment: dict[str, str]
) -> None:
    uri, database = released
    found = [kind._from_son(row) for kind in STORED for row in database[kind._get_collection_name()].find()]
    assert len(found) > 350
    for document in found:
        document.validate()
    rights = [grant for person in database.persons.find() for grant in person["grants"]]
    assert {(grant["role"] in OF_ONE_SESSION, grant.get("exam")) for grant in rights} == {(True, E5), (False, None)}
    assert [jury["academies"] for jury in database.juries.find()] == [["10"]]
    ours = {"MONGODB_URI": uri, "PUBLIC_URL": "http://localhost", "CHAIN_KEY": CHAIN_KEY}
    asked = [sys.executable, "commands.py", "verify"]
    environment = {**os.environ, **engine_environment, **ours}
    said = subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout.strip()) == (0, "0 défaut."), said.stdout + said.stderr


def test_its_indexes_are_those_of_a_database_made_today(
    released: tuple[str, Database[dict[str, Any]]], store: Connections
) -> None:
    for kind in STORED:
        name = kind._get_collection_name()
        assert released[1][name].index_information() == store.database[name].index_information(), name
