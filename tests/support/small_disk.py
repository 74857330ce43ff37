"""A disk so small that a test fills it: a real tmpfs, and the object store on it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from config.embedded import Engines
from config.settings import Settings
from portfolio.store import connections
from portfolio.store.objects.bucket import Storage

MEGABYTES = 64
PAGE = 4096


class SmallDisk:
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
def _mounted(folder: Path) -> Iterator[None]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no small disk can be mounted here (root may): {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def objects_on_a_small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Within this block, the application's files are on a small disk of their own; MongoDB stays where it is."""
    with ExitStack() as leaving:
        disk = folder / "disk"
        leaving.enter_context(_mounted(disk))
        data = folder / "engines"
        data.mkdir()
        (data / "objects").symlink_to(disk)
        environment = leaving.enter_context(Engines.start(data)).environment()
        settings = Settings.from_environment({**environment, "PUBLIC_URL": "http://localhost"})
        small = Storage(
            endpoint_url=settings.s3_endpoint_url,
            public_endpoint_url=settings.s3_endpoint_url,
            bucket=settings.s3_bucket,
            access_key=settings.s3_access_key_id,
            secret_key=settings.s3_secret_access_key,
            region=settings.s3_region,
        )
        small.put("first", bytes(PAGE), "text/plain")  # a store that never held anything is slow to say that it cannot
        connections._opened.append(replace(connections.current(), storage=small))
        leaving.callback(connections._opened.pop)
        yield SmallDisk(disk)
