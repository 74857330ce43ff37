"""Describes what the object store contains."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Part(NamedTuple):
    etag: str
    size: int


class Held(NamedTuple):
    """What the store holds of an upload. parts: {number: the version that counts}.

    sendings, size: number and bytes of all versions, including replaced ones if the store keeps them: they take space
    until the upload ends.
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
