"""Engines that accept and never answer: a supervisor and a balancer hear the truth in time, and people are not kept."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

import httpx
import pytest

from config.threads import PROBING, SHARES
from portfolio.store.connections import Connections
from portfolio.store.objects.breaker import SILENCES
from tests.support.api.requests import API
from tests.support.cable import HOST, THREADS, Cable, documents_by, served, to_documents, to_objects
from tests.support.waiting import await_until
from tests.support.worlds.world import World

USUAL_S, WORST_S = 0.1, 0.5  # of a machine that runs other tests meanwhile
READY_S = 2.0
BOUND_S = 5.0


class Night(NamedTuple):
    site: str
    documents: Cable
    objects: Cable


@pytest.fixture
def night(world: World, store: Connections, engine_environment: dict[str, str]) -> Iterator[Night]:
    """A service of one worker, of THREADS requests at once, by cables to both engines."""
    assert world.activity  # before a service writes beside it
    with to_documents(store) as documents, to_objects(store) as objects:
        own = {"MONGODB_URI": documents_by(documents, store), "S3_BUCKET": store.settings.s3_bucket}
        own["S3_ENDPOINT_URL"] = f"http://{HOST}:{objects.port}"
        with served({**engine_environment, **own}) as site:
            await_until(lambda: httpx.get(f"{site}/readyz", timeout=30).status_code == 200, "it is never ready")
            yield Night(site, documents, objects)


def health_answered_in(site: str) -> float:
    """Returns the seconds from connecting, as a supervisor does each time, to the answer."""
    began = time.monotonic()
    line = http.client.HTTPConnection(site.removeprefix("http://"), timeout=30)
    try:
        line.request("GET", "/healthz")
        assert line.getresponse().status == 200
    finally:
        line.close()
    return time.monotonic() - began


@contextmanager
def health_watched(site: str) -> Iterator[list[float]]:
    """Yields the seconds that each question to /healthz takes, asked again and again within the block."""
    took: list[float] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            took.append(health_answered_in(site))

    with ThreadPoolExecutor(1) as threads:
        watching = threads.submit(watch)
        try:
            yield took
        finally:
            over.set()
            watching.result()


def timed(ask: Callable[[], httpx.Response]) -> tuple[float, httpx.Response]:
    began = time.monotonic()
    answer = ask()
    return time.monotonic() - began, answer


def assert_healthy(took: list[float]) -> None:
    assert len(took) > 20, took
    assert sorted(took)[int(0.95 * len(took))] < USUAL_S, sorted(took)[-10:]
    assert max(took) < WORST_S, sorted(took)[-10:]


def assert_unready(site: str, engine: str) -> None:
    seconds, answer = timed(lambda: httpx.get(f"{site}/readyz", timeout=30))
    assert (answer.status_code, list(answer.json()["errors"])) == (503, [engine])
    assert seconds < READY_S


def test_a_silent_object_store_holds_nobody_for_long(world: World, night: Night) -> None:
    file = world.send(world.new_piece())  # its parts are there; what is asked of it asks the store
    headers = {"Authorization": f"Bearer {World.token_for(world.candidate, world.clock())}"}
    with httpx.Client(base_url=f"{night.site}{API}", headers=headers, timeout=60) as candidate:

        def ask(_: int) -> tuple[float, httpx.Response]:
            return timed(lambda: candidate.get(f"/files/{file.id}"))

        assert ask(0)[1].status_code == 200
        night.objects.hush()
        crowd = 2 * THREADS
        with health_watched(night.site) as took, ThreadPoolExecutor(crowd) as threads:
            first = list(threads.map(ask, range(crowd)))
            assert_unready(night.site, "object_store")
        assert_healthy(took)
        assert {answer.status_code for _, answer in first} == {503}
        assert max(seconds for seconds, _ in first) < BOUND_S, [seconds for seconds, _ in first]
        seconds, next_one = ask(0)
        assert (next_one.status_code, next_one.json()["code"]) == (503, "engine_unavailable")
        assert seconds < 1
        assert 1 <= int(next_one.headers["Retry-After"]) <= 10
        assert candidate.get("/me").status_code == 200  # what needs no file goes on

        night.objects.speak()
        await_until(lambda: ask(0)[1].status_code == 200, "the store is never asked again", 30)
        await_until(lambda: httpx.get(f"{night.site}/readyz", timeout=30).status_code == 200, "it is never ready")
    assert crowd > THREADS > SILENCES


def test_a_silent_database_is_told_in_time(world: World, night: Night) -> None:
    headers = {"Authorization": f"Bearer {World.token_for(world.candidate, world.clock())}"}
    with httpx.Client(base_url=f"{night.site}{API}", headers=headers, timeout=60) as candidate:
        crowd = THREADS + PROBING + 2
        night.documents.hush()
        with health_watched(night.site) as took, ThreadPoolExecutor(crowd) as threads:
            answers = threads.map(lambda _: candidate.get("/me"), range(crowd))
            for _ in range(2):
                assert_unready(night.site, "document_store")
            night.documents.cut()
            assert {answer.status_code for answer in answers} == {503}
        assert_healthy(took)
        night.documents.hushed = False
        night.documents.plug(night.documents.port)
        await_until(lambda: candidate.get("/me").status_code == 200, "the database is never found again")
        await_until(lambda: httpx.get(f"{night.site}/readyz", timeout=30).status_code == 200, "it is never ready")


def test_beyond_those_who_wait_the_next_are_refused_in_words(world: World, night: Night) -> None:
    night.documents.hush()
    crowd = THREADS + SHARES.waiting + 6
    limits = httpx.Limits(max_connections=None)
    headers = {"Authorization": f"Bearer {World.token_for(world.candidate, world.clock())}"}
    with (
        httpx.Client(base_url=f"{night.site}{API}", headers=headers, timeout=120, limits=limits) as people,
        ThreadPoolExecutor(crowd) as threads,
    ):
        asked = [threads.submit(people.get, "/me") for _ in range(crowd)]
        await_until(lambda: sum(ask.done() for ask in asked) >= 6, "nobody is refused")
        refused = [ask.result() for ask in asked if ask.done()]
        assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(503, "too_busy")}
        assert refused[0].headers["Retry-After"] == "5"
        assert health_answered_in(night.site) < WORST_S
        night.documents.speak()  # those who wait are answered, and the test ends soon
