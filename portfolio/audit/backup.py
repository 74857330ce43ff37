"""Copies both stores into a folder while the service runs.

The documents come first, all at one moment (a snapshot read); then the objects that they name, which never change once
verified, and remain for a day after they are discarded (`portfolio/audit/reconcile.py`). The folder contains

    MANIFEST.json              written last and atomically, sealed: what it does not name is not part of the backup
    documents-<moment>/x.bson  one file per collection, in order of _id, in the form that mongodump writes
    objects/ab/abcd…           named by their SHA-256: existing ones are not fetched again
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, BinaryIO

import bson
from bson.timestamp import Timestamp
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from portfolio.documents.portfolios import FileState
from portfolio.errors import NotNow
from portfolio.store.batches import batches
from portfolio.store.canonical_json import canonical
from portfolio.store.connections import current, storage
from portfolio.store.objects.bucket import CHUNK
from portfolio.store.objects.refusals import ObjectGone

FORMAT = "portfolio-e5/backup/1"
MANIFEST = "MANIFEST.json"
# Sign-ins, keys of requests and counts of attempts live for hours: after a restore people sign in again. Migrations run
# again by name; objects are digested again on request.
WITH_OBJECTS = ("files", "paper_scans")
NOT_KEPT = {"sign_ins", "request_keys", "attempts", "unsent", "migrations", "digested_objects", "turns"}
SNAPSHOT_LOST = {239, 246}  # SnapshotTooOld, SnapshotUnavailable
AT_ONCE = 4
BATCH = 100


class BackupRunning(NotNow):
    code = "backup_running"
    detail = "Une autre sauvegarde est en cours dans ce dossier."


class NothingToBackUp(NotNow):
    code = "nothing_to_back_up"
    detail = "Cette base est vide : est-ce la bonne ? Rien n'a été changé dans le dossier."


class SnapshotLost(NotNow):
    code = "snapshot_lost"
    detail = (
        "La base n'a pas gardé l'instantané jusqu'à la fin de la lecture. Recommencez ; si cela se répète, augmentez "
        "minSnapshotHistoryWindowInSeconds sur MongoDB (300 secondes par défaut)."
    )


class TornBackup(NotNow):
    """The backup is damaged. what: the file that is missing, truncated or altered."""

    code = "torn_backup"
    detail = "Cette sauvegarde est incomplète ou altérée ({what}) : elle ne peut pas être restaurée."


class OtherChainKey(NotNow):
    code = "other_chain_key"
    detail = (
        "Cette sauvegarde est scellée par une autre clé ({key_id}) : redonnez à CHAIN_KEY la valeur qu'elle avait, "
        "sans laquelle les chaînes ne peuvent pas être vérifiées."
    )


@dataclass(frozen=True)
class Dump:
    """One collection. size: in bytes."""

    count: int
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """A manifest. folder: of the documents. cluster_time: of MongoDB (seconds, counter), the moment of all of them.

    objects, size: number of named objects, and their bytes. lost: ids of verified files whose object was already
    missing or altered in the store: a backup cannot recover them, and must not fail for them.
    """

    folder: str
    taken_at: str
    cluster_time: list[int]
    migrations: list[str]
    collections: dict[str, Dump]
    objects: int
    size: int
    lost: list[str]


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
    _sync_folder(target)
    return moment, migrations, dumps


@contextmanager
def at_one_moment() -> Iterator[ClientSession]:
    """Opens a session in which everything is read as of one moment. Raises SnapshotLost if reading took too long."""
    try:
        with current().client.start_session(snapshot=True) as session:
            yield session
    except OperationFailure as failure:
        if failure.code in SNAPSHOT_LOST:
            raise SnapshotLost() from failure
        raise


def moment_of(session: ClientSession) -> Timestamp:
    """Returns the moment of the snapshot: the first read of the session sets it, and only its answer contains it. Call
    it before any other read.
    """
    first = {"find": "chains", "limit": 1, "singleBatch": True, "readConcern": {"level": "snapshot"}}
    answer = current().database.command(first, session=session)
    moment: Timestamp = answer["cursor"]["atClusterTime"]
    return moment


def _dump(collection: Collection[dict[str, Any]], path: Path, session: ClientSession) -> Dump:
    with path.open("xb") as target:
        dump = digested(raw_documents(collection, session), target)
        _sync(target)
    return dump


def raw_documents(collection: Collection[dict[str, Any]], session: ClientSession | None = None) -> Iterator[bytes]:
    """Yields batches of a collection's BSON documents, in order of _id."""
    yield from collection.find_raw_batches({}, sort=[("_id", 1)], session=session)


def digested(batches: Iterable[bytes], target: BinaryIO | None = None) -> Dump:
    """Counts and digests batches of BSON documents, and writes them to the target if there is one; returns number,
    bytes and SHA-256.
    """
    digest, count, size = hashlib.sha256(), 0, 0
    for batch in batches:
        digest.update(batch)
        size += len(batch)
        start = 0
        while start < len(batch):  # a document begins with its own length
            start += int.from_bytes(batch[start : start + 4], "little")
            count += 1
        if target is not None:
            target.write(batch)
    return Dump(count, size, digest.hexdigest())


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
    draft = path.with_name(f"{file.key}.draft")  # two files may have one content, never one key
    digest = hashlib.sha256()
    try:
        with draft.open("wb") as target:
            for chunk in storage().open(file.key):
                digest.update(chunk)
                target.write(chunk)
            _sync(target)
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


# --- the manifest -----------------------------------------------------------------------------------


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes the manifest into the folder, atomically, sealed with the newest chain key. Raises OSError."""
    key_id, key = next(iter(current().chain_keys.items()))
    content = {"format": FORMAT, "key_id": key_id, **asdict(manifest)}
    draft = folder / f"{MANIFEST}.draft"
    with draft.open("w") as target:
        json.dump({**content, "seal": _seal(content, key)}, target, indent=1)
        _sync(target)
    for named in (folder / "objects", *folder.glob("objects/*")):
        _sync_folder(named)
    draft.replace(folder / MANIFEST)
    _sync_folder(folder)


def read_manifest(folder: Path) -> Manifest:
    """Returns the manifest of a backup. Raises TornBackup if it is missing, malformed or not sealed with its key;
    OtherChainKey if that key is not in the settings.
    """
    try:
        content = json.loads((folder / MANIFEST).read_text())
        seal = content.pop("seal")
        key = current().chain_keys.get(content["key_id"])
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise TornBackup(what=MANIFEST) from error
    if key is None:
        raise OtherChainKey(key_id=content["key_id"])
    if not hmac.compare_digest(_seal(content, key), str(seal)) or content.pop("format") != FORMAT:
        raise TornBackup(what=MANIFEST)
    del content["key_id"]
    dumps = {name: Dump(**dump) for name, dump in content.pop("collections").items()}
    return Manifest(**content, collections=dumps)


def _seal(content: dict[str, object], key: bytes) -> str:
    return hmac.new(key, b"backup\n" + canonical(content), hashlib.sha256).hexdigest()


# --- the disk ---------------------------------------------------------------------------------------


def _sync(target: IO[str] | IO[bytes]) -> None:
    target.flush()
    os.fsync(target.fileno())


def _sync_folder(folder: Path) -> None:
    if folder.is_dir():
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
