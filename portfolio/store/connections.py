"""The engines and keys that the domain works with, opened once per process, after fork."""

from __future__ import annotations

import hashlib
import hmac
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import mongoengine
from pymongo import MongoClient
from pymongo.database import Database

from config.settings import Settings
from portfolio.rules.circular import install_rehearsals
from portfolio.store.engine_metrics import Commands
from portfolio.store.objects.bucket import Storage


@dataclass(frozen=True)
class Connections:
    """The keys follow from the settings: newest first, of which the first is used and all are believed.

    wake: told that there is background work, once it is committed. It never fails: the worker would find it by itself.
    written: the last link that this process wrote, if any, as an anchor is written.
    """

    client: MongoClient[dict[str, Any]]
    database: Database[dict[str, Any]]
    storage: Storage
    settings: Settings
    wake: Callable[[], None]
    written: deque[str] = field(default_factory=lambda: deque(maxlen=1))

    def keys_for(self, purpose: str) -> list[bytes]:
        """Keys of 32 bytes derived from each SECRET_KEY for one purpose (HMAC as a PRF), newest first."""
        secrets = [secret.encode() for secret in self.settings.secret_key]
        return [hmac.new(secret, purpose.encode(), hashlib.sha256).digest() for secret in secrets]

    @cached_property
    def chain_keys(self) -> dict[str, bytes]:
        """{key id: key}, newest first: it seals, the others verify what they sealed.

        The id is the start of the key's digest, so that it names the key and tells nothing of it.
        """
        keys = [key.encode() for key in self.settings.chain_key]
        return {hashlib.sha256(key).hexdigest()[:8]: key for key in keys}


_opened: list[Connections] = []


def _wakes_nobody() -> None:
    """Where no worker listens: commands, tests."""


def open_connections(settings: Settings, wake: Callable[[], None] = _wakes_nobody) -> Connections:
    """Connects lazily: a store that is down is met by the first request, which answers 503."""
    close_connections()
    install_rehearsals(settings.rehearsal_circulars_dir)
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
        ),
        settings=settings,
        wake=wake,
    )
    _opened.append(opened)
    return opened


def close_connections() -> None:
    while _opened:
        _opened.pop()
        mongoengine.disconnect_all()


def current() -> Connections:
    return _opened[-1]


def storage() -> Storage:
    return current().storage
