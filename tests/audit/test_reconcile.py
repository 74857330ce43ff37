"""The reconciler finds what differs between the two stores, cures what can be, and never touches what counts."""

from __future__ import annotations

import tracemalloc
from datetime import datetime, timedelta

import pytest

from portfolio.audit.reconcile import UnlikelyOrphans
from portfolio.audit.reconciling import findings, missing_objects, unfinished_uploads, unneeded_bytes
from portfolio.documents import EvidenceFile
from portfolio.errors import Unavailable
from portfolio.ids import new_id, new_token
from portfolio.store.connections import Connections, storage
from tests.support.both_stores import different, found, kinds
from tests.support.clock import now
from tests.support.outage import store_down
from tests.support.worlds.world import PDF, World

pytestmark = pytest.mark.usefixtures("bucket")
MONTH = timedelta(days=31)


# --- phantoms ---------------------------------------------------------------------------------------


def test_of_a_sound_store_there_is_nothing_to_say(world: World, later: datetime) -> None:
    piece = world.new_piece()
    world.upload(piece)
    assert found(later, deep=True) == []


def test_a_verified_file_whose_object_is_gone_is_reported_and_stays(world: World, later: datetime) -> None:
    file = world.upload(world.new_piece())
    storage().delete(file.key)

    assert kinds(found(later)) == kinds(found(later, cure=True)) == [("phantom", file.key)]
    assert str(file.id) in found(later)[0].line
    assert EvidenceFile.objects.get(pk=file.id).state == "verified"


def test_an_object_of_another_size_is_a_phantom(world: World, later: datetime) -> None:
    file = world.upload(world.new_piece())
    storage().put(file.key, PDF[:-10], "application/pdf")
    assert [(one.what, one.size) for one in found(later)] == [("phantom", len(PDF) - 10)]


def test_an_object_of_the_right_size_with_another_content_is_seen_by_reading_it(world: World, later: datetime) -> None:
    file = world.upload(world.new_piece())
    storage().put(file.key, PDF[:-1] + b"!", "application/pdf")
    assert found(later) == []
    assert kinds(found(later, deep=True)) == [("phantom", file.key)]


def test_a_store_that_is_down_is_no_phantom(world: World, later: datetime) -> None:
    world.upload(world.new_piece())
    with store_down(), pytest.raises(Unavailable):
        found(later)


def test_what_spans_many_pages_is_all_found(world: World, later: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (findings, unfinished_uploads, unneeded_bytes):
        monkeypatch.setattr(module, "BATCH", 2)
    piece = world.new_piece()
    files = [world.upload(piece, different(number)) for number in range(5)]
    lost = files[1::2]
    for file in lost:
        storage().delete(file.key)
    strays = [new_token() for _ in range(5)]
    for key in strays:
        storage().put(key, b"stray", "text/plain")

    expected = [("orphan", key) for key in strays] + [("phantom", file.key) for file in lost]
    assert kinds(found(later)) == sorted(expected)


@pytest.mark.endure
def test_a_large_store_is_looked_at_in_flat_memory(world: World, store: Connections) -> None:
    like = world.upload(world.new_piece()).to_mongo()

    def peak(files: int) -> int:
        copies = ({**like, "_id": new_id(), "key": new_token()} for _ in range(files))
        store.database.files.insert_many(list(copies))
        tracemalloc.start()
        try:
            for _ in missing_objects.phantoms(deep=False):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    first = peak(1000)
    assert peak(2000) < 1.2 * first


# --- orphans ----------------------------------------------------------------------------------------


def test_an_object_that_no_document_names_is_deleted_only_when_asked(store: Connections, later: datetime) -> None:
    key = new_token()
    store.storage.put(key, b"nobody's", "text/plain")

    assert [(one.what, one.size, one.cured) for one in found(later)] == [("orphan", 8, False)]
    assert store.storage.head(key) == 8
    assert [(one.what, one.cured) for one in found(later, cure=True)] == [("orphan", True)]
    assert store.storage.head(key) is None
    assert found(later) == []


def test_a_young_object_may_be_of_an_act_that_is_not_finished(store: Connections) -> None:
    key = new_token()
    store.storage.put(key, b"just now", "text/plain")
    assert found(now(), cure=True) == []
    assert store.storage.head(key) == 8


def test_what_somebody_else_keeps_in_the_bucket_is_left_alone(store: Connections, later: datetime) -> None:
    for key in ("logos/ampere.png", "sauvegarde.tar", "a" * 42):
        store.storage.put(key, b"theirs", "image/png")
        store.storage.start_multipart(f"{key}.new", "image/png")
    assert found(later, cure=True, many=True) == []
    assert len(list(store.storage.list_keys(""))) == 3
    assert len(list(store.storage.list_uploads())) == 3


def test_beside_the_wrong_database_nothing_is_deleted(store: Connections, later: datetime) -> None:
    for number in range(21):
        store.storage.put(new_token(), str(number).encode(), "text/plain")
    store.storage.start_multipart(new_token(), "text/plain")

    with pytest.raises(UnlikelyOrphans) as refused:
        found(later, cure=True)
    assert "21 objets" in refused.value.message
    assert len(list(store.storage.list_keys(""))) == 21
    assert len(list(store.storage.list_uploads())) == 1

    assert len(found(later)) == 22
    found(later, cure=True, many=True)
    assert list(store.storage.list_keys("")) == []
