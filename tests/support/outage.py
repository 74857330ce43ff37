"""The object store as the application meets it when it is down, or its disk full."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from config.embedded import Engines
from config.settings import Settings
from portfolio.store import connections
from portfolio.store.objects.bucket import Storage
from tests.support.both_stores import storage_at

MEGABYTES = 64
PAGE = 4096  # bytes


@contextmanager
def _with_files_at(settings: Settings, address: str) -> Iterator[Storage]:
    """Within this block the application's files are there; MongoDB stays."""
    other = storage_at(address, settings)
    connections._opened.append(replace(connections.current(), storage=other))
    try:
        yield other
    finally:
        connections._opened.pop()


@contextmanager
def documents_at(client: MongoClient[dict[str, Any]], settings: Settings) -> Iterator[None]:
    """Within this block the application's documents, and its files, are where these settings say."""
    files = storage_at(settings.s3_endpoint_url, settings)
    connections._opened.append(connections.Connections(client, client.get_default_database(), files, settings))
    try:
        yield
    finally:
        connections._opened.pop()


@contextmanager
def store_down() -> Iterator[None]:
    """Within this block the store's address refuses connections; MongoDB stays."""
    with socket.socket() as reserved:  # bound and never listening: nobody else answers on this port
        reserved.bind(("127.0.0.1", 0))
        with _with_files_at(connections.current().settings, f"http://127.0.0.1:{reserved.getsockname()[1]}"):
            yield


class SmallDisk:
    """A disk so small that a test fills it."""

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def fill(self) -> None:
        """To its last page."""
        with self._filler.open("wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(PAGE))
            except OSError:
                return

    def make_room(self) -> None:
        self._filler.unlink()


@contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[None]:
    """Within this block the folder is a disk of this size. Skips the test where none can be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no small disk can be mounted here (root may): {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def store_on_a_small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Within this block a real store keeps the application's files on a real tmpfs; MongoDB stays."""
    disk, data = folder / "disk", folder / "engines"
    data.mkdir()
    (data / "objects").symlink_to(disk)
    with mounted(disk, MEGABYTES), Engines.start(data) as engines:
        settings = Settings.from_environment({**engines.environment(), "PUBLIC_URL": "http://localhost"})
        with _with_files_at(settings, settings.s3_endpoint_url) as small:
            small.put("first", bytes(PAGE), "text/plain")  # a store that never held anything is slow to say it is full
            yield SmallDisk(disk)
