"""A large file is inspected where it lies: in the store, block by block."""

from __future__ import annotations

import random

import pytest

from portfolio.evidence.upload_verdict import IN_MEMORY
from portfolio.store.connections import Connections, storage
from portfolio.store.objects.refusals import ObjectGone
from portfolio.store.stored_file import BLOCK, StoredFile
from tests.support.worlds.world import PDF, World

SIZE = 2 * BLOCK + 1000


def test_it_reads_as_the_same_bytes_on_disk_would(store: Connections) -> None:
    drawn = random.Random(7)
    data = drawn.randbytes(SIZE)
    storage().put("stored/file", data, "application/octet-stream")
    file = StoredFile("stored/file", SIZE)

    assert file.seek(0, 2) == SIZE and file.read(10) == b""
    for start in (0, BLOCK - 3, 2 * BLOCK - 1, SIZE - 5, *(drawn.randrange(SIZE) for _ in range(20))):
        file.seek(start)
        assert file.read(5000) == data[start : start + 5000]
        assert file.tell() == min(start + 5000, SIZE)
    file.seek(BLOCK - 10)
    buffer = bytearray(BLOCK + 20)
    assert file.readinto(buffer) == len(buffer)
    assert buffer == data[BLOCK - 10 : 2 * BLOCK + 10]
    assert file.failure is None


def test_what_the_store_refused_is_remembered_for_whoever_reads_through_it(store: Connections) -> None:
    file = StoredFile("stored/nothing", SIZE)
    with pytest.raises(ObjectGone) as refused:
        file.read(1)
    assert file.failure is refused.value


def test_a_large_document_is_known_by_both_its_ends(world: World) -> None:
    padded = PDF[:9] + b"% " + bytes(80) * ((IN_MEMORY + BLOCK) // 80) + b"\n" + PDF[9:]
    assert world.upload(world.new_piece(), padded[:-40], "coupe.pdf").reason_code == "torn_file"
    file = world.upload(world.new_piece(), padded, "dossier.pdf")
    assert (file.state, file.kind, file.size) == ("verified", "pdf", len(padded))
