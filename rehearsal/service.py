"""The service as the rehearsal starts it: gunicorn and the worker, as children that end with whoever started them."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path

import migrations
from config.embedded import Engines
from config.processes import Child
from config.settings import Settings
from portfolio.store.connections import open_connections
from rehearsal.dates import dates_of, write_circular

GRACE_S = 15
GUNICORN = ("--config", "config/gunicorn.py", "--graceful-timeout", "10")
QUIET = {"LOG_LEVEL": "WARNING"}  # who looks at a screen wants no line per request, unless they ask


def environment_of(engines: Engines, port: int, clock: str) -> dict[str, str]:
    """The settings of a rehearsal. clock: the shift of its clock, as the setting CLOCK takes it; or nothing."""
    own = {"PUBLIC_URL": f"http://127.0.0.1:{port}", "REHEARSAL_CIRCULARS_DIR": str(engines.data / "circulars")}
    return engines.environment() | own | {"CLOCK": clock}


def prepare(environment: dict[str, str], zone: str) -> Settings:
    """Before any worker serves: migrations, the bucket, the circular of the school year under way in that zone."""
    settings = Settings.from_environment(environment)
    assert settings.rehearsal_circulars_dir is not None
    write_circular(dates_of(settings.now(), zone), settings.rehearsal_circulars_dir)
    connections = open_connections(settings)
    connections.storage.ensure_bucket()
    migrations.apply(connections.database)
    return settings


class NotServing(RuntimeError):
    """Its text says where to look."""


class Service:
    """gunicorn and the worker of one environment. They end on SIGTERM, and with their parent.

    log: where they write instead of our own output.
    """

    def __init__(self, environment: dict[str, str], port: int, workers: int = 2, log: Path | None = None) -> None:
        self.address = f"http://127.0.0.1:{port}"
        full = {**QUIET, **os.environ, **environment}
        bind = ("--bind", f"127.0.0.1:{port}", "--workers", str(workers))
        server = [sys.executable, "-m", "gunicorn", *GUNICORN, *bind, "wsgi:app"]
        self.server = Child("gunicorn", server, full, log=log)
        self.worker = Child("worker.py", [sys.executable, "worker.py"], full, log=log)
        self.children = (self.server, self.worker)

    def await_answer(self, seconds: float = 30) -> None:
        """Raises NotServing where a child ended or nothing answers."""
        deadline = time.monotonic() + seconds
        port = int(self.address.rpartition(":")[2])
        while time.monotonic() < deadline:
            if any(child.popen.poll() is not None for child in self.children):
                raise NotServing("Le serveur s'est arrêté en démarrant : voyez les lignes ci-dessus")
            with socket.socket() as probe:
                probe.settimeout(0.5)
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        raise NotServing(f"Le serveur ne répond pas après {seconds:.0f} s")

    def stop(self) -> None:
        for child in self.children:
            child.popen.terminate()
        deadline = time.monotonic() + GRACE_S
        for child in self.children:
            child.await_end(max(0.1, deadline - time.monotonic()))
