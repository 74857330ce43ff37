"""Words are read off screenshots and scans, and off nothing that has words of its own."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from portfolio.documents import EvidenceFile
from portfolio.files.confinement import start
from portfolio.files.previews import kept_views, show
from portfolio.files.previews.programs import office
from portfolio.mail.outbox_handlers import DRAWERS
from portfolio.store.outbox import DRAWINGS, deliver_due
from tests.office.test_pages_and_words import letter
from tests.support.worlds.world import World


def scan(words: str) -> Image.Image:
    """A page of words as a picture. The machine has DejaVu: `config/system.sh tests`."""
    page = Image.new("L", (1600, 700), "white")
    font = ImageFont.truetype("DejaVuSans.ttf", 48)
    ImageDraw.Draw(page).multiline_text((80, 80), words, font=font, fill="black", spacing=24)
    return page


def png(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


@pytest.fixture
def drawn(world: World) -> Callable[..., EvidenceFile]:
    def deposit(data: bytes, name: str) -> EvidenceFile:
        file: EvidenceFile = world.upload(world.new_piece(), data, name)
        assert file.state == "verified", file.reason
        deliver_due(DRAWERS, world.clock, lane=DRAWINGS)
        return file

    return deposit


def test_words_of_a_screenshot_stand_under_it(drawn: Any, world: World, client_for: Any) -> None:
    file = drawn(png(scan("Déclaration de sinistre\nContrat numéro 4512")), "capture.png")
    view = show.preview_of(world.actor(world.follower), file)
    assert view.recognised and "Déclaration de sinistre" in view.text and "4512" in view.text
    html = client_for(world.follower).get(f"/fichiers/{file.id}/vue").text
    assert "Texte reconnu automatiquement" in html and "Déclaration de sinistre" in html
    assert "(le texte reconnu suit)" in html


def test_words_of_a_scan_stand_under_its_pages(drawn: Any, world: World, client_for: Any) -> None:
    written = io.BytesIO()
    scan("Attestation d'assurance").convert("RGB").save(written, "PDF")
    file = drawn(written.getvalue(), "scan.pdf")
    (page,) = show.preview_of(world.actor(world.follower), file).pages
    assert page["recognised"] and "Attestation d" in page["text"]
    assert "Texte reconnu automatiquement" in client_for(world.follower).get(f"/fichiers/{file.id}/vue").text


def test_pages_of_a_scan_are_drawn_together_for_their_reader(
    drawn: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    whole = start.run

    def watched(command: list[str], *arguments: Any, **named: Any) -> start.Ended:
        asked.append(command)
        return whole(command, *arguments, **named)

    monkeypatch.setattr(start, "run", watched)
    written = io.BytesIO()
    numbers = ["un", "deux", "trois", "quatre", "cinq"]
    first, *others = [scan(f"Page numéro {number}").convert("RGB") for number in numbers]
    first.save(written, "PDF", save_all=True, append_images=others)
    file = drawn(written.getvalue(), "scan.pdf")
    for page, number in zip(show.preview_of(world.actor(world.follower), file).pages, numbers, strict=True):
        assert page["recognised"] and number in page["text"]
    legible = [[word for word in command if word.startswith("legible-")] for command in asked]
    assert [len(pages) for pages in legible if pages] == [4, 1]


def test_a_photo_without_words_is_given_none(drawn: Any, world: World) -> None:
    noise = Image.effect_noise((900, 700), 60)
    view = show.preview_of(world.actor(world.follower), drawn(png(noise), "photo.png"))
    assert (view.shape, view.text, view.recognised) == ("picture", "", False)


def test_a_pdf_with_words_is_not_read_again(drawn: Any) -> None:
    written = io.BytesIO(office_pdf())
    file = drawn(written.getvalue(), "lettre.pdf")
    assert not [name for name in kept_views.names(file) if name.startswith("reading")]


def office_pdf() -> bytes:
    with tempfile.TemporaryFile() as source:
        source.write(letter("Un texte"))
        source.flush()
        return office.print_pages(source, "docx")


def test_a_picture_to_be_read_is_drawn_by_one_process(
    drawn: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    whole = start.run

    def watched(command: list[str], *arguments: Any, **named: Any) -> start.Ended:
        asked.append(command)
        return whole(command, *arguments, **named)

    file: EvidenceFile = world.upload(world.new_piece(), png(scan("Contrat 4512")), "capture.png")
    monkeypatch.setattr(start, "run", watched)
    deliver_due(DRAWERS, world.clock, lane=DRAWINGS)
    assert "4512" in show.preview_of(world.actor(world.follower), file).text
    assert len([command for command in asked if "renderers.pictures" in str(command)]) == 1
