"""The worker needs MongoDB alone: what is asked for is done at once, by as many workers as there are, whatever dies."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from config.processes import free_port
from config.settings import Settings
from portfolio.identity import accounts
from portfolio.store import outbox
from portfolio.store.connections import Connections
from tests.support.background.slow_mail_server import SlowMailServer, slow_mail_server
from tests.support.background.without_streams import without_streams
from tests.support.background.worker_figures import Starts, WorkerFigures
from tests.support.clock import now
from tests.support.mails.mailbox import ROOT, Received, deliver, mail_server, rows
from tests.support.waiting import LONG_S, await_until
from tests.support.worlds.world import World

AT_ONCE_S = 2  # a sweep comes each minute


def invite(world: World, name: str) -> None:
    said = {"email": f"{name}@exemple.fr", "family_name": "Durand", "given_names": "Ana", "role": "teacher"}
    accounts.invite_to_school(world.actor(world.office), world.school, said, world.clock())


def at_work(start: Starts, count: int, **settings: str) -> list[WorkerFigures]:
    workers = [WorkerFigures(start, **settings) for _ in range(count)]
    await_until(lambda: all(worker.text() for worker in workers))
    return workers


def seconds_to_arrive(received: Received, ask: Callable[[], None]) -> float:
    before, asked = len(received.envelopes), time.monotonic()
    ask()
    await_until(lambda: len(received.envelopes) > before)
    return time.monotonic() - asked


def test_a_mail_leaves_at_once_and_a_later_row_when_it_is_due(store: Connections, worker: Starts) -> None:
    world, port = World(now), free_port()
    with mail_server(port) as received:
        at_work(worker, 1, SMTP_URL=f"smtp://127.0.0.1:{port}")
        for name in ("ana", "leo", "zoe"):
            assert seconds_to_arrive(received, lambda name=name: invite(world, name)) < AT_ONCE_S
        await_until(lambda: all(row["done_at"] for row in rows(store)))
        asked, due = now(), world.later(seconds=1.5)
        store.database["outbox"].update_one({}, {"$set": {"done_at": None, "due_at": due}})
        await_until(lambda: len(received.envelopes) == 4)
        await_until(lambda: rows(store)[0]["done_at"])
        assert due <= rows(store)[0]["done_at"] < asked + timedelta(seconds=6), "it waited for the minute's sweep"
    assert len({message["Message-ID"] for message in received.messages}) == 3


def test_a_stream_that_the_server_ends_is_opened_again(store: Connections, worker: Starts) -> None:
    world, port, database = World(now), free_port(), store.database
    with mail_server(port) as received:
        at_work(worker, 1, SMTP_URL=f"smtp://127.0.0.1:{port}")
        assert seconds_to_arrive(received, lambda: invite(world, "ana")) < AT_ONCE_S
        await_until(lambda: all(row["done_at"] for row in rows(store)))
        database["outbox"].rename("outbox_away")  # no stream outlives the name of its collection
        database["outbox_away"].rename("outbox")
        invite(world, "leo")
        await_until(lambda: len(received.envelopes) == 2)
        assert seconds_to_arrive(received, lambda: invite(world, "zoe")) < AT_ONCE_S


def test_where_no_stream_opens_the_sweep_still_delivers_and_says_so_once(
    store: Connections, worker: Starts, engine_environment: dict[str, str], settings: Settings
) -> None:
    world, port = World(now), free_port()
    environment = {**os.environ, **engine_environment, "PUBLIC_URL": "http://localhost"}
    with mail_server(port) as received, without_streams(settings.mongodb_uri) as uri:
        environment |= {"MONGODB_URI": uri, "SMTP_URL": f"smtp://127.0.0.1:{port}", "S3_BUCKET": settings.s3_bucket}
        process = subprocess.Popen([sys.executable, "worker.py"], cwd=ROOT, env=environment, stderr=subprocess.PIPE)
        try:
            for name in ("ana", "leo"):
                seconds_to_arrive(received, lambda name=name: invite(world, name))
        finally:
            process.terminate()
            _, written = process.communicate(timeout=LONG_S)
    said = Counter(json.loads(line)["event"] for line in written.splitlines())
    assert said["wake_lost"] == 1 and set(said) <= {"wake_lost", "engine_down", "anchor_kept_nowhere"}
    assert process.returncode == 0


def seconds_for_all(store: Connections, server: SlowMailServer, count: int) -> float:
    """From the moment that all rows are due until the last mail has arrived; each of them came once."""
    server.arrived.clear()
    waiting = {"done_at": None, "attempts": 0, "due_at": now()}
    begun = time.monotonic()
    assert store.database["outbox"].update_many({}, {"$set": waiting}).matched_count == count
    await_until(lambda: len(server.arrived) >= count, seconds=600)
    took = time.monotonic() - begun
    await_until(lambda: all(row["done_at"] for row in rows(store)))
    assert len(server.arrived) == len(set(server.arrived)) == count
    assert {row["attempts"] for row in rows(store)} == {1}
    return took


def four_against_one(store: Connections, worker: Starts, count: int, delay_s: float) -> None:
    """One mail at a time each, so that the mail server decides and not how many processors are left to this test."""
    world = World(now)
    for number in range(count):
        invite(world, f"p{number}")
    store.database["outbox"].update_many({}, {"$set": {"due_at": world.later(days=1)}})
    with slow_mail_server(delay_s) as server:
        settings = {"SMTP_URL": server.url, "WORKER_DELIVERIES": "1"}
        (alone,) = at_work(worker, 1, **settings)
        one = seconds_for_all(store, server, count)
        at_work(worker, 3, **settings)
        four = seconds_for_all(store, server, count)
        assert one / four >= 2.5, f"{count} mails: {one:.1f} s by one worker, {four:.1f} s by four"
        killed_in_the_middle(store, server, alone.process, count)


def killed_in_the_middle(
    store: Connections, server: SlowMailServer, process: subprocess.Popen[bytes], count: int
) -> None:
    """One of four is killed: what it had in hand waits for its lease, everything else is done by the others."""
    server.arrived.clear()
    store.database["outbox"].update_many({}, {"$set": {"done_at": None, "attempts": 0, "due_at": now()}})
    await_until(lambda: len(server.arrived) > count // 3)
    process.kill()
    await_until(lambda: sum(row["done_at"] is None for row in rows(store)) <= 1, seconds=600)
    left = [row for row in rows(store) if row["done_at"] is None]
    await_until(lambda: all(row["leased_until"] for row in rows(store) if row["done_at"] is None))
    deliver(lambda: now() + outbox.LEASE)  # as the next worker will, when the lease is over
    copies = Counter(server.arrived)
    by_file = {f"<{row['_id']}@localhost>" for row in left}
    assert len(set(copies) | by_file) == count
    assert max(copies.values()) == 1
    assert all(row["done_at"] for row in rows(store))


@pytest.mark.long
def test_four_workers_send_much_faster_than_one_each_mail_once_and_a_kill_loses_none(
    store: Connections, worker: Starts
) -> None:
    four_against_one(store, worker, 100, delay_s=0.15)


@pytest.mark.endure
def test_two_thousand_mails_by_four_workers(store: Connections, worker: Starts) -> None:
    four_against_one(store, worker, 2000, delay_s=0.05)


def test_of_two_workers_one_takes_each_turn_of_the_clock_and_tells_its_figures(
    store: Connections, worker: Starts
) -> None:
    at = datetime.now(UTC)
    shift = (50 - at.second) % 60  # their clock says ten seconds before the minute
    workers = at_work(worker, 2, CLOCK=f"+{shift}s")
    tasks = ("bounces", "overfull", "tidy", "views")

    def count() -> dict[str, float]:
        told = [worker.of("portfolio_turns_total") for worker in workers]
        return {task: sum(figures.get(("done", task), 0) for figures in told) for task in tasks}

    await_until(lambda: min(count().values()) >= 1)
    time.sleep(2)
    assert {task: count()[task] for task in ("bounces", "overfull")} == {"bounces": 1, "overfull": 1}
    assert 1 <= count()["tidy"] <= 2  # each worker asks for it as it starts
    for worker_told in workers:  # whoever did it
        done = worker_told.of("portfolio_turn_last_success_timestamp_seconds")
        assert {task for (task,) in done} == {"bounces", "overfull", "tidy", "views"}
        assert all(abs(value - at.timestamp() - shift) < LONG_S for value in done.values())


def test_a_worker_tells_its_deliveries_and_what_waits(store: Connections, worker: Starts) -> None:
    world, port = World(now), free_port()
    with mail_server(port) as received:
        received.refuses["leo@exemple.fr"] = "451 plus tard"
        (told,) = at_work(worker, 1, SMTP_URL=f"smtp://127.0.0.1:{port}")
        for name in ("ana", "leo"):
            invite(world, name)
        await_until(lambda: len(told.of("portfolio_errands_total")) == 2)
    assert told.of("portfolio_errands_total") == {("invitation", "sent"): 1, ("invitation", "put_off"): 1}
    assert told.of("portfolio_outbox_waiting") == {(): 1} == told.of("portfolio_outbox_failing")
    store.database["outbox"].update_one({"done_at": None}, {"$set": {"due_at": now() - timedelta(minutes=5)}})
    assert re.search(r"\nportfolio_outbox_late_seconds \d", told.text())


def test_a_port_that_is_taken_costs_figures_and_no_mail(store: Connections, worker: Starts) -> None:
    world, port = World(now), free_port()
    with mail_server(port) as received:
        settings = {"SMTP_URL": f"smtp://127.0.0.1:{port}", "WORKER_METRICS_PORT": str(port)}
        worker(**settings)
        invite(world, "ana")
        await_until(lambda: len(received.envelopes) == 1)


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
