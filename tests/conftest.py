"""Real engines, started once per run; one database and one bucket per worker, emptied before each test."""

from __future__ import annotations

import fcntl
import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from argon2 import profiles
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as of_hypothesis
from jinja2 import StrictUndefined
from pymongo import MongoClient

import migrations
from api.operation.logs import log_to_stderr
from config.embedded import Engines
from config.settings import Settings
from portfolio.files.previews import first_look
from portfolio.identity import passwords
from portfolio.store.connections import Connections, close_connections, open_connections
from rehearsal.dates import write_circular
from tests.support import other_engines
from tests.support.backup_stores import Elsewhere, make_busy, restoring
from tests.support.both_stores import empty_bucket, long_after
from tests.support.clock import ASKED, DATES, SHIFT, START
from tests.support.house.lifecycle_watch import WATCHED, watched
from tests.support.mails.mailbox import ROOT
from tests.support.waiting import await_until
from tests.support.worlds import rows_at_once
from tests.support.worlds.reconciled import reconciled
from tests.support.worlds.world import World
from web.app import create_site

log_to_stderr("ERROR")
# A slow machine is no fault of the example it was slow on. For the same code the same examples, so that no run fails by
# chance; others each time where that is what is wanted (`make endure`: --hypothesis-profile=random).
of_hypothesis.register_profile("same", deadline=None, derandomize=True, database=None)
of_hypothesis.register_profile("random", deadline=None)
of_hypothesis.load_profile("same")
ROOMY_BYTES = 6_000_000_000
MEASURED = "measured"
MANY = 100
# What makes a password slow to try is slow for us too: quick hashes here, but for tests of the hashes themselves.
AS_SERVED, passwords.PARAMETERS = passwords.PARAMETERS, profiles.CHEAPEST
# A look that ends before it saw anything says nothing: that is right at a deposit, and no answer to a test.
first_look.FIRST_LOOK = replace(first_look.FIRST_LOOK, wall_s=120)
# On a busy machine any command may be slow, and is said to be.
OURS = {"SLOW_COMMAND_MS": "600000", "CLOCK": SHIFT}


