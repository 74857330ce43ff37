"""Sends files in parts, as a client does."""

from __future__ import annotations

import io
from typing import Any

from portfolio.documents import Evidence, EvidenceFile
from portfolio.evidence import piece_fields, upload_ending, uploads
from portfolio.store.connections import storage
from portfolio.store.outbox import deliver_due
from tests.support.worlds.world import World
from worker import HANDLERS

MIB = 1024 * 1024


def begin(world: World, piece: Evidence, size: int, name: str = "lettre.pdf", **said: Any) -> EvidenceFile:
    fresh = Evidence.objects.get(pk=piece.id)
    return uploads.begin(world.actor(world.candidate), fresh, {"name": name, "size": size, **said}, world.clock())


def send(world: World, file: EvidenceFile, number: int, data: bytes) -> int:
    return uploads.receive_part(world.actor(world.candidate), file, number, io.BytesIO(data), world.clock())


def finish(world: World, file: EvidenceFile) -> EvidenceFile:
    """As a request does: on a file read by itself."""
    return upload_ending.finish(world.actor(world.candidate), stored(file), world.clock())


def stored(thing: Any) -> Any:
    return type(thing).objects.get(pk=thing.id)


def missing(piece: Evidence) -> list[str]:
    return piece_fields.missing_of(stored(piece), list(EvidenceFile.objects(evidence=piece.id, removed_at=None)))


def run_errands(world: World) -> int:
    return deliver_due(HANDLERS, world.clock)


def keys_in_store() -> set[str]:
    return {found.key for found in storage().list_keys("")} | {pending.key for pending in storage().list_uploads()}
