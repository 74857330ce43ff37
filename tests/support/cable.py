"""A service as one production process, and the cables to its engines: pulled out, gone silent, plugged in again."""

from __future__ import annotations

import os
import selectors
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from urllib.parse import urlsplit

import httpx

from portfolio.store.connections import Connections
from tests.support.mails.mailbox import ROOT
from tests.support.waiting import await_until

HOST = "127.0.0.1"
THREADS = 8


class Cable:
    """Between the service and an engine: whatever comes to `port` is carried to `target`, until it is cut.

    Hushed, it accepts connections and carries nothing, as a machine that hangs.
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self.ends: list[socket.socket] = []
        self.lock = threading.Lock()
        self.hushed = False
        self.plug(0)
        self.port = self.listener.getsockname()[1]

    def plug(self, port: int) -> None:
        self.listener = socket.create_server((HOST, port))
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def cut(self) -> None:
        with self.lock:
            _close(self.listener)
            self._hang_up()

    def hush(self) -> None:
        self.hushed = True

    def speak(self) -> None:
        """Carries again, by new connections: what was said meanwhile is lost."""
        with self.lock:
            self.hushed = False
            self._hang_up()

    def _hang_up(self) -> None:
        for end in self.ends:
            _close(end)
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
                threading.Thread(target=self._carry, args=(near, far), daemon=True).start()
        except OSError:
            return

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        with near, far, selectors.DefaultSelector() as ready:
            try:
                ready.register(near, selectors.EVENT_READ, far)
                ready.register(far, selectors.EVENT_READ, near)
                while True:
                    for key, _ in ready.select(0.2):
                        data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                        if not data:
                            return
                        if not self.hushed:
                            key.data.sendall(data)
            except (OSError, ValueError):
                return


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)  # closing alone wakes nobody up who waits in accept() or select()
    end.close()


@contextmanager
def _to(address: str) -> Iterator[Cable]:
    host, _, port = address.rpartition("@")[2].partition(":")
    made = Cable((host, int(port)))
    try:
        yield made
    finally:
        made.cut()


def to_documents(store: Connections) -> AbstractContextManager[Cable]:
    return _to(urlsplit(store.settings.mongodb_uri).netloc)


def to_objects(store: Connections) -> AbstractContextManager[Cable]:
    return _to(urlsplit(store.settings.s3_endpoint_url).netloc)


def documents_by(cable: Cable, store: Connections) -> str:
    """Returns the MONGODB_URI of this store by that cable."""
    address = urlsplit(store.settings.mongodb_uri)
    account = address.netloc.rpartition("@")[0]
    return f"mongodb://{account}@{HOST}:{cable.port}{address.path}?directConnection=true&authSource=admin"


@contextmanager
def served(environment: Mapping[str, str]) -> Iterator[str]:
    """Yields the address of one production process with these settings."""
    with socket.create_server((HOST, 0)) as free:
        site = f"{HOST}:{free.getsockname()[1]}"
    own = {"PUBLIC_URL": f"http://{site}", "BIND": site, "WEB_CONCURRENCY": "1"}
    usual = {"WEB_THREADS": str(THREADS), "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "wsgi:app"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **usual, **environment, **own})
    try:
        await_until(lambda: process.poll() is not None or _lives(f"http://{site}"), "gunicorn does not start")
        assert process.poll() is None, "gunicorn ended"
        yield f"http://{site}"
    finally:
        process.terminate()
        process.wait(15)


def _lives(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
