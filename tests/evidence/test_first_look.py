"""A file that cannot be displayed says so as soon as it is received, and is received all the same."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from portfolio.files.confinement.bounds import FIRST_LOOK, PARSING, Bounds
from portfolio.files.previews import first_look, places
from portfolio.files.previews.hidden_in_view import codes_in
from portfolio.files.previews.preview_spec import Preview
from portfolio.rules.file_warnings import WARNINGS
from tests.files.written_pdf import written_pdf
from tests.support import containers
from tests.support import specimens as made
from tests.support.filling import HTML, fill
from tests.support.worlds.world import PDF, World

Clients = Callable[..., FlaskClient]


def broken_picture() -> bytes:
    """Its ends are sound, so it is received; a decoder stops in the middle."""
    whole = made.picture("PNG")
    return whole[:200] + bytes(400) + whole[600:]


def heavy_page(depth: int = 9) -> bytes:
    """A page whose forms each draw the next ten times: 10 to the power of `depth` drawings in 2 kB."""
    again = b"/F Do " * 10
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>>>",
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(again), again),
    ]
    for number in range(6, 6 + depth):
        head = b"<</Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</F %d 0 R>>>>/Length %d>>"
        objects.append(head % (number, len(again)) + b"\nstream\n" + again + b"\nendstream")
    last = b"0 0 m 9 9 l S"
    objects.append(b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length %d>>\nstream\n%s\nendstream" % (len(last), last))
    return written_pdf(*objects)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("capture.png", broken_picture(), "view_damaged"),
        ("a.docx", made.ooxml(made.OOXML + "wordprocessingml.document.main+xml", "x.xml"), "view_damaged"),
    ],
)
def test_what_cannot_be_displayed_is_received_with_the_reason(world: World, name: str, data: bytes, code: str) -> None:
    file = world.upload(world.new_piece(), data, name)

    assert (file.state, file.warnings) == ("verified", [code])


def test_what_takes_too_long_to_display_is_received_and_tried_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One second of a processor here, five in service."""
    monkeypatch.setattr(first_look, "FIRST_LOOK", Bounds(cpu_s=1, wall_s=100))
    piece = world.new_piece()
    file = world.upload(piece, heavy_page(), "bombe.pdf")
    monkeypatch.setattr(first_look, "FIRST_LOOK", Bounds(cpu_s=1, wall_s=0))
    again = world.upload(piece, heavy_page(), "bombe.pdf")

    assert (file.state, file.warnings) == (again.state, again.warnings) == ("verified", ["view_too_large"])


def test_a_deposit_on_a_busy_machine_ends_without_the_verdict_that_the_view_gives_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert FIRST_LOOK.wall_s < PARSING.wall_s / 2
    monkeypatch.setattr(first_look, "FIRST_LOOK", Bounds(cpu_s=5, wall_s=0))
    file = world.upload(world.new_piece(), PDF + b"% never seen before", "lettre.pdf")
    assert (file.state, file.warnings) == ("verified", [])


@pytest.mark.parametrize("name", ["lettre.pdf", "photo.jpg", "suivi.xlsx", "note.mp3"])
def test_what_can_be_displayed_has_no_such_word(world: World, name: str) -> None:
    data = {
        "lettre.pdf": PDF,
        "photo.jpg": made.picture("JPEG"),
        "suivi.xlsx": made.workbook(),
        "note.mp3": made.sound(),
    }

    assert world.upload(world.new_piece(), data[name], name).warnings == []


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (rb"Un texte.\par", []),
        (rb"Bonjour {\v interne}.\par", ["hidden_text"]),
        (rb"Sous {\deleted dix}{\revised cinq} jours.\par", ["tracked_changes"]),
        (rb"\trowd\cellx2000 {\v interne}\intbl\cell\row", ["hidden_text"]),
        (rb"Prime{\*\annotation \'c0 revoir} de 30 EUR.\par", ["comments"]),
    ],
)
def test_what_is_hidden_in_rich_text_is_said_as_of_any_document(world: World, words: bytes, codes: list[str]) -> None:
    file = world.upload(world.new_piece(), rb"{\rtf1\ansi\ansicpg1252 " + words + b"}", "courrier.rtf")

    assert (file.state, file.warnings) == ("verified", codes)


def test_what_is_hidden_in_a_workbook_or_slides_from_before_2007_is_said_once() -> None:
    line = {"name": "1", "empty": False, "hidden": True}
    sheet: Any = {"name": "a", "hidden": True, "columns": [line], "rows": [], "comments": []}
    slide: Any = {"title": "Diapositive 1", "hidden": True, "blocks": []}

    assert codes_in(Preview("tables", sheets=[sheet, sheet])) == {"hidden_sheets", "hidden_cells"}
    assert codes_in(Preview("prose", sections=[slide])) == {"hidden_slides"}


def test_a_busy_machine_says_nothing_of_a_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "LONGEST_WAIT_S", 0)
    by = world.actor(world.candidate).journal_name
    data = containers.rewritten(made.workbook(), {"docProps/custom.xml": b"<never-met/>"})
    with places.PLACES.taken(by):
        file = world.upload(world.new_piece(), data, "suivi.xlsx")

    assert (file.state, file.warnings) == ("verified", [])


def test_its_candidate_reads_it_on_the_page_after_the_deposit(world: World, client_for: Clients) -> None:
    client, page = client_for(world.candidate), f"/portfolio/{world.candidacy.id}"
    sent: Any = fill(client, page, "deposit", files=[(io.BytesIO(broken_picture()), "capture.png")])
    text = client.get(sent.location, headers=HTML).text.replace("\u00a0", " ").replace("\u202f", " ")

    assert "un fichier au moins ne peut pas être affiché" in text and "envoyé et vérifié" not in text
    assert "il ne se laisse pas lire en entier" in text and "déposez-le aussi en PDF" in text
    assert "<img" not in text.partition("<figure")[2].partition("</figure>")[0]


def test_the_api_says_it_with_the_verdict(world: World, client_for: Clients) -> None:
    file = world.upload(world.new_piece(), broken_picture(), "capture.png")
    told = client_for(world.candidate).post(f"/api/v1/files/{file.id}/commit").json

    assert told["unshown"] == WARNINGS["view_damaged"].owner
    assert told["notices"] == [WARNINGS["view_damaged"].reader]
