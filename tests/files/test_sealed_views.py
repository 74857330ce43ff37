"""What is drawn or played of a file that was replaced after it was verified: nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from portfolio.documents import EvidenceFile
from portfolio.files import sealed_files
from portfolio.files.previews import kept_views, play, show
from portfolio.files.previews.preview_spec import PRINT_THUMBNAIL, page
from portfolio.files.sealed_files import NotAsSealed
from portfolio.ids import new_token
from portfolio.store.connections import Connections, storage
from tests.files.test_sealed_files import fresh, replace_object, replace_record
from tests.support import specimens as made
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")


@pytest.fixture
def photo(world: World) -> EvidenceFile:
    return world.upload(world.new_piece(), made.picture("JPEG"), "photo.jpg")


Show = Callable[[Any, EvidenceFile], Any]


def test_a_picture_replaced_before_it_was_drawn_is_not_drawn(world: World, photo: EvidenceFile) -> None:
    replace_object(photo, made.picture("PNG"))
    by = world.actor(world.follower)
    for see in (show.thumbnail, show.picture):
        with pytest.raises(NotAsSealed):
            see(by, photo)
    view = show.preview_of(by, photo)
    assert (view.shape, view.notes) == ("nothing", [NotAsSealed.detail])


def test_a_digest_replaced_after_it_was_drawn_shows_nothing(
    world: World, store: Connections, photo: EvidenceFile
) -> None:
    by = world.actor(world.follower)
    assert show.thumbnail(by, photo)
    replace_object(photo, made.picture("PNG"))
    replace_record(store, photo, made.picture("PNG"))
    with pytest.raises(NotAsSealed):
        show.thumbnail(by, fresh(photo))


def test_a_record_that_names_another_document_shows_nothing_of_its_pages(world: World, store: Connections) -> None:
    mine, other = (world.upload(world.new_piece(), made.opendocument(kind), f"a.{kind}") for kind in ("ods", "odt"))
    for what in (PRINT_THUMBNAIL, page(1)):
        kept_views.keep(other, what, b"RIFF une page")
    store.database.files.update_one({"_id": other.id}, {"$set": {"key": new_token()}})
    its_own = {"key": other.key, "sha256": other.sha256, "size": other.size}
    store.database.files.update_one({"_id": mine.id}, {"$set": its_own})
    by = world.actor(world.follower)
    for see in (show.thumbnail, lambda by, file: show.page_picture(by, file, 1)):
        with pytest.raises(NotAsSealed):
            see(by, fresh(mine))


def test_a_drawing_replaced_in_the_store_is_drawn_again(world: World, photo: EvidenceFile) -> None:
    by = world.actor(world.follower)
    drawn = show.thumbnail(by, photo)
    other = world.upload(world.new_piece(), made.picture("JPEG", located=True), "autre.jpg")
    show.thumbnail(by, other)
    (of_other,) = (one.key for one in storage().list_keys(f"views/{other.key}/"))
    (of_photo,) = (one.key for one in storage().list_keys(f"views/{photo.key}/"))
    for forged in (b"RIFF une autre image", b"".join(storage().open(of_other))):
        storage().put(of_photo, forged, "image/webp")
        assert show.thumbnail(by, photo) == drawn


def test_a_replaced_film_is_not_played(world: World) -> None:
    film = world.upload(world.new_piece(), made.film(), "film.mp4")
    by = world.actor(world.follower)
    assert play.recording(by, film, 0, 4)
    storage().put(film.key, b"\0" * film.size, "video/mp4")
    for see in (play.whole_recording, lambda by, film: play.recording(by, film, 0, 4)):
        with pytest.raises(NotAsSealed):
            see(by, film)


def test_a_film_that_is_read_again_from_end_to_end_is_read_by_one_at_a_time(
    world: World, store: Connections, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its note left with time: whoever comes while it is read again is told to come back, and costs no reading."""
    film = world.upload(world.new_piece(), made.film(), "film.mp4")
    store.database.digested_objects.delete_many({})
    begun, go_on, real = threading.Event(), threading.Event(), storage().open
    readings: list[str] = []

    def slow(key: str, etag: str | None = None) -> Any:
        readings.append(key)
        begun.set()
        assert go_on.wait(60)
        return real(key, etag)

    monkeypatch.setattr(storage(), "open", slow)
    with ThreadPoolExecutor(1) as elsewhere:
        first = elsewhere.submit(sealed_files.refuse_replaced, fresh(film))
        assert begun.wait(60)
        answer = client_for(world.follower).post(f"/api/v1/files/{film.id}/link")
        go_on.set()
        assert first.result(60)
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "file_being_read", "5")
    assert readings == [film.key]
    assert client_for(world.follower).post(f"/api/v1/files/{film.id}/link").status_code == 200
