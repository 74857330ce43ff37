"""The service as the rehearsal starts it: gunicorn and the worker, as children that end with whoever started them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from functools import partial
from typing import TextIO

import migrations
from config.processes import die_with
from config.settings import Settings
from portfolio.connections import open_connections

GRACE_S = 15
GUNICORN = ("--config", "config/gunicorn.py", "--graceful-timeout", "10")
QUIET = {"LOG_LEVEL": "WARNING"}  # who looks at a screen wants no line per request, unless they ask


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
