"""Opens the engines and keys of the domain, once per process, after fork."""

from __future__ import annotations

import hashlib
import hmac
from collections import deque
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import mongoengine
from pymongo import MongoClient
from pymongo.database import Database

from config.settings import Settings
from portfolio.rules.texts.circular import install_made, install_rehearsals
from portfolio.rules.texts.data_files import DataFile
from portfolio.rules.texts.exam import install_exams
from portfolio.store.engine_metrics import Commands
from portfolio.store.objects.bucket import Storage


@dataclass(frozen=True)
class Connections:
    """The open engines. Keys come from the settings, newest first: the first one signs, all of them verify.

    written: the last link that this process wrote, if any, in the form that anchors use.
    """

    client: MongoClient[dict[str, Any]]
    database: Database[dict[str, Any]]
    storage: Storage
    settings: Settings
    written: deque[str] = field(default_factory=lambda: deque(maxlen=1))

    def keys_for(self, purpose: str) -> list[bytes]:
        """Returns keys of 32 bytes derived from each SECRET_KEY for one purpose (HMAC as a PRF), newest first."""
        secrets = [secret.encode() for secret in self.settings.secret_key]
        return [hmac.new(secret, purpose.encode(), hashlib.sha256).digest() for secret in secrets]

    @cached_property
    def chain_keys(self) -> dict[str, bytes]:
        """Returns {key id: key}, newest first: the first one seals, all of them verify.

        The id is the start of the digest of the key: it names the key and reveals nothing of it.
        """
        keys = [key.encode() for key in self.settings.chain_key]
        return {hashlib.sha256(key).hexdigest()[:8]: key for key in keys}


@dataclass(frozen=True)
class _PublishedCirculars:
    """The circulars made on screen and published, as the one way to ask for a circular finds them."""

    database: Database[dict[str, Any]]

    def digests(self) -> list[str]:
        return [row["sha256"] for row in self.database.made_circulars.find({"state": "published"}, {"sha256": 1})]

    def file_of(self, sha256: str) -> DataFile | None:
        row = self.database.made_circulars.find_one({"sha256": sha256, "state": "published"})
        return DataFile(f"{row['session']}.v{row['version']}.yaml", row["text"].encode()) if row else None


_opened: list[Connections] = []


def install_texts(settings: Settings) -> None:
    """Says where the texts of the exams are read, besides those that are shipped. Needs no engine."""
    install_exams(settings.exams_dir)
    install_rehearsals(settings.rehearsal_circulars_dir)


def open_connections(settings: Settings, *, patient: bool = False) -> Connections:
    """Opens the connections of this process, after closing any earlier ones. Engines are called lazily: if one is down,
    the first request answers 503. patient: for a command, which waits for the object store where a request would not.
    """
    close_connections()
    install_texts(settings)
    client: MongoClient[dict[str, Any]] = mongoengine.connect(
        db=settings.mongodb_database,
        host=settings.mongodb_uri,
        tz_aware=True,
        uuidRepresentation="standard",
        serverSelectionTimeoutMS=3000,
        connectTimeoutMS=3000,
        socketTimeoutMS=20000,
        retryWrites=True,
        w="majority",
        readConcernLevel="majority",
        event_listeners=[Commands(settings.slow_command_ms)],
    )
    opened = Connections(
        client=client,
        database=mongoengine.connection.get_db(),
        storage=Storage(
            endpoint_url=settings.s3_endpoint_url,
            public_endpoint_url=settings.s3_public_endpoint_url,
            bucket=settings.s3_bucket,
            access_key=settings.s3_access_key_id,
            secret_key=settings.s3_secret_access_key,
            region=settings.s3_region,
            clock=settings.clock,
            patient=patient,
        ),
        settings=settings,
    )
    _opened.append(opened)
    install_made(_PublishedCirculars(opened.database))
    return opened


def close_connections() -> None:
    """Closes the connections of this process, if any."""
    while _opened:
        _opened.pop()
        mongoengine.disconnect_all()
        install_made(None)


def current() -> Connections:
    """Returns the open connections. Raises IndexError if there are none."""
    return _opened[-1]


def storage() -> Storage:
    """Returns the object store of the open connections. Raises IndexError if there are none."""
    return current().storage
