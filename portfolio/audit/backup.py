"""Copies both stores into a folder while the service runs.

The documents come first, all at one moment (a snapshot read); then the objects that they name, which never change once
verified, and remain for a day after they are discarded (`portfolio/audit/reconciling/`). The folder contains

    MANIFEST.json              written last and atomically, sealed: what it does not name is not part of the backup
    documents-<moment>/x.bson  one file per collection, in order of _id, in the form that mongodump writes
    objects/ab/abcd…           named by their SHA-256: existing ones are not fetched again
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bson
from bson.timestamp import Timestamp
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from portfolio.audit.manifest import Manifest, flush_folder, flush_to_disk, write_manifest
from portfolio.audit.snapshot import Dump, at_one_moment, digested, moment_of, raw_documents
from portfolio.documents.portfolios import FileState
from portfolio.errors import NotNow
from portfolio.store.batches import batches
from portfolio.store.connections import current, storage
from portfolio.store.objects.bucket import CHUNK
from portfolio.store.objects.refusals import ObjectGone

# Sign-ins, keys of requests and counts of attempts live for hours: after a restore people sign in again. Migrations run
# again by name; objects are digested again on request.
WITH_OBJECTS = ("files", "paper_scans", "certificate_files", "grid_scans", "circular_annexes")
NOT_KEPT = {
    "sign_ins",
    "request_keys",
    "attempts",
    "unsent",
    "migrations",
    "digested_objects",
    "turns",
    "printed_dossiers",
}
AT_ONCE = 4
BATCH = 100


class BackupRunning(NotNow):
    code = "backup_running"
    detail = "Une autre sauvegarde est en cours dans ce dossier."


class NothingToBackUp(NotNow):
    code = "nothing_to_back_up"
    detail = "Cette base est vide : est-ce la bonne ? Rien n'a été changé dans le dossier."


@dataclass(frozen=True)
class KeptFile:
    """A verified file, as the documents of a backup name it."""

    id: str
    key: str
    sha256: str
    size: int


def back_up(folder: Path, at: datetime) -> Manifest:
    """Makes a backup in this folder, made if need be, and returns its manifest. The previous backup stays valid until
    this one is complete; a lost object is named in the manifest. Raises BackupRunning, NothingToBackUp, SnapshotLost,
    Unavailable, OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder):
        documents = folder / f"documents-{at.astimezone(UTC):%Y%m%dT%H%M%S%f}"
        moment, migrations, collections = _read_documents(documents)
        mark = int(time.time())
        count, size, lost = _fetch_objects(folder, documents, mark)
        manifest = Manifest(
            folder=documents.name,
            taken_at=at.astimezone(UTC).isoformat(),
            cluster_time=[moment.time, moment.inc],
            migrations=migrations,
            collections=collections,
            objects=count,
            size=size,
            lost=lost,
        )
        write_manifest(folder, manifest)
        _forget_the_former(folder, documents, mark)
    return manifest


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupRunning() from None
        yield


# --- documents --------------------------------------------------------------------------------------


def _read_documents(target: Path) -> tuple[Timestamp, list[str], dict[str, Dump]]:
    """Writes every collection as of one moment to a new folder; returns that moment, the migrations done and
    {collection: its dump}. Raises NothingToBackUp, SnapshotLost.
    """
    database = current().database
    stored = database.list_collection_names(filter={"type": "collection"})
    if database.events.find_one({}, {"_id": 1}) is None:  # a copy of the wrong database would replace the good one
        raise NothingToBackUp()
    target.mkdir(mode=0o700)
    names = sorted(name for name in stored if name not in NOT_KEPT and not name.startswith("system."))
    with at_one_moment() as session:
        moment = moment_of(session)
        done = database.migrations.find({"done_at": {"$exists": True}}, session=session)
        migrations = sorted(row["_id"] for row in done)
        dumps = {name: _dump(database[name], target / f"{name}.bson", session) for name in names}
    flush_folder(target)
    return moment, migrations, dumps


def _dump(collection: Collection[dict[str, Any]], path: Path, session: ClientSession) -> Dump:
    with path.open("xb") as target:
        dump = digested(raw_documents(collection, session), target)
        flush_to_disk(target)
    return dump


def must_exist(row: Mapping[str, object]) -> bool:
    """Returns True if the object of this row of WITH_OBJECTS must be in the store. A scan has no state."""
    return row.get("state", FileState.VERIFIED) == FileState.VERIFIED and row.get("discarded_at") is None


def kept_files(documents: Path) -> Iterator[KeptFile]:
    """Yields the files and scans, in the dumps of their collections, whose object must exist."""
    for name in WITH_OBJECTS:
        with (documents / f"{name}.bson").open("rb") as source:
            for row in bson.decode_file_iter(source):
                if must_exist(row):
                    yield KeptFile(str(row["_id"]), row["key"], row["sha256"], row["size"])


# --- objects ----------------------------------------------------------------------------------------


def _fetch_objects(folder: Path, documents: Path, mark: int) -> tuple[int, int, list[str]]:
    """Returns the number of objects fetched, their bytes, and the ids of the files whose object is lost. mark: mtime
    that objects of this backup get.
    """
    count, size, lost = 0, 0, list[str]()

    def fetch(file: KeptFile) -> bool:
        return _fetch(folder, file, mark)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        for batch in batches(kept_files(documents), BATCH):
            for file, is_there in zip(batch, threads.map(fetch, batch), strict=True):
                if is_there:
                    count, size = count + 1, size + file.size
                else:
                    lost.append(file.id)
    return count, size, lost


def _fetch(folder: Path, file: KeptFile, mark: int) -> bool:
    """Returns True if the object is in the folder with its digest, possibly from an earlier backup. mark: its mtime
    from now on.
    """
    path = object_path(folder, file.sha256)
    if digest_of(path) != file.sha256 and not download(file, path):
        return False
    os.utime(path, (mark, mark))
    return True


def download(file: KeptFile, path: Path) -> bool:
    """Returns True if the object was written to `path` and has its digest; nothing is left otherwise. Raises
    Unavailable (the store), OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{file.id}.draft")  # two files may have one content, and one key
    digest = hashlib.sha256()
    try:
        with draft.open("wb") as target:
            for chunk in storage().open(file.key):
                digest.update(chunk)
                target.write(chunk)
            flush_to_disk(target)
    except ObjectGone:
        draft.unlink()
        return False
    if digest.hexdigest() != file.sha256:
        draft.unlink()
        return False
    draft.replace(path)
    return True


def object_path(folder: Path, sha256: str) -> Path:
    """Returns the path of an object in a backup: objects/<two digits>/<SHA-256>."""
    return folder / "objects" / sha256[:2] / sha256


def digest_of(path: Path) -> str | None:
    """Returns the SHA-256 of a file in hexadecimal, or None if there is no such file."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as source:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
    except FileNotFoundError:
        return None
    return digest.hexdigest()


def _forget_the_former(folder: Path, documents: Path, mark: int) -> None:
    """Deletes what only the former manifest named or an interrupted backup left: data erased here must go there too.
    mark: mtime of the objects of this backup.
    """
    for former in folder.glob("documents-*"):
        if former != documents:
            shutil.rmtree(former)
    for path in folder.glob("objects/*/*"):
        if int(path.stat().st_mtime) != mark:
            path.unlink()
