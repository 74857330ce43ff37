"""Keeps what was drawn of a file, and what could not be, beside it in the object store, under a seal.

A view stands under `views/<key of the file>/<VERSION>/<its name>`, the same bytes whoever makes it: two who make it at
once do no harm. The seal covers the digest of the file: a view with another one is not read.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from typing import Final

from portfolio.documents import CircularAnnex
from portfolio.documents.portfolios import ViewedFile
from portfolio.files.previews.sandbox import CannotShow
from portfolio.store.connections import current, storage
from portfolio.store.objects.listings import StoredObject
from portfolio.store.objects.refusals import ObjectGone

KEPT_UNDER: Final = "views"
VERSION: Final = "22"  # of the renderers: another version makes everything again
Viewed = ViewedFile | CircularAnnex  # what has a key in the store, and a digest
_SEAL_BYTES = hashlib.sha256().digest_size  # what is kept begins with its seal, then says what it is
_VIEW, _REFUSAL = b"v", b"r"


def read(file: Viewed, what: str) -> bytes | None:
    """Returns a view; None if it was not made, or if its seal is not ours. what: its name. Raises CannotShow if it
    could not be made, Unavailable.
    """
    key = _key(file, what)
    try:
        stored = b"".join(storage().open(key))
    except ObjectGone:
        return None
    seal, content = stored[:_SEAL_BYTES], stored[_SEAL_BYTES:]
    if not any(hmac.compare_digest(seal, ours) for ours in _seals(key, file.sha256, content)):
        return None
    if content[:1] == _REFUSAL:
        raise CannotShow(content[1:].decode())
    return content[1:]


def made(file: Viewed, what: str) -> bytes | None:
    """Returns a view; None where it was not made, or could not be. what: its name. Raises Unavailable."""
    try:
        return read(file, what)
    except CannotShow:
        return None


def keep(file: Viewed, what: str, view: bytes) -> None:
    """Writes a view beside its file in the object store, under a seal; it stays until its file goes or another version
    of our renderers comes. what: name of the view. Raises Unavailable.
    """
    _put(file, what, _VIEW + view)


def keep_refusal(file: Viewed, what: str, refusal: CannotShow) -> None:
    """Stores that this view (`what`) of the file cannot be made: trying again would cost as much and end alike. Raises
    Unavailable.
    """
    _put(file, what, _REFUSAL + refusal.reason.encode())


def names(file: Viewed) -> set[str]:
    """Returns the names of the views of this version, those that could not be made included. Raises Unavailable."""
    prefix = _key(file, "")
    return {stored.key.removeprefix(prefix) for stored in storage().list_keys(prefix)}


def of_file(key: str) -> Iterator[StoredObject]:
    """Yields what is kept of the file with this key, of every version. Raises Unavailable while it is read."""
    return storage().list_keys(f"{KEPT_UNDER}/{key}/")


def erase(key: str) -> None:
    """Deletes all views, of every version, of the file with this key. Raises Unavailable."""
    for stored in list(of_file(key)):
        storage().delete(stored.key)


def _key(file: Viewed, what: str) -> str:
    return f"{KEPT_UNDER}/{file.key}/{VERSION}/{what}"


def _put(file: Viewed, what: str, content: bytes) -> None:
    key = _key(file, what)
    storage().put(key, _seals(key, file.sha256, content)[0] + content, "application/octet-stream")


def _seals(key: str, source_sha256: str, content: bytes) -> list[bytes]:
    """Returns one HMAC-SHA-256 per valid key, the current one first, of a stored view: its key, the digest of its
    source, its content.
    """
    sealed = f"{key} {source_sha256} ".encode() + content
    return [hmac.digest(secret, sealed, "sha256") for secret in current().keys_for("views")]
