"""Restores a backup into an empty database and an empty bucket, and verifies the result.

Nothing is written before the whole backup was read and matches its manifest. Objects go first, so that no document
ever names a missing one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from portfolio.audit.backup import AT_ONCE, BATCH, NOT_KEPT, KeptFile, digest_of, kept_files, object_path
from portfolio.audit.manifest import Manifest, TornBackup, read_manifest
from portfolio.audit.reconciling.missing_objects import phantoms
from portfolio.audit.snapshot import digested, raw_documents
from portfolio.audit.verify_all import check_everything
from portfolio.counting import many
from portfolio.errors import NotNow
from portfolio.evidence.uploads import MOST_PARTS
from portfolio.store.batches import batches
from portfolio.store.connections import current, storage
from portfolio.store.objects.bucket import CHUNK

RAW = CodecOptions(document_class=RawBSONDocument)
ANY_TYPE = "application/octet-stream"


class NotEmpty(NotNow):
    code = "not_empty"
    detail = "{where} : une restauration se fait dans une base et un compartiment vides."


class UnknownMigrations(NotNow):
    code = "unknown_migrations"
    detail = "Cette sauvegarde vient d'une version plus récente de l'application ({names}) : installez-la d'abord."


@dataclass(frozen=True)
class Restored:
    """The result. faults: in French, all differences; lost: files whose object was lost before the backup.

    unsealed: "kind:id" of documents stored before their chains sealed them, see `verify_seals`.
    """

    documents: int
    objects: int
    faults: list[str]
    lost: list[str]
    taken_at: datetime
    unsealed: list[str] = field(default_factory=list)


def restore(folder: Path, known: Collection[str], migrate: Callable[[Collection[str]], object]) -> Restored:
    """Restores a backup into an empty database and bucket, and returns counts and faults. known: names of the
    migrations of this version; migrate: runs those given that are pending. Raises TornBackup, OtherChainKey,
    UnknownMigrations or NotEmpty before anything is written; Unavailable, BadParts or UploadGone of the store.
    """
    manifest = read_manifest(folder)
    check(folder, manifest)
    unknown = sorted(set(manifest.migrations) - set(known))
    if unknown:
        raise UnknownMigrations(names=", ".join(unknown))
    _refuse_database(manifest)
    storage().ensure_bucket()
    _refuse_bucket()
    migrate(manifest.migrations)
    _put_objects(folder, manifest)
    for name in manifest.collections:
        _insert(folder / manifest.folder / f"{name}.bson", name)
    documents = sum(dump.count for dump in manifest.collections.values())
    unsealed: list[str] = []
    faults = list(_faults(manifest, unsealed))
    return Restored(documents, manifest.objects, faults, manifest.lost, taken_at(manifest), unsealed)


def taken_at(manifest: Manifest) -> datetime:
    """Returns the instant of the backup."""
    return datetime.fromisoformat(manifest.taken_at)


def age(restored: Restored, at: datetime) -> str:
    """Returns a French warning for the operator: a valid backup may be old."""
    when, days = restored.taken_at, (at - restored.taken_at).days
    since = "moins d'un jour" if days < 1 else many(days, "jour")
    return (
        f"ATTENTION : cette copie est du {when:%d/%m/%Y à %H:%M} UTC, il y a {since}. Rien de ce qui a été fait depuis "
        "n'y est. Si elle n'est pas la dernière, dites-le à qui répond des notes ; `verify --anchors` le dira aussi."
    )


def check(folder: Path, manifest: Manifest) -> None:
    """Reads the whole backup. Raises TornBackup, which names the first altered or missing file."""
    for name, dump in manifest.collections.items():
        path = folder / manifest.folder / f"{name}.bson"
        if digest_of(path) != dump.sha256:
            raise TornBackup(what=f"{manifest.folder}/{name}.bson")
    for file in _saved_files(folder, manifest):
        path = object_path(folder, file.sha256)
        if digest_of(path) != file.sha256:
            raise TornBackup(what=f"objects/{file.sha256[:2]}/{file.sha256}")


def _saved_files(folder: Path, manifest: Manifest) -> Iterator[KeptFile]:
    lost = set(manifest.lost)
    for file in kept_files(folder / manifest.folder):
        if file.id not in lost:
            yield file


def _refuse_database(manifest: Manifest) -> None:
    database = current().database
    done = {row["_id"] for row in database.migrations.find({"done_at": {"$exists": True}}, {"_id": 1})}
    if done - set(manifest.migrations):
        raise NotEmpty(where=f"La base {database.name} a reçu des migrations plus récentes que la sauvegarde")
    for name in database.list_collection_names():
        if name not in NOT_KEPT and not name.startswith("system.") and database[name].find_one({}, {"_id": 1}):
            raise NotEmpty(where=f"La base {database.name} contient déjà des documents ({name})")


def _refuse_bucket() -> None:
    if list(islice(storage().list_keys(""), 1)):
        raise NotEmpty(where=f"Le compartiment {storage().bucket} contient déjà des objets")


# --- what is written --------------------------------------------------------------------------------


def _put_objects(folder: Path, manifest: Manifest) -> None:
    def put(file: KeptFile) -> None:
        _put(file, object_path(folder, file.sha256))

    with ThreadPoolExecutor(AT_ONCE) as threads:
        for batch in batches(_saved_files(folder, manifest), BATCH):
            list(threads.map(put, batch))


def _put(file: KeptFile, path: Path) -> None:
    """Stores an object under the file's key; a large one in parts, so that each thread has at most one part in memory.
    Raises NothingKept, Unavailable.
    """
    part_size = max(current().settings.part_bytes, -(-file.size // MOST_PARTS), CHUNK)
    with path.open("rb") as source:
        if file.size <= part_size:
            storage().put(file.key, source.read(), ANY_TYPE)
            return
        upload = storage().start_multipart(file.key, ANY_TYPE)
        parts: dict[int, str] = {}
        while data := source.read(part_size):
            number = len(parts) + 1
            parts[number] = storage().put_part(file.key, upload, number, data)
        storage().complete(file.key, upload, parts)


def _insert(path: Path, name: str) -> None:
    collection = current().database[name].with_options(codec_options=RAW)
    with path.open("rb") as source:
        for batch in batches(bson.decode_file_iter(source, codec_options=RAW), BATCH):
            collection.insert_many(batch, ordered=False)


# --- verification --------------------------------------------------------------------------------


def _faults(manifest: Manifest, unsealed: list[str]) -> Iterator[str]:
    """Yields, in French, the differences from the manifest: in collections (byte for byte), links, what they sealed,
    and objects (by digest). unsealed: see `verify_seals`.
    """
    for name, dump in manifest.collections.items():
        there = digested(raw_documents(current().database[name]))
        if there != dump:
            yield f"{name} : {many(there.count, 'document')}, au lieu des {dump.count} de la sauvegarde"
    for fault in check_everything(unsealed=unsealed):
        yield fault.line
    lost = set(manifest.lost)
    for finding in phantoms(deep=True):
        if str(finding.file) not in lost:
            yield finding.line