class Clock:
    """The only clock of a test: it moves when told to."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def reset(self) -> None:
        self.now = START

    def advance(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@pytest.fixture(scope="session")
def engine_environment(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[dict[str, str]]:
    """The first worker to come starts the engines for all of them, and stops them when the others have left."""
    folder = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    told, present = folder / "engines.json", folder / f"{worker_id}.present"
    with (folder / "engines.lock").open("w") as lock, ExitStack() as leaving:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            present.touch()
            leaving.callback(present.unlink)
            await_until(told.exists, "the engines did not come")
            yield json.loads(told.read_text())
            return
        data = Path(leaving.enter_context(tempfile.TemporaryDirectory(prefix="e5-", dir=roomy_memory())))
        engines = leaving.enter_context(Engines.start(data, expiring=False, roomy=True))
        environment = engines.environment() | other_engines.environment(leaving, data) | OURS
        if ASKED:
            write_circular(DATES, data / "circulars")
            environment["REHEARSAL_CIRCULARS_DIR"] = str(data / "circulars")
        partial = told.with_suffix(".partial")
        partial.write_text(json.dumps(environment))
        partial.rename(told)
        yield environment
        await_until(lambda: not list(folder.glob("*.present")), "the others did not end", 600)


@pytest.fixture(scope="session")
def settings(engine_environment: dict[str, str], worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    parts = urlsplit(engine_environment["MONGODB_URI"])
    uri = urlunsplit(parts._replace(path=f"/test_{worker_id}"))
    chosen = {"MONGODB_URI": uri, "PUBLIC_URL": "http://localhost", "S3_BUCKET": f"test-{worker_id}"}
    chosen["MAIL_DIR"] = str(tmp_path_factory.mktemp("mail"))
    return Settings.from_environment({**engine_environment, **chosen})


@pytest.fixture(scope="session")
def connections(settings: Settings) -> Iterator[Connections]:
    opened = open_connections(settings)
    opened.storage.ensure_bucket()
    migrations.apply(opened.database)
    yield opened
    close_connections()


def roomy_memory() -> str | None:
    """Where engines need not wait for a disk, if there is much room there."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > ROOMY_BYTES else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long ones first: each worker begins with its share of them, and the short ones even out the end."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = [item for item in items if item.get_closest_marker("long")]
    short = [item for item in items if not item.get_closest_marker("long")]
    size = -(-len(short) // workers)
    items[:] = [
        item
        for worker in range(workers)
        for item in (*long[worker::workers], *short[worker * size : (worker + 1) * size])
    ]


def pytest_collection_finish() -> None:
    """What was loaded stays: it need not be looked through again and again for what could go."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What a test measured, and asserts nothing of, is printed at the end."""
    for report in terminalreporter.getreports("passed"):
        for name, words in report.user_properties:
            if name == MEASURED:
                terminalreporter.write_line(f"{report.nodeid}: {words}")


def empty(connections: Connections) -> None:
    """Of everything but what migrations record. One command finds what is held, another removes it; a collection that
    holds MANY rows or more is emptied by its own.
    """
    names = [name for name in connections.database.list_collection_names() if not name.startswith("system.")]
    first, *others = [name for name in names if name != migrations.RECORD]
    pipeline: list[dict[str, Any]] = [{"$limit": MANY}, {"$project": {"held": first}}]
    for name in others:
        few = [{"$limit": MANY}, {"$project": {"held": name}}]
        pipeline.append({"$unionWith": {"coll": name, "pipeline": few}})
    held: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in connections.database[first].aggregate(pipeline, batchSize=MANY * len(names)):
        held[row["held"]].append(row)
    for name in [name for name, rows in held.items() if len(rows) == MANY]:
        connections.database[name].delete_many({})
        del held[name]
    connections.written.clear()
    rows_at_once.remove(connections.database, held)


@pytest.fixture(autouse=True)
def states_as_told(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In the rooms whose acts move states, each move is one that `boards.lifecycles` tells."""
    with watched(monkeypatch) if request.path.parent in WATCHED else nullcontext():
        yield


@pytest.fixture
def store(connections: Connections) -> Connections:
    """Connections to an empty store, its indexes in place; no mail of another test is left."""
    empty(connections)
    assert connections.settings.mail_dir is not None
    for mail in connections.settings.mail_dir.iterdir():
        mail.unlink()
    return connections


@pytest.fixture
def bucket(store: Connections) -> None:
    """As empty as the store."""
    empty_bucket()


@pytest.fixture
def hashes_as_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PARAMETERS", AS_SERVED)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def later() -> datetime:
    """When nothing that was begun today is still on its way."""
    return long_after()


@pytest.fixture
def world(store: Connections, clock: Clock) -> World:
    return World(clock)


@pytest.fixture
def bound(world: World, tmp_path: Path) -> Iterator[World]:
    """The same world, under a circular that was read: its values refuse."""
    with reconciled(world, tmp_path):
        yield world


@pytest.fixture(scope="session")
def application(settings: Settings, connections: Connections) -> Iterator[Flask]:
    made = create_site(settings)
    made.jinja_env.undefined = StrictUndefined  # a name that no page was given is a mistake, not nothing
    yield made


@pytest.fixture
def app(application: Flask, store: Connections, clock: Clock) -> Flask:
    application.config["CLOCK"] = clock
    return application


@pytest.fixture
def client_for(app: Flask, clock: Clock) -> Callable[..., FlaskClient]:
    """A client signed in as a person (by bearer token), or a visitor's."""

    def make(person: Any = None) -> FlaskClient:
        client = app.test_client()
        if person is not None:
            client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {World.token_for(person, clock())}"
        return client

    return make


@pytest.fixture
def anonymous(client_for: Callable[..., FlaskClient]) -> FlaskClient:
    return client_for()


@pytest.fixture
def second_connection(settings: Settings) -> Iterator[MongoClient[dict[str, Any]]]:
    """A client of its own: what another process would see."""
    with MongoClient[dict[str, Any]](settings.mongodb_uri, tz_aware=True) as client:
        yield client


@pytest.fixture
def busy(world: World) -> World:
    return make_busy(world)


@pytest.fixture
def elsewhere(store: Connections, settings: Settings, engine_environment: dict[str, str]) -> Iterator[Elsewhere]:
    with restoring(settings, engine_environment) as made:
        yield made


@pytest.fixture
def set_up(store: Connections, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """From now on, with these settings changed."""

    def use(**changed: Any) -> None:
        settings = replace(store.settings, **changed)
        monkeypatch.setattr("portfolio.store.connections._opened", [replace(store, settings=settings)])

    return use


@pytest.fixture
def over_smtp(set_up: Callable[..., None]) -> Callable[[str], None]:
    """From now on, mails leave by the server at this address."""
    return lambda url: set_up(smtp_url=url)


@pytest.fixture
def worker(store: Connections, engine_environment: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts the real worker on this store."""
    started: list[subprocess.Popen[bytes]] = []
    environment = {**os.environ, **engine_environment, "MONGODB_URI": store.settings.mongodb_uri}
    environment |= {"PUBLIC_URL": store.settings.public_url, "S3_BUCKET": store.settings.s3_bucket}

    def start(**settings: str) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "worker.py"], cwd=ROOT, env=environment | settings))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
