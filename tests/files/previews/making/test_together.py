"""Views of one file that one process makes together: each as if it were made alone, whatever becomes of the others."""

from __future__ import annotations

import io
import tempfile
from typing import Any

import pikepdf
import pytest

from portfolio.documents import EvidenceFile
from portfolio.files.confinement import start
from portfolio.files.confinement.bounds import PARSING, Bounds
from portfolio.files.previews import kept_views, prepare, show
from portfolio.files.previews.prepare import DONE_WITH
from portfolio.files.previews.preview_spec import FOUND, OUTLINE, PICTURE, THUMBNAIL, page
from portfolio.files.previews.programs import office, reading
from portfolio.files.previews.render import render_together
from portfolio.files.previews.sandbox import CannotShow, answers_in
from portfolio.mail.outbox_handlers import DRAWERS
from portfolio.store.outbox import DRAWINGS, deliver_due
from tests.files.previews.drawn import rendered
from tests.files.previews.test_hostile_files import ENDLESS
from tests.files.written_pdf import written_pdf
from tests.support import specimens as made
from tests.support.worlds.world import World

_BLANK = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 140]>>"


def with_a_hole(pages: int, hole: int) -> bytes:
    """A PDF whose page `hole`, from 1, is not in the file."""
    kids = b" ".join(b"%d 0 R" % (99 if number == hole else number + 2) for number in range(1, pages + 1))
    catalogue, tree = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, pages)
    return written_pdf(catalogue, tree, *[_BLANK] * pages)


def pages_of(*contents: bytes) -> bytes:
    document = pikepdf.new()
    for content in contents:
        document.add_blank_page(page_size=(500, 500)).Contents = document.make_stream(content)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def together(data: bytes, kind: str, wanted: list[str], bounds: Bounds = PARSING) -> list[bytes | str]:
    """The answers of one process; of a refusal its reason."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        answers = render_together(file, kind, wanted, bounds)
    return [answer.reason if isinstance(answer, CannotShow) else answer for answer in answers]


@pytest.mark.parametrize(
    "data,kind,wanted",
    [
        (made.pdf_of_pages(3), "pdf", [OUTLINE, THUMBNAIL, page(1), page(2), page(3)]),
        (made.picture("JPEG"), "jpeg", [OUTLINE, THUMBNAIL, PICTURE]),
        (made.iphone_photo(), "heic", [OUTLINE, THUMBNAIL, PICTURE]),
    ],
)
def test_views_made_together_are_those_made_alone(data: bytes, kind: str, wanted: list[str]) -> None:
    assert together(data, kind, wanted) == [rendered(data, kind, what) for what in wanted]


def test_behind_the_last_page_nothing_is_looked_for() -> None:
    wanted = [page(number) for number in range(1, 7)]
    answers = together(made.pdf_of_pages(2), "pdf", wanted)
    assert len(answers) == 3 and answers[2] == "absent"


def test_a_view_that_fails_is_refused_only_as_the_first_of_its_process() -> None:
    data = with_a_hole(4, hole=3)
    wanted = [page(number) for number in range(1, 5)]
    assert len(together(data, "pdf", wanted)) == 2
    assert together(data, "pdf", wanted[2:]) == ["damaged"]
    assert len(together(data, "pdf", wanted[3:])) == 1


def test_a_page_that_takes_for_ever_leaves_those_before_it() -> None:
    data = pages_of(b"", ENDLESS, b"")
    wanted = [page(1), page(2), page(3)]
    assert len(together(data, "pdf", wanted, Bounds(cpu_s=1, wall_s=60))) == 1


def test_the_clock_leaves_what_was_made_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = r"\0\0\0\0\0\0\0\0\5first"
    for written, answers in ((answered, [b"first"]), (answered * 2 + answered[:-3], [b"first"] * 2)):
        slow = ["sh", "-c", f"printf '{written}'; exec sleep 60"]
        monkeypatch.setattr(start, "module", lambda *_, slow=slow: slow)
        assert together(b"", "pdf", [page(1), page(2), page(3)], Bounds(cpu_s=30, wall_s=1)) == answers
    monkeypatch.setattr(start, "module", lambda *_: ["sleep", "60"])
    with pytest.raises(start.OutOfTime):
        together(b"", "pdf", [page(1), page(2)], Bounds(cpu_s=30, wall_s=0.1))


@pytest.mark.parametrize("output", [b"", b"\0", b"\0" * 9 + b"\1", b"\0" + (1 << 63).to_bytes(8) + b"x"])
def test_an_answer_that_was_cut_is_none(output: bytes) -> None:
    assert [answer for answer in answers_in(output) if answer] == []


def test_a_reason_that_is_none_of_ours_says_that_the_file_is_damaged() -> None:
    (refusal,) = answers_in(b"\1" + (6).to_bytes(8) + b"<b>\xff\0!")
    assert isinstance(refusal, CannotShow) and refusal.reason == "damaged"


# --- in the worker -----------------------------------------------------------------------------------


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The views that each process was asked for."""
    asked: list[list[str]] = []
    whole = start.run

    def watched(command: Any, *arguments: Any, **named: Any) -> start.Ended:
        asked.append(command[8:])
        return whole(command, *arguments, **named)

    monkeypatch.setattr(office, "available", lambda: False)
    monkeypatch.setattr(reading, "available", lambda: False)
    monkeypatch.setattr(start, "run", watched)
    return asked


def drawn(world: World, data: bytes, name: str) -> EvidenceFile:
    file = world.upload(world.new_piece(), data, name)
    assert file.state == "verified", file.reason
    deliver_due(DRAWERS, world.clock, lane=DRAWINGS)
    return file


@pytest.mark.usefixtures("bucket")
def test_all_views_of_a_file_are_made_by_one_process(world: World, commands: list[list[str]]) -> None:
    file = world.upload(world.new_piece(), made.pdf_of_pages(4), "contrat.pdf")
    commands.clear()  # those of its reception
    deliver_due(DRAWERS, world.clock, lane=DRAWINGS)
    assert commands == [[OUTLINE, THUMBNAIL, *(page(number) for number in range(1, 21))], [FOUND]]
    assert kept_views.names(file) == {OUTLINE, THUMBNAIL, *map(page, range(1, 5)), FOUND, DONE_WITH + "nothing"}


@pytest.mark.usefixtures("bucket")
def test_one_page_that_cannot_be_drawn_costs_no_other_and_is_said(world: World, commands: list[list[str]]) -> None:
    file = drawn(world, with_a_hole(4, hole=3), "abîmé.pdf")
    by = world.actor(world.follower)
    commands.clear()
    view = show.preview_of(by, file)
    assert view.notes == ["Ce fichier est abîmé : on ne peut pas en montrer la page 3."] and view.page_count == 4
    for number in (1, 2, 4):
        assert show.page_picture(by, file, number)
    with pytest.raises(CannotShow, match="damaged"):
        show.page_picture(by, file, 3)
    assert commands == [], "all of it is kept"


@pytest.mark.usefixtures("bucket")
def test_of_a_pdf_that_does_not_open_no_page_is_tried(world: World, commands: list[list[str]]) -> None:
    file = world.upload(world.new_piece(), with_a_hole(1, hole=1), "troué.pdf")
    commands.clear()
    prepare.draw({"payload": {"file": file.id}, "attempts": 1}, world.clock())
    assert [asked[0] for asked in commands] == [OUTLINE, THUMBNAIL, FOUND]
    assert kept_views.names(file) == {OUTLINE, THUMBNAIL, FOUND, DONE_WITH + "nothing"}
