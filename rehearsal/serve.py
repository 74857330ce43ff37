"""`make run`: the embedded engines, the rehearsal session, gunicorn and the worker, as children that end with it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TextIO

import migrations
from config.embedded import Engines
from config.processes import die_with, is_free
from config.settings import Settings
from portfolio.connections import close_connections, open_connections
from rehearsal.people import load

GRACE_S = 15
LEAVING_S = 6
GUNICORN = ("--config", "config/gunicorn.py", "--graceful-timeout", "10")
QUIET = {"LOG_LEVEL": "WARNING"}  # who looks at a screen wants no line per request, unless they ask


class PortTaken(RuntimeError):
    """Its text says what to type instead."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def prepare(environment: dict[str, str]) -> None:
    """Migrations, and the bucket: before any worker serves."""
    connections = open_connections(Settings.from_environment(environment))
    connections.storage.ensure_bucket()
    migrations.apply(connections.database)


class Service:
    """gunicorn and the worker of one environment. They end on SIGTERM, and with their parent.

    log: where they write instead of our own stderr.
    """

    def __init__(self, environment: dict[str, str], port: int, workers: int = 2, log: TextIO | None = None) -> None:
        self.address = f"http://127.0.0.1:{port}"
        full = {**QUIET, **os.environ, **environment}
        bind = ("--bind", f"127.0.0.1:{port}", "--workers", str(workers))
        server = [sys.executable, "-m", "gunicorn", *GUNICORN, *bind, "wsgi:app"]
        self.children = [
            subprocess.Popen(  # noqa: S603 - the commands are ours, no shell
                command,
                env=full,
                stderr=log,
                start_new_session=True,  # Ctrl-C in a terminal reaches us alone
                preexec_fn=partial(die_with, os.getpid()),
            )
            for command in (server, [sys.executable, "worker.py"])
        ]

    def await_answer(self, seconds: float = 30) -> None:
        """Raises RuntimeError where a child ended or nothing answers."""
        deadline = time.monotonic() + seconds
        port = int(self.address.rpartition(":")[2])
        while time.monotonic() < deadline:
            if self.ended() is not None:
                raise RuntimeError("le serveur s'est arrêté en démarrant : voyez les lignes ci-dessus")
            with socket.socket() as probe:
                probe.settimeout(0.5)
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"le serveur ne répond pas après {seconds:.0f} s")

    def ended(self) -> int | None:
        """The exit code of a child that ended by itself."""
        codes = [child.poll() for child in self.children]
        return next((code for code in codes if code is not None), None)

    def stop(self) -> None:
        for child in self.children:
            child.terminate()
        deadline = time.monotonic() + GRACE_S
        for child in self.children:
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def until_told(tick: Callable[[], bool]) -> None:
    """Returns on Ctrl-C, SIGTERM, or when `tick` answers that it is over."""
    told = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        told.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while not told.wait(0.5):
        if tick():
            return


def _await_port(port: int) -> None:
    """Workers of a run that was killed notice it within seconds; after that the port is somebody else's."""
    deadline = time.monotonic() + LEAVING_S
    while not is_free(port):
        if time.monotonic() > deadline:
            raise PortTaken(f"Le port {port} est déjà pris. Essayez : make run PORT={port + 1}")
        time.sleep(0.2)


def run(port: int, data: Path, say: Callable[[str], None]) -> int:
    """Serves until told to stop. Exit code 0 when told, 1 when a child ended by itself."""
    _await_port(port)
    with Engines.start(data) as engines:
        environment = engines.environment() | {"PUBLIC_URL": f"http://127.0.0.1:{port}"}
        prepare(environment)
        accounts = load(data / "accounts.json", datetime.now(UTC))
        close_connections()
        service = Service(environment, port)
        try:
            service.await_answer()
            _announce(service.address, data, accounts, say)
            until_told(lambda: service.ended() is not None)
            return 0 if service.ended() is None else 1
        finally:
            service.stop()


def _announce(address: str, data: Path, accounts: list[dict[str, str]], say: Callable[[str], None]) -> None:
    say(f"\nPortfolio E5 – répétition, personnes fictives : {address} (API : {address}/api/v1/docs)")
    say(f"Courriels, avec les liens des tuteurs : {data / 'mail'}")
    say(f"Comptes (aussi dans {data / 'accounts.json'}) :")
    shown = set()
    for account in accounts:
        if account["role"] not in shown:
            say(f"  {account['role']:<14} {account['email']:<42} {account['password']}")
            shown.add(account["role"])
    say("Ctrl-C arrête tout ; relancer retrouve tout.\n")
