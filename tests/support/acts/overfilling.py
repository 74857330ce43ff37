"""Puts more into the store than was announced."""

from __future__ import annotations

import os
from collections.abc import Callable

import urllib3

from portfolio.documents import EvidenceFile
from portfolio.evidence import uploads
from portfolio.store.connections import storage
from tests.support.acts.sending import stored
from tests.support.worlds.world import World

ROOM = 100_000
SetUp = Callable[..., None]


def links(world: World, file: EvidenceFile) -> dict[int, str]:
    return uploads.progress(world.actor(world.candidate), stored(file), world.clock()).links


def put(link: str, data: bytes) -> int:
    return urllib3.request("PUT", link, body=data, retries=False).status


def keeps_every_sending(size: int = 10) -> bool:
    """SeaweedFS does until the upload ends; Ceph and S3 keep the last."""
    upload = storage().start_multipart("probe", "text/plain")
    for _ in range(2):
        storage().put_part("probe", upload, 1, os.urandom(size))
    held = storage().held("probe", upload)
    storage().abort("probe", upload)
    return held.sendings > 1


def sent_again(file: EvidenceFile, times: int) -> None:
    """Straight into the store, by a link that lives on."""
    link = storage().presign_part(file.key, file.upload_id, 1, file.declared_size, 60)
    for _ in range(times):
        assert put(link, os.urandom(file.declared_size)) == 200
