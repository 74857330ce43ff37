"""A file inside a page: who sees it, what is kept of it, and what goes when it goes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from portfolio.audit import reconcile
from portfolio.documents import EvidenceFile
from portfolio.errors import NotFound
from portfolio.files.confinement.bounds import Bounds
from portfolio.files.previews import kept_views, play, show
from portfolio.files.previews.preview_spec import MOST_PAGES
from portfolio.files.previews.sandbox import CannotShow
from portfolio.ids import new_token
from portfolio.store.connections import Connections, storage
from tests.conftest import Clock
from tests.support import specimens as made
from tests.support.both_stores import long_after
from tests.support.queries import counted
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")


@pytest.fixture
def photo(world: World) -> EvidenceFile:
    return world.upload(world.new_piece(), made.picture("JPEG", located=True), "photo.jpg")


@pytest.fixture
def teacher(world: World) -> Any:
    return world.actor(world.follower)


def kept() -> list[str]:
    return sorted(one.key for one in storage().list_keys("views/"))


def view_of(file: EvidenceFile, what: str) -> str:
    return f"views/{file.key}/{kept_views.VERSION}/{what}"


def test_who_may_not_read_a_file_sees_nothing_of_it(world: World, photo: EvidenceFile) -> None:
    stranger = world.actor(world.person("Inconnue"))
    for see in (show.preview_of, show.thumbnail, show.picture, play.whole_recording):
        with pytest.raises(NotFound):
            see(stranger, photo)
    assert kept() == []


def test_what_was_drawn_is_kept_and_shown_again_without_drawing(teacher: Any, photo: EvidenceFile) -> None:
    assert show.preview_of(teacher, photo).shape == "picture"
    first = show.thumbnail(teacher, photo)
    assert kept() == [view_of(photo, "outline"), view_of(photo, "thumbnail")]
    storage().delete(photo.key)
    assert show.thumbnail(teacher, photo) == first and show.preview_of(teacher, photo).shape == "picture"


def test_a_file_on_its_way_or_refused_is_not_shown_and_says_why(world: World, teacher: Any) -> None:
    piece = world.new_piece()
    pending = world.send(piece)
    refused = world.upload(piece, made.web_page(), "photo.jpg")
    assert refused.state == "quarantined"
    for file, why in ((pending, show.PENDING), (refused, show.QUARANTINED)):
        view = show.preview_of(teacher, file)
        assert (view.shape, view.notes) == ("nothing", [why])
        with pytest.raises(show.NothingToShow):
            show.thumbnail(teacher, file)


def test_of_a_type_without_a_view_only_the_download_is_left(world: World, teacher: Any) -> None:
    file = world.upload(world.new_piece(), made.DIAGRAM, "schema.drawio")
    assert show.preview_of(teacher, file).notes == [show.NO_VIEW]
    for see in (show.thumbnail, show.picture, play.whole_recording):
        with pytest.raises(show.NothingToShow):
            see(teacher, file)


def test_a_damaged_file_shows_a_sentence_and_is_read_once(world: World, teacher: Any) -> None:
    """Its ends are sound, so it was accepted; a decoder stops in the middle."""
    whole = made.picture("PNG")
    file = world.upload(world.new_piece(), whole[:200] + bytes(400) + whole[600:], "capture.png")
    assert file.state == "verified"
    with pytest.raises(CannotShow):
        show.picture(teacher, file)
    text = world.upload(
        world.new_piece(), made.ooxml(made.OOXML + "wordprocessingml.document.main+xml", "x.xml"), "a.docx"
    )
    assert show.preview_of(teacher, text).notes == [show.WHY["damaged"]]
    assert kept() == sorted([view_of(file, "picture"), view_of(text, "outline")])
    for one in (file, text):  # neither is read again
        storage().delete(one.key)
    assert show.preview_of(teacher, text).notes == [show.WHY["damaged"]]
    with pytest.raises(CannotShow):
        show.picture(teacher, file)


def test_what_could_not_be_shown_is_tried_again_by_other_renderers(
    world: World, teacher: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = world.upload(world.new_piece(), made.word(), "note.docx")
    kept_views.keep_refusal(file, "outline", CannotShow("damaged"))
    assert show.preview_of(teacher, file).notes == [show.WHY["damaged"]]
    monkeypatch.setattr(kept_views, "VERSION", "999999")
    assert show.preview_of(teacher, file).shape == "prose"


def test_a_refusal_that_somebody_wrote_into_the_store_hides_nothing(world: World, teacher: Any) -> None:
    file = world.upload(world.new_piece(), made.word(), "note.docx")
    storage().put(view_of(file, "outline"), bytes(32) + b"rdamaged", "application/octet-stream")
    assert show.preview_of(teacher, file).shape == "prose"


def test_a_machine_that_is_busy_says_nothing_of_the_file(
    world: World, teacher: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = world.upload(world.new_piece(), made.word(), "note.docx")
    monkeypatch.setattr(show, "PARSING", Bounds(cpu_s=5, wall_s=0.01))
    view = show.preview_of(teacher, file)
    assert (view.shape, kept()) == ("nothing", []) and view.notes[0].startswith("Beaucoup d'aperçus")
    monkeypatch.undo()
    assert show.preview_of(teacher, file).shape == "prose"


def test_a_pdf_has_pages_and_no_others(world: World, teacher: Any) -> None:
    file = world.upload(world.new_piece(), made.pdf(script=True), "contrat.pdf")
    assert file.warnings == ["pdf_javascript"] and show.preview_of(teacher, file).page_count == 1
    assert show.page_picture(teacher, file, 1)[8:12] == show.thumbnail(teacher, file)[8:12] == b"WEBP"
    for number in (0, 2, MOST_PAGES + 1, 10**9):
        with pytest.raises(show.NothingToShow):
            show.page_picture(teacher, file, number)
    with pytest.raises(show.NothingToShow):
        show.picture(teacher, file)


def test_looking_asks_the_documents_as_much_the_first_time_as_the_next(
    world: World, photo: EvidenceFile, store: Connections
) -> None:
    counts = []
    for _ in range(2):
        by = world.actor(world.follower)
        with counted(store.database) as count:
            show.preview_of(by, photo)
            show.thumbnail(by, photo)
        counts += count
    assert counts[0] == counts[1] <= 4


# --- the reconciler -------------------------------------------------------------------------------


def views(at: datetime, **how: bool) -> list[str]:
    return sorted(one.key for one in reconcile.reconcile(at, **how) if one.what == "view")


def test_views_of_a_live_file_stay_and_are_no_orphans(teacher: Any, photo: EvidenceFile) -> None:
    show.thumbnail(teacher, photo)
    assert list(reconcile.reconcile(long_after(), cure=True)) == []
    assert len(kept()) == 1


def test_views_go_with_the_bytes_of_their_file(world: World, teacher: Any, photo: EvidenceFile) -> None:
    show.thumbnail(teacher, photo)
    EvidenceFile.objects(pk=photo.id).update(set__discarded_at=world.clock(), set__removed_at=world.clock())
    assert views(long_after()) == kept() != []
    list(reconcile.reconcile(long_after(), cure=True))
    assert kept() == [] and storage().head(photo.key) is None
    gone = EvidenceFile.objects.get(pk=photo.id)
    assert show.preview_of(teacher, gone).shape == "nothing"


def test_views_of_nobody_and_of_earlier_renderers_go_and_what_is_not_ours_stays(
    teacher: Any, photo: EvidenceFile, clock: Clock
) -> None:
    version = kept_views.VERSION
    stale = [
        f"views/{photo.key}/0/outline",
        f"views/{new_token()}/{version}/thumbnail",
        f"views/5/{photo.key}/outline",  # as they were before version 7
    ]
    theirs = ["views/logo.png", f"views/other/{version}/outline"]
    for key in stale + theirs:
        storage().put(key, b"x", "text/plain")
    show.thumbnail(teacher, photo)
    assert views(clock() + timedelta(days=1)) == sorted(stale)
    assert views(clock() + timedelta(days=1), cure=True) == sorted(stale)
    assert kept() == sorted([*theirs, view_of(photo, "thumbnail")])
