"""The document store goes away under a serving process, and comes back: nothing lost, nobody restarted."""

from __future__ import annotations

import os
import selectors
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from portfolio.documents import Company
from portfolio.store.connections import Connections
from tests.support.waiting import await_until
from tests.support.worlds.world import World

ROOT = Path(__file__).parents[3]
COMPANY = {"siret": "73282932000074", "name": "Assurances du Rhône", "city": "Lyon"}


class Cable:
    """Between the service and its store: whatever comes to `port` is carried to `target`, until it is cut."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self.ends: list[socket.socket] = []
        self.lock = threading.Lock()
        self.plug(0)
        self.port = self.listener.getsockname()[1]

    def plug(self, port: int) -> None:
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def cut(self) -> None:
        with self.lock:
            for end in (self.listener, *self.ends):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)  # closing alone wakes nobody up who waits in accept() or select()
                end.close()
            self.ends.clear()

    def _accept(self, listener: socket.socket) -> None:
        try:
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self.target)
                with self.lock:
                    if listener.fileno() < 0:  # cut meanwhile
                        near.close()
                        far.close()
                        return
                    self.ends += [near, far]
                threading.Thread(target=_carry, args=(near, far), daemon=True).start()
        except OSError:
            return


def _carry(near: socket.socket, far: socket.socket) -> None:
    with near, far, selectors.DefaultSelector() as ready:
        try:
            ready.register(near, selectors.EVENT_READ, far)
            ready.register(far, selectors.EVENT_READ, near)
            while True:
                for key, _ in ready.select(0.2):
                    data = key.fileobj.recv(65536)
                    if not data:
                        return
                    key.data.sendall(data)
        except (OSError, ValueError):
            return


@pytest.fixture
def cable(store: Connections) -> Iterator[Cable]:
    host, _, port = urlsplit(store.settings.mongodb_uri).netloc.rpartition("@")[2].partition(":")
    made = Cable((host, int(port)))
    yield made
    made.cut()


Serving = Callable[[], AbstractContextManager[str]]


@pytest.fixture
def serving(store: Connections, engine_environment: dict[str, str], cable: Cable) -> Serving:
    return partial(served, store, engine_environment, cable)


@pytest.fixture
def service(serving: Serving) -> Iterator[str]:
    with serving() as address:
        yield address


@contextmanager
def served(store: Connections, engine_environment: dict[str, str], cable: Cable) -> Iterator[str]:
    """The address of a production process that reaches its store by the cable."""
    address = urlsplit(store.settings.mongodb_uri)
    account = address.netloc.rpartition("@")[0]
    uri = f"mongodb://{account}@127.0.0.1:{cable.port}{address.path}?directConnection=true&authSource=admin"
    with socket.create_server(("127.0.0.1", 0)) as free:
        site = f"127.0.0.1:{free.getsockname()[1]}"
    environment = {**os.environ, **engine_environment, "MONGODB_URI": uri, "PUBLIC_URL": f"http://{site}"}
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "8", "--bind", site]
    process = subprocess.Popen([*command, "--log-level", "error", "wsgi:app"], cwd=ROOT, env=environment)
    try:
        await_until(lambda: answers(f"http://{site}/api/v1/health"))
        yield f"http://{site}/api/v1"
    finally:
        process.terminate()
        process.wait(15)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def test_a_lost_store_is_said_and_found_again(world: World, service: str, cable: Cable) -> None:
    token, companies = World.token_for(world.office, world.clock()), f"/schools/{world.school.id}/companies"
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "une-entreprise"}
    with httpx.Client(base_url=service, headers=headers, timeout=30) as office:
        assert office.get("/candidacies").status_code == 200
        port = cable.port
        cable.cut()
        asks: list[Callable[[], Any]] = [
            lambda: office.get("/candidacies"),
            lambda: office.post(companies, json=COMPANY),
            lambda: office.post("/sign-in", json={"email": "a@exemple.fr", "password": "faux"}),
        ]
        with ThreadPoolExecutor(len(asks)) as threads:
            refused = list(threads.map(lambda ask: ask(), asks))
        for answer in refused:
            assert answer.status_code == 503, answer.text
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.headers["Retry-After"] == "5"
            said = answer.json()
            assert said["code"] == "engine_unavailable"
            assert "Rien n'a été perdu" in said["detail"]
            assert "127.0.0.1" not in answer.text
        assert office.get("/health").status_code == 200
        assert Company.objects.count() == 0

        cable.plug(port)
        await_until(lambda: office.get("/candidacies").status_code == 200)
        made = [office.post(companies, json=COMPANY) for _ in range(2)]
        assert [answer.status_code for answer in made] == [201, 201]
        assert Company.objects.count() == 1


@pytest.mark.endure
def test_a_service_started_while_its_store_is_down_says_so_and_serves_once_it_is_back(
    world: World, cable: Cable, serving: Serving
) -> None:
    """A worker that did not start would end gunicorn, and with it those that still answer."""
    token, port = World.token_for(world.office, world.clock()), cable.port
    cable.cut()
    headers = {"Authorization": f"Bearer {token}"}
    with serving() as service, httpx.Client(base_url=service, headers=headers, timeout=30) as office:
        refused = office.get("/candidacies")
        assert (refused.status_code, refused.json()["code"]) == (503, "not_ready")
        assert refused.headers["Retry-After"] == "5"
        assert office.get("/ready").status_code == 503
        cable.plug(port)
        await_until(lambda: office.get("/candidacies").status_code == 200)
