"""gunicorn loads the application once, before it forks: no connection is handed down, a reload brings new code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from config.processes import free_port
from config.settings import Settings
from portfolio.store.connections import Connections
from tests.support.mails.mailbox import ROOT
from tests.support.waiting import await_until

HOST = "127.0.0.1"
WORKERS = 2
MISSED = 'status="404"'
GUNICORN = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "wsgi:app"]
TOKEN = "f" * 40  # noqa: S105 - opens /metrics of this test


class Served:
    """gunicorn with WORKERS workers. master: its process."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.site, self.folder = f"{HOST}:{free_port()}", folder
        own = {"PUBLIC_URL": f"http://{self.site}", "BIND": self.site, "WEB_CONCURRENCY": str(WORKERS)}
        own |= {"METRICS_TOKEN": TOKEN, "LOG_LEVEL": "ERROR", "TMPDIR": str(folder)}
        addresses = (environment["MONGODB_URI"], environment["S3_ENDPOINT_URL"])
        self.documents, self.objects = (_port_of(address) for address in addresses)
        self.master = subprocess.Popen(GUNICORN, cwd=ROOT, env={**os.environ, **environment, **own})

    @property
    def workers(self) -> set[int]:
        return {int(pid) for pid in self._of(self.master.pid, "children").split()}

    def ask(self, path: str, **headers: str) -> httpx.Response:
        """By a connection of its own: any worker may answer."""
        return httpx.get(f"http://{self.site}{path}", headers=headers, timeout=30)

    def answers(self) -> bool:
        try:
            return self.ask("/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def engines_of(self, pid: int) -> set[int]:
        """Returns the ports of the engines that this process holds a connection to."""
        held = {os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
        rows = [row.split() for row in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
        return {int(row[2].split(":")[1], 16) for row in rows if f"socket:[{row[9]}]" in held} & {
            self.documents,
            self.objects,
        }

    def threads_of(self, pid: int) -> int:
        return len(list(Path(f"/proc/{pid}/task").iterdir()))

    @staticmethod
    def _of(pid: int, name: str) -> str:
        return Path(f"/proc/{pid}/task/{pid}/{name}").read_text()


@pytest.fixture
def served(
    engine_environment: dict[str, str], settings: Settings, store: Connections, tmp_path: Path
) -> Iterator[Served]:
    service = Served(engine_environment | {"MONGODB_URI": settings.mongodb_uri}, tmp_path)
    try:
        await_until(lambda: service.master.poll() is not None or service.answers(), "gunicorn does not start")
        assert service.master.poll() is None
        yield service
    finally:
        service.master.terminate()
        assert service.master.wait(40) == 0
    assert not list(tmp_path.glob("portfolio-metrics-*"))


def asked_until_each_answers(service: Served) -> None:
    """Every worker has spoken to the document store by then."""

    def each_has_spoken() -> bool:
        assert service.ask("/readyz").status_code == 200
        return all(service.documents in service.engines_of(pid) for pid in service.workers)

    await_until(each_has_spoken, "a worker never answers")


def test_each_worker_has_connections_of_its_own_and_the_master_none(served: Served) -> None:
    asked_until_each_answers(served)
    assert len(served.workers) == WORKERS
    assert served.engines_of(served.master.pid) == set()
    assert served.threads_of(served.master.pid) == 1, "a lock that another thread holds would be locked for ever"
    inodes = [_sockets(pid) - _sockets(served.master.pid) for pid in sorted(served.workers)]
    assert all(inodes)
    assert not inodes[0] & inodes[1], "two workers speak by one connection"


def test_a_worker_that_is_killed_is_replaced_by_one_that_answers(served: Served) -> None:
    asked_until_each_answers(served)
    killed = min(served.workers)
    os.kill(killed, signal.SIGKILL)
    await_until(lambda: len(served.workers - {killed}) == WORKERS, "nobody took its place")
    asked_until_each_answers(served)
    assert served.engines_of(served.master.pid) == set()


def test_figures_are_those_of_all_workers(served: Served) -> None:
    def counted() -> float:
        told = served.ask("/metrics", Authorization=f"Bearer {TOKEN}").text
        (line,) = [
            line for line in told.splitlines() if line.startswith("portfolio_requests_total{") and MISSED in line
        ]
        return float(line.rpartition(" ")[2])

    for number in range(1, 11):
        assert served.ask("/nowhere").status_code == 404
        assert counted() == number


def test_a_reload_brings_new_code_and_drops_nobody(served: Served) -> None:
    """What is loaded before the fork stays what it was, unless the master loads anew: its memory says that it did."""
    asked_until_each_answers(served)
    before, loaded = served.workers, _loaded_at(served.master.pid)
    served.master.send_signal(signal.SIGHUP)
    served.master.send_signal(signal.SIGHUP)

    def renewed() -> bool:
        assert served.ask("/healthz").status_code == 200
        return bool(served.workers) and not served.workers & before

    await_until(renewed, "the workers of before never leave")
    assert _loaded_at(served.master.pid) != loaded
    asked_until_each_answers(served)
    assert len(served.workers) == WORKERS
    assert len(list(served.folder.glob("portfolio-metrics-*"))) == 1


def _port_of(address: str) -> int:
    port = urlsplit(address.replace("mongodb:", "http:")).port
    assert port is not None
    return port


def _loaded_at(pid: int) -> str:
    """Returns where the program stands in the memory of this process: elsewhere each time that it is executed."""
    return Path(f"/proc/{pid}/maps").read_text().split("\n", 1)[0]


def _sockets(pid: int) -> set[str]:
    held = {os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    return {one for one in held if one.startswith("socket:")}
