"""What the worker makes of a file after its deposit, on a machine that has neither LibreOffice nor tesseract."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from PIL import Image

from portfolio.documents import EvidenceFile
from portfolio.files.confinement.bounds import Bounds
from portfolio.files.previews import kept_views, prepare, show
from portfolio.files.previews.prepare import DONE_WITH
from portfolio.files.previews.preview_spec import FOUND
from portfolio.files.previews.programs import office, reading
from portfolio.files.previews.programs.reading import sure_words
from portfolio.files.previews.sandbox import CannotShow
from portfolio.mail.outbox_handlers import DRAWERS, HANDLERS
from portfolio.store.connections import Connections, storage
from portfolio.store.outbox import DRAWINGS, deliver_due
from tests.support import specimens as made
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")


@pytest.fixture(autouse=True)
def neither_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "available", lambda: False)
    monkeypatch.setattr(reading, "available", lambda: False)


@pytest.fixture
def deposit(world: World) -> Callable[[bytes, str], EvidenceFile]:
    return lambda data, name: world.upload(world.new_piece(), data, name)


def drawn(world: World) -> int:
    return deliver_due(DRAWERS, world.clock, lane=DRAWINGS)


def test_views_are_made_after_the_deposit_and_their_rows_go(deposit: Any, world: World, store: Connections) -> None:
    photo, contract = deposit(made.picture("JPEG"), "photo.jpg"), deposit(made.pdf(), "contrat.pdf")
    assert store.database.outbox.count_documents(DRAWINGS) == 2
    deliver_due(HANDLERS, world.clock)
    assert store.database.outbox.count_documents(DRAWINGS) == 2, "no mail waits for a drawing"
    assert drawn(world) == 2
    assert store.database.outbox.count_documents(DRAWINGS) == 0
    assert kept_views.names(photo) == {"outline", "thumbnail", "picture", FOUND, DONE_WITH + "nothing"}
    assert kept_views.names(contract) == {"outline", "thumbnail", "page-1", FOUND, DONE_WITH + "nothing"}
    for file in (photo, contract):
        storage().delete(file.key)  # they are shown without being read again
        assert show.thumbnail(world.actor(world.follower), file)


def test_a_file_that_is_refused_asks_for_nothing(deposit: Any, store: Connections) -> None:
    assert deposit(made.web_page(), "photo.jpg").state == "quarantined"
    assert store.database.outbox.count_documents(DRAWINGS) == 0


def test_a_worker_that_was_killed_is_followed_by_one_that_goes_on(
    deposit: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = deposit(made.word(), "lettre.docx")
    whole = prepare.Drawing.made_together
    made_views: list[str] = []

    def watched(self: prepare.Drawing, wanted: Sequence[str]) -> list[bytes | CannotShow]:
        made_views.extend(wanted)
        if made_views == ["outline", "thumbnail"]:
            raise SystemExit  # as a kill would, it passes whoever catches errors
        return whole(self, wanted)

    monkeypatch.setattr(prepare.Drawing, "made_together", watched)
    with pytest.raises(SystemExit):
        drawn(world)
    assert drawn(world) == 0, "its lease still stands"
    world.clock.advance(minutes=3)
    assert drawn(world) == 1
    assert made_views == ["outline", "thumbnail", "thumbnail", FOUND]
    assert DONE_WITH + "nothing" in kept_views.names(file)


def test_what_takes_too_long_for_one_turn_goes_on_in_the_next(
    deposit: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = deposit(made.picture("JPEG"), "photo.jpg")
    monkeypatch.setattr(prepare, "ONE_TURN_S", -1)
    row = {"payload": {"file": file.id}, "attempts": 1}
    outcome = prepare.draw(row, world.clock())
    assert outcome.words == "goes_on" and outcome.then == prepare.errand_of(file) and not outcome.kept


def test_a_view_that_the_clock_ends_is_tried_thrice_then_refused(
    deposit: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = deposit(made.picture("JPEG"), "photo.jpg")
    monkeypatch.setattr(prepare, "DRAWING", Bounds(cpu_s=5, wall_s=0.001))
    for attempts in (1, 2):
        with pytest.raises(prepare.MachineBusy):
            prepare.draw({"payload": {"file": file.id}, "attempts": attempts}, world.clock())
    assert kept_views.names(file) == set()
    assert prepare.draw({"payload": {"file": file.id}, "attempts": 3}, world.clock()).words == "drawn"
    assert show.preview_of(world.actor(world.follower), file).notes == [show.WHY["too_large"]]


def test_a_file_given_up_before_or_meanwhile_leaves_no_view(
    deposit: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, meanwhile = deposit(made.picture("JPEG"), "a.jpg"), deposit(made.picture("PNG"), "b.png")
    EvidenceFile.objects(pk=before.id).update(set__discarded_at=world.clock())
    whole = prepare.Drawing.made_together

    def given_up(self: prepare.Drawing, wanted: Sequence[str]) -> list[bytes | CannotShow]:
        EvidenceFile.objects(pk=meanwhile.id).update(set__discarded_at=world.clock())
        return whole(self, wanted)

    monkeypatch.setattr(prepare.Drawing, "made_together", given_up)
    assert drawn(world) == 2
    assert list(storage().list_keys("views/")) == []


def test_an_upgrade_asks_for_the_files_of_before_once(
    deposit: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = deposit(made.picture("JPEG"), "photo.jpg")
    drawn(world)
    assert prepare.ask_for_missing(world.clock()) == 0
    monkeypatch.setattr(kept_views, "VERSION", "999999")
    assert prepare.ask_for_missing(world.clock()) == prepare.ask_for_missing(world.clock()) == 1
    assert drawn(world) == 1, "asked twice, one row"
    assert "picture" in kept_views.names(file)
    EvidenceFile.objects(pk=file.id).update(set__removed_at=world.clock())
    monkeypatch.setattr(kept_views, "VERSION", "9999999")
    assert prepare.ask_for_missing(world.clock()) == 0


# --- small pictures -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name,data",
    [
        ("note.docx", made.word()),
        ("suivi.xlsx", made.workbook()),
        ("offre.eml", made.message()),
        ("notes.txt", "Déjà vu – « œuvre » (à 12 €) \\ 日本".encode()),
    ],
)
def test_what_has_words_a_sheet_or_a_subject_has_a_small_picture(
    deposit: Any, world: World, name: str, data: bytes
) -> None:
    reader, file = world.actor(world.follower), deposit(data, name)
    first = show.thumbnail(reader, file)
    small = Image.open(io.BytesIO(first))
    assert (small.format, small.size) == ("WEBP", (240, 320))
    dark = sum(small.convert("L").histogram()[:128])
    assert dark > 30, "its words are drawn"
    for source in (file.key, f"views/{file.key}/{kept_views.VERSION}/outline"):
        storage().delete(source)
    assert show.thumbnail(reader, file) == first, "once"


def test_what_is_heard_or_played_has_none(deposit: Any, world: World) -> None:
    with pytest.raises(show.NothingToShow):
        show.thumbnail(world.actor(world.follower), deposit(made.sound(), "note.mp3"))


# --- words of which a reader of letters is sure -----------------------------------------------------


def table(*words: tuple[int, float, str]) -> str:
    """As tesseract writes it. words: (number of the line, sureness, word), all of one paragraph."""
    head = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
    return head + "".join(f"5\t1\t1\t1\t{line}\t1\t0\t0\t9\t9\t{sure}\t{word}\n" for line, sure, word in words)


def test_lines_of_which_it_is_sure_are_kept() -> None:
    assert sure_words(table((1, 96, "Contrat"), (1, 91, "4512"), (2, 20, "ﬀ~|"), (3, 88, "Signé"))) == (
        "Contrat 4512\nSigné"
    )


def test_signs_without_words_are_nothing() -> None:
    assert sure_words(table((1, 90, "~~"), (2, 90, "| —"))) == "" == sure_words(table())
    assert sure_words("") == sure_words("level\tpage\n5\t1\n") == ""
