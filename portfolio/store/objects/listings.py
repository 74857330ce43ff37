"""What the object store tells of what it holds."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Part(NamedTuple):
    etag: str
    size: int


class Held(NamedTuple):
    """What the store has of an upload. parts: {number: the sending that counts}. sendings, size: how many there are and
    their bytes, with those that a later one replaced where the store keeps them: they take room until the upload ends.
    """

    parts: dict[int, Part]
    sendings: int
    size: int


class StoredObject(NamedTuple):
    key: str
    size: int
    modified: datetime


class PendingUpload(NamedTuple):
    key: str
    upload_id: str
    started: datetime
