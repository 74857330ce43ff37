"""The whole service as it runs in production (gunicorn, worker.py), on engines of its own that a test may kill."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from pymongo import MongoClient

from config.embedded import Engines
from config.processes import HOST, EngineProcess, die_with, free_port
from tests.support.clock import SHIFT
from tests.support.waiting import await_until

logging.getLogger("httpx").setLevel(logging.WARNING)
ROOT = Path(__file__).parents[2]
APPLICATION_WORKERS = 2
RESTART_S = 1


class KillableEngines(Engines):
    """Which a supervisor starts again on the same data and ports, as systemd would."""

    def kill(self, name: str) -> None:
        popen = self._of(name).popen
        popen.kill()
        popen.wait()

    def start_again(self, name: str) -> None:
        self._of(name).start()

    def step_down(self, seconds: int) -> None:
        """The primary gives up its place; alone in its set, it takes it back once the time is over."""
        client: MongoClient[Any] = MongoClient(
            HOST,
            self._mongod_port,
            directConnection=True,
            username="__system",
            password=self._secrets["mongodb_keyfile"],
            authSource="local",
        )
        with client:
            client.admin.command("replSetStepDown", seconds, force=True)

    def _of(self, name: str) -> EngineProcess:
        return next(process for process in self._processes if process.name == name)


class Service:
    def __init__(self, folder: Path, candidates: int) -> None:
        self.folder = folder
        self.engines = KillableEngines.start(folder / "data", expiring=False)
        self.address = f"{HOST}:{free_port()}"
        told = {"PUBLIC_URL": f"http://{self.address}", "BIND": self.address, "LOG_LEVEL": "ERROR", "CLOCK": SHIFT}
        self.environment = {**os.environ, **self.engines.environment(), **told}
        self.environment["WEB_CONCURRENCY"] = str(APPLICATION_WORKERS)
        self.mails = Path(self.environment["MAIL_DIR"])
        self.seeded = json.loads(self.run("-m", "tests.crashes.seed", str(candidates)).stdout)
        command = ["-m", "gunicorn", "--config", "config/gunicorn.py", "wsgi:app"]
        self.gunicorn = self._start("gunicorn", *command)
        self.ending = threading.Event()
        self.supervisor = threading.Thread(target=self._supervise, daemon=True)
        self.supervisor.start()
        await_until(self.answers, "the application does not start")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of the project, to its end."""
        asked = [sys.executable, *arguments]
        done = subprocess.run(asked, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def _start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                preexec_fn=partial(die_with, os.getpid()),
            )

    def _supervise(self) -> None:
        """The worker is started again whenever it ends, as its unit says (`Restart=always`)."""
        while not self.ending.is_set():
            self.worker = self._start("worker", "worker.py")
            self.worker.wait()
            self.ending.wait(RESTART_S)

    def stop(self) -> None:
        self.gunicorn.send_signal(signal.SIGINT)  # at once: there is nobody left to serve
        self.ending.set()
        self.worker.kill()
        self.supervisor.join()
        self.gunicorn.wait(60)
        self.engines.stop()

    # --- what may be killed -----------------------------------------------------------------------

    def application_workers(self) -> set[int]:
        children = Path(f"/proc/{self.gunicorn.pid}/task/{self.gunicorn.pid}/children").read_text()
        return {int(pid) for pid in children.split()}

    def kill_application_worker(self, rank: int) -> None:
        """gunicorn itself puts another one in its place."""
        before = self.application_workers()
        killed = sorted(before)[rank % len(before)]
        os.kill(killed, signal.SIGKILL)
        await_until(
            lambda: killed not in self.application_workers() and len(self.application_workers()) == len(before),
            "gunicorn did not replace its worker",
        )

    def kill_worker(self) -> None:
        killed = self.worker
        killed.kill()
        await_until(lambda: self.worker is not killed, "nobody started the worker again")

    # --- what it says -----------------------------------------------------------------------------

    def client(self, token: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=f"http://{self.address}/api/v1", headers=headers, timeout=60)

    def answers(self) -> bool:
        try:
            return httpx.get(f"http://{self.address}/readyz", timeout=10).status_code == 200
        except httpx.HTTPError:
            return False

    @contextmanager
    def database(self) -> Iterator[Any]:
        with MongoClient[dict[str, Any]](self.environment["MONGODB_URI"], tz_aware=True) as client:
            yield client.get_database()
