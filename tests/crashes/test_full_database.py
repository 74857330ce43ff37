"""The disk of the document store is full: refused, nothing written by half, and all is there once there is room. The
service says meanwhile that it is not ready.

Where a small disk cannot be mounted (it takes root, as CI has) the test says that it is skipped, and why.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

import migrations
from api.operation import readiness
from config.settings import Settings
from tests.crashes.service import KillableEngines
from tests.support.outage import SmallDisk, documents_at, mounted
from tests.support.waiting import await_until

MEGABYTES = 600  # what mongod sets aside for its journal, and a little


@contextmanager
def database_on_a_small_disk(folder: Path) -> Iterator[tuple[KillableEngines, SmallDisk]]:
    disk, data = folder / "disk", folder / "engines"
    data.mkdir()
    (data / "mongod").symlink_to(disk)
    with mounted(disk, MEGABYTES), KillableEngines.start(data) as engines:
        yield engines, SmallDisk(disk)


def test_what_a_full_disk_refuses_is_written_by_half_nowhere_and_work_goes_on_with_room(tmp_path: Path) -> None:
    with database_on_a_small_disk(tmp_path) as (engines, disk):
        settings = Settings.from_environment({**engines.environment(), "PUBLIC_URL": "http://localhost"})
        client: MongoClient[dict[str, Any]] = MongoClient(
            settings.mongodb_uri, serverSelectionTimeoutMS=2_000, tz_aware=True
        )
        with client, documents_at(client, settings):
            pair = client.get_default_database()
            migrations.apply(pair)
            assert readiness.problems(datetime.now(UTC)) == {}
            for name in ("left", "right"):
                pair.create_collection(name)

            def write(number: int) -> None:
                """One act: two collections in one transaction, as the journal writes."""
                with client.start_session() as session, session.start_transaction():
                    for name in ("left", "right"):
                        pair[name].insert_one({"_id": number, "text": "x" * 100_000}, session=session)

            write(0)
            disk.fill()
            written = [0]
            with pytest.raises(PyMongoError):
                for number in range(1, 5_000):
                    write(number)
                    written.append(number)
            assert list(readiness.problems(datetime.now(UTC))) == ["document_store"]
            disk.make_room()
            mongod = next(child for child in engines.children if child.name == "mongod")
            if mongod.popen.poll() is not None:  # it ends rather than write by half: a supervisor starts it again
                engines.start_again("mongod")

            later = count(10_000)

            def works() -> bool:
                try:
                    write(next(later))
                except PyMongoError:
                    return False
                return True

            await_until(works, "there is room, and nothing is written", 60)
            await_until(lambda: not readiness.problems(datetime.now(UTC)), "there is room, and it is not ready", 60)
            held = {name: {row["_id"] for row in pair[name].find({}, {"_id": 1})} for name in ("left", "right")}
            assert held["left"] == held["right"]
            assert held["left"] >= {*written, next(later) - 1}
