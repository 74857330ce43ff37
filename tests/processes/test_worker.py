"""huey carries the work, on SQLite or on Redis: what is asked for is done at once, whatever befalls the queue."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis

from config.processes import binary, free_port
from config.queue import open_queue, sweeper, waker
from config.settings import Settings
from portfolio.identity import accounts
from portfolio.store.connections import Connections
from tests.support.clock import now
from tests.support.mailbox import ROOT, mail_server, rows
from tests.support.waiting import LONG_S, await_until
from tests.support.worlds.world import World

Starts = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server, of this test alone."""
    home, port = tmp_path_factory.mktemp("redis"), free_port()
    command = [binary("redis-server", package="none"), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    server = subprocess.Popen([*command, "--dir", str(home)], stdout=subprocess.DEVNULL)
    client = redis.Redis(port=port)
    await_until(lambda: _answers(client))
    yield f"redis://127.0.0.1:{port}/0"
    client.close()
    server.terminate()
    server.wait()


def _answers(client: Any) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@pytest.fixture(params=["sqlite", "redis"])
def queue_settings(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Settings:
    if request.param == "sqlite":
        return replace(settings, queue_path=tmp_path / "queue.sqlite")
    return replace(settings, queue_path=None, redis_url=request.getfixturevalue("redis_url"))


def environment_of(settings: Settings) -> dict[str, str]:
    """What tells the worker of this queue."""
    return {"REDIS_URL": settings.redis_url or "", "QUEUE_PATH": str(settings.queue_path or "")}


def invite(world: World, name: str) -> None:
    said = {"email": f"{name}@exemple.fr", "family_name": "Durand", "given_names": "Ana", "role": "teacher"}
    accounts.invite_to_school(world.actor(world.office), world.school, said, world.clock())


def test_an_act_wakes_the_worker_and_a_later_row_is_done_when_it_is_due(
    store: Connections, worker: Starts, queue_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portfolio.store.connections._opened", [replace(store, wake=waker(queue_settings))])
    world, port = World(now), free_port()
    with mail_server(port) as received:
        process = worker(SMTP_URL=f"smtp://127.0.0.1:{port}", **environment_of(queue_settings))
        invite(world, "ana")
        await_until(lambda: [row["outcome"] for row in rows(store) if row["done_at"]] == ["sent"])
        asked, due = now(), world.later(seconds=1.5)
        store.database["outbox"].update_many({}, {"$set": {"done_at": None, "due_at": due}})
        waker(queue_settings)()
        await_until(lambda: len(received.envelopes) == 2)
        await_until(lambda: rows(store)[0]["done_at"])
        assert due <= rows(store)[0]["done_at"] < asked + timedelta(seconds=6), "it waited for the minute's sweep"
        process.terminate()
        assert process.wait(LONG_S) == 0
    assert len({message["Message-ID"] for message in received.messages}) == 1


def test_a_queue_that_is_down_fails_no_act(world: World, store: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row stands with the act: the worker finds it within the minute."""
    down = replace(store.settings, redis_url=f"redis://127.0.0.1:{free_port()}/0")
    monkeypatch.setattr("portfolio.store.connections._opened", [replace(store, wake=waker(down))])
    invite(world, "ana")
    assert len(rows(store)) == 1


def test_a_message_that_somebody_else_wrote_is_not_run(queue_settings: Settings, tmp_path: Path) -> None:
    """huey's messages are pickles, and a pickle runs what it likes."""
    touched = tmp_path / "touched"

    class Hostile:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (touched,)

    queue = open_queue(queue_settings)
    queue.storage.flush_all()
    sweeper(queue, lambda: None)
    queue.storage.enqueue(pickle.dumps(Hostile()), 0)
    with pytest.raises(ValueError, match="(?i)signature|separator"):
        queue.dequeue()
    assert not touched.exists()


@pytest.mark.parametrize("behind", ["empty", "down"])
def test_a_worker_does_not_serve_a_database_that_is_behind_or_down(
    engine_environment: dict[str, str], settings: Settings, behind: str
) -> None:
    uri = settings.mongodb_uri.replace("/test_", "/behind_")
    if behind == "down":
        uri = f"mongodb://127.0.0.1:{free_port()}/portfolio"
    environment = {**os.environ, **engine_environment, "MONGODB_URI": uri, "PUBLIC_URL": "http://localhost"}
    ended = subprocess.run(
        [sys.executable, "worker.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert ("python commands.py migrate" if behind == "empty" else "ne répond pas") in ended.stderr


def test_a_stop_waits_for_the_mail_in_hand_and_leaves_the_others(
    store: Connections, worker: Starts, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, port = World(now), free_port()
    for name in ("ana", "leo", "zoe", "lou", "max", "eva", "tom", "lea"):
        invite(world, name)
    with mail_server(port) as received:
        process, asked = worker(SMTP_URL=f"smtp://127.0.0.1:{port}"), threading.Lock()

        def stop_then_answer() -> None:
            if asked.acquire(blocking=False):  # two mails may be in hand, and a second signal means « at once »
                process.send_signal(signal.SIGTERM)
            time.sleep(1)

        received.before_answer = stop_then_answer
        assert process.wait(LONG_S) == 0
    left = [row for row in rows(store) if row["done_at"] is None]
    assert len(received.envelopes) + len(left) == 8
    assert len(received.envelopes) < 8
    assert all(row["leased_until"] is None for row in left if row["attempts"])
