"""At the door: a file is shown or sent only if its record is what its chain sealed, and its object what was digested.

The record is held against the link of its verification. The object's ETag is held against `digested_objects`, where
whoever digested the bytes wrote it down under a key that the database does not hold; where it says nothing (a restored
store, an object replaced), the bytes are read and digested again.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import structlog
from pymongo.errors import DuplicateKeyError

from portfolio.documents import EvidenceFile, PaperScan
from portfolio.errors import NotNow, Unavailable
from portfolio.store.canonical_json import canonical
from portfolio.store.chains import is_whole
from portfolio.store.connections import current, storage
from portfolio.store.journal import portfolio_chain
from portfolio.store.objects.bucket import ObjectGone

SEALED_AS = {EvidenceFile: "file_verified", PaperScan: "paper_deposited"}
PURPOSE = "digested objects"
READING_S = 5
_being_read: set[str] = set()
_guard = threading.Lock()
log = structlog.get_logger()

Stored = EvidenceFile | PaperScan


class NotAsSealed(NotNow):
    code = "file_not_as_sealed"
    detail = (
        "Ce fichier n'est plus celui qui a été vérifié : il n'est ni montré ni envoyé. Prévenez l'établissement ; "
        "les commandes « verify » et « reconcile --deep » de l'exploitant diront ce qui diffère."
    )


class BeingRead(Unavailable):
    code = "file_being_read"
    detail = "Ce fichier est relu pour vérifier son contenu. Réessayez dans {retry_after} secondes."


@dataclass(frozen=True)
class Known:
    """What holds many files at once. seals: {file id: link}; notes: {key: row of `digested_objects`}."""

    seals: dict[str, dict[str, Any]]
    notes: dict[str, dict[str, Any]]


def known_of(files: Sequence[Stored]) -> Known:
    """Two commands, however many files."""
    found = current().database.digested_objects.find({"_id": {"$in": [file.key for file in files]}})
    return Known(seals_of([{"_id": file.id} for file in files]), {row["_id"]: row for row in found})


def refuse_altered(file: Stored, known: Known | None = None) -> None:
    """Holds the record against its link: one command, none with `known`. Raises NotAsSealed, ObjectGone (given up)."""
    if file.discarded_at is not None:
        raise ObjectGone()
    seals = seals_of([{"_id": file.id}]) if known is None else known.seals
    seal = seals.get(str(file.id))
    if seal is None or seal["chain"] != portfolio_chain(file) or differs(file, seal):
        refuse(file, "record")


def differs(file: Any, seal: dict[str, Any]) -> bool:
    """file: the record, as a document or as stored. A scan's link tells its digest alone."""
    return any(file[name] != seal["data"][name] for name in ("sha256", "size") if name in seal["data"])


def seals_of(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """{file id: the link that sealed it} of these records, as stored: one command."""
    about = {"subject.id": {"$in": [str(row["_id"]) for row in rows]}, "data.sha256": {"$exists": True}}
    found = current().database.events.find(about | {"name": {"$in": list(SEALED_AS.values())}})
    return {link["subject"]["id"]: link for link in found if is_whole(link)}


def refuse_replaced(file: Stored, known: Known | None = None) -> str:
    """The ETag of an object that holds what was sealed: a HEAD and, without `known`, two commands, once it was digested
    here. An archive that is on its way, which gives `known`, cannot be told to come back.

    Raises NotAsSealed, ObjectGone; without `known`, BeingRead.
    """
    refuse_altered(file, known)
    found = storage().stat(file.key)
    if found is None:
        raise ObjectGone()
    size, etag = found
    if size != file.size:
        refuse(file, "object")
    note = known.notes.get(file.key) if known else current().database.digested_objects.find_one({"_id": file.key})
    if not _says(note, file.key, etag, file.sha256):
        with _alone(file.key) if known is None else nullcontext():
            _digest_again(file, etag)
    return etag


@contextmanager
def _alone(key: str) -> Iterator[None]:
    """One reading of an object at a time in this process: a film that many look at again after long must not be read
    from end to end by every thread that serves. Raises BeingRead."""
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
    """Whether this service noted that the object with this ETag has this digest."""
    seals = [_seal(one, key, etag, sha256) for one in current().keys_for(PURPOSE)]
    return noted is not None and any(hmac.compare_digest(noted["seal"], seal) for seal in seals)


def _digest_again(file: Stored, etag: str) -> None:
    _, sha256 = read(file.key, etag=etag)
    if sha256 != file.sha256:
        refuse(file, "object")


def read(key: str, also: Callable[[bytes], object] = lambda _: None, etag: str | None = None) -> tuple[int, str]:
    """(size in bytes, SHA-256) of the whole object, remembered for the door. also: is given each chunk.

    etag: that it must have. Raises ObjectGone, ObjectReplaced.
    """
    measured, size, download = hashlib.sha256(), 0, storage().open(key, etag)
    for chunk in download:
        measured.update(chunk)
        size += len(chunk)
        also(chunk)
    remember(key, download.etag, measured.hexdigest())
    return size, measured.hexdigest()


def remember(key: str, etag: str, sha256: str) -> None:
    """Outside the journal: what is lost here costs a reading, and a row that we did not seal says nothing. By the
    store's own clock, after which it leaves."""
    noted = {"$set": {"seal": _seal(current().keys_for(PURPOSE)[0], key, etag, sha256)}, "$currentDate": {"at": True}}
    try:
        current().database.digested_objects.update_one({"_id": key}, noted, upsert=True)
    except DuplicateKeyError:
        return  # another reader of the same object was first


def _seal(secret: bytes, key: str, etag: str, sha256: str) -> str:
    return hmac.new(secret, canonical([key, etag, sha256]), hashlib.sha256).hexdigest()


def refuse(file: Stored, what: str) -> None:
    """what: record | object, whichever differs; the log names the file by its identifier alone."""
    log.error("file_not_as_sealed", what=what, file=str(file.id))
    raise NotAsSealed()
