"""Allows a file to be shown or sent only if its record matches its seal, and its object the recorded digest.

The record is compared with the link of its verification. The ETag of the object is compared with `digested_objects`,
written when the bytes were digested, under a key that is not in the database. Without a valid note there (a restored
store, a replaced object), the bytes are read and digested again.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import structlog
from pymongo.errors import DuplicateKeyError

from portfolio.documents import CertificateFile, CircularAnnex, EvidenceFile, GridScan, PaperScan
from portfolio.errors import NotNow, Unavailable
from portfolio.store.canonical_json import canonical
from portfolio.store.chains import is_whole
from portfolio.store.connections import current, storage
from portfolio.store.event_names import EventName
from portfolio.store.journal import assessment_chain, portfolio_chain
from portfolio.store.objects.refusals import ObjectGone

SEALED_AS = {
    EvidenceFile: EventName.FILE_VERIFIED,
    PaperScan: EventName.PAPER_DEPOSITED,
    GridScan: EventName.GRID_SCAN_DEPOSITED,
    CertificateFile: EventName.CERTIFICATE_DEPOSITED,
    CircularAnnex: EventName.CIRCULAR_ANNEX_DEPOSITED,
}
# The link that sealed a file: of its verification, or of the taking of one that was verified in an earlier session.
SEALING = (*SEALED_AS.values(), EventName.FILE_REUSED)
PURPOSE = "digested objects"
READING_S = 5
_being_read: set[str] = set()
_guard = threading.Lock()
log = structlog.get_logger()

Stored = EvidenceFile | PaperScan | GridScan | CertificateFile


class NotAsSealed(NotNow):
    code = "file_not_as_sealed"
    detail = (
        "Ce fichier n'est plus celui qui a été vérifié : il n'est ni montré ni envoyé. Prévenez l'établissement ; "
        "les commandes « verify » et « reconcile --deep » de l'exploitant diront ce qui diffère."
    )


class BeingRead(Unavailable):
    code = "file_being_read"
    detail = "Ce fichier est relu pour vérifier son contenu. Réessayez dans {wait}."


@dataclass(frozen=True)
class KnownSeals:
    """What is read once for many files. seals: {file id: link}; notes: {key: row of `digested_objects`}."""

    seals: dict[str, dict[str, Any]]
    notes: dict[str, dict[str, Any]]


def known_of(files: Sequence[Stored]) -> KnownSeals:
    """Returns the seals and notes of the files, in two queries for any number of files."""
    notes = current().database.digested_objects.find({"_id": {"$in": [file.key for file in files]}})
    return KnownSeals(seals_of([{"_id": file.id} for file in files]), {row["_id"]: row for row in notes})


def refuse_altered(file: Stored, known: KnownSeals | None = None) -> None:
    """Compares the record with its link: one query, none with `known`. Raises NotAsSealed, ObjectGone (discarded)."""
    if file.discarded_at is not None:
        raise ObjectGone()
    seals = seals_of([{"_id": file.id}]) if known is None else known.seals
    seal = seals.get(str(file.id))
    if seal is None or seal["chain"] != _chain_of(file) or differs(file, seal):
        refuse(file, "record")


def _chain_of(file: Stored) -> str:
    """Returns the chain whose link sealed this file: that of the side it is of."""
    return assessment_chain(file) if isinstance(file, GridScan) else portfolio_chain(file)


def differs(file: Stored | Mapping[str, object], seal: dict[str, Any]) -> bool:
    """Returns True if the record (a document or a raw row) differs from its link in digest or size; the link of a scan
    has no size. seal: the link, as of `seals_of`.
    """
    return any(file[name] != seal["data"][name] for name in ("sha256", "size") if name in seal["data"])


def seals_of(rows: Sequence[Mapping[str, object]]) -> dict[str, dict[str, Any]]:
    """Returns {file id: the link that sealed it} for these raw rows, in one query."""
    about = {"subject.id": {"$in": [str(row["_id"]) for row in rows]}, "data.sha256": {"$exists": True}}
    links = current().database.events.find(about | {"name": {"$in": list(SEALING)}})
    return {link["subject"]["id"]: link for link in links if is_whole(link)}


def refuse_replaced(file: Stored, known: KnownSeals | None = None) -> str:
    """Returns the ETag of the object, which contains what was sealed.

    Costs a HEAD and, without `known`, two queries, once the object was digested here. Raises NotAsSealed, ObjectGone;
    without `known`, BeingRead: an archive being sent, which gives `known`, cannot be asked to retry.
    """
    refuse_altered(file, known)
    size_and_etag = storage().stat(file.key)
    if size_and_etag is None:
        raise ObjectGone()
    size, etag = size_and_etag
    if size != file.size:
        refuse(file, "object")
    note = known.notes.get(file.key) if known else current().database.digested_objects.find_one({"_id": file.key})
    if not _says(note, file.key, etag, file.sha256):
        with _alone(file.key) if known is None else nullcontext():
            _digest_again(file, etag)
    return etag


@contextmanager
def _alone(key: str) -> Iterator[None]:
    """Allows one reading of an object at a time in this process, while the block runs: otherwise every thread could
    read in full a film with many viewers. Raises BeingRead if another reads it.
    """
    with _guard:
        if key in _being_read:
            raise BeingRead(retry_after=READING_S)
        _being_read.add(key)
    try:
        yield
    finally:
        with _guard:
            _being_read.discard(key)


def _says(noted: dict[str, Any] | None, key: str, etag: str, sha256: str) -> bool:
    """Returns True if `noted` (a row of digested objects, or None), sealed by one of our keys, says that the object of
    this key and ETag has this SHA-256.
    """
    seals = [_seal(secret, key, etag, sha256) for secret in current().keys_for(PURPOSE)]
    return noted is not None and any(hmac.compare_digest(noted["seal"], seal) for seal in seals)


def _digest_again(file: Stored, etag: str) -> None:
    _, sha256 = read(file.key, etag=etag)
    if sha256 != file.sha256:
        refuse(file, "object")


def read(key: str, also: Callable[[bytes], object] = lambda _: None, etag: str | None = None) -> tuple[int, str]:
    """Returns (size in bytes, SHA-256) of the whole object, and notes its digest. also: receives each chunk.

    etag: required ETag. Raises ObjectGone, ObjectReplaced.
    """
    measured, size, download = hashlib.sha256(), 0, storage().open(key, etag)
    with ThreadPoolExecutor(1) as digesting:  # a chunk is digested while the next one comes in, and two are in memory
        before = digesting.submit(measured.update, b"")
        for chunk in download:
            before.result()
            before = digesting.submit(measured.update, chunk)
            size += len(chunk)
            also(chunk)
    remember(key, download.etag, measured.hexdigest())
    return size, measured.hexdigest()


def remember(key: str, etag: str, sha256: str) -> None:
    """Notes the digest of an object, outside the journal: a lost note costs a reading, and a forged one is not valid.

    Dated by the clock of the database, which removes it later.
    """
    noted = {"$set": {"seal": _seal(current().keys_for(PURPOSE)[0], key, etag, sha256)}, "$currentDate": {"at": True}}
    try:
        current().database.digested_objects.update_one({"_id": key}, noted, upsert=True)
    except DuplicateKeyError:
        return  # another reader of the same object was first


def _seal(secret: bytes, key: str, etag: str, sha256: str) -> str:
    return hmac.new(secret, canonical([key, etag, sha256]), hashlib.sha256).hexdigest()


def refuse(file: Stored, what: str) -> None:
    """Logs the id of the file. what: `record` or `object`, the one that differs. Always raises NotAsSealed."""
    log.error("file_not_as_sealed", what=what, file=str(file.id))
    raise NotAsSealed()
