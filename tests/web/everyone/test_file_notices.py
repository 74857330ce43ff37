"""What is to be known of a file reaches each of its readers, where the file is listed and where it is viewed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Evidence, EvidenceFile
from portfolio.files.previews import kept_views
from portfolio.files.previews.preview_spec import PRINT_PAGES, UNSEEN_ON_SCREEN, WHERE_UNSEEN, PageView, Preview
from portfolio.rules import file_warnings
from portfolio.rules.file_warnings import UNSHOWN, WARNINGS
from tests.support import specimens as made
from tests.support.filling import HTML
from tests.support.worlds.commissions import convened
from tests.support.worlds.signing import ask
from tests.support.worlds.world import World

Clients = Callable[..., FlaskClient]
PLACE, SHEETS = WARNINGS["photo_gps"], WARNINGS["hidden_sheets"]


@pytest.fixture
def piece(world: World) -> Evidence:
    """With a photo that tells its place, and a workbook with a hidden sheet."""
    piece = world.new_piece()
    world.upload(piece, made.picture("JPEG", located=True), "facade.jpg")
    world.upload(piece, made.workbook(hidden=True), "suivi.xlsx")
    return piece


def words(text: str) -> str:
    return unescape(text).replace("\u00a0", " ").replace("\u202f", " ").replace("\u2019", "'")


def read(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers=HTML, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return words(answer.text)


def facts(text: str) -> list[str]:
    return [fact for fact in (words(PLACE.reader), words(SHEETS.reader)) if fact in text]


def test_every_warning_is_a_fact_for_its_readers_and_advice_for_its_owner() -> None:
    for code, (owner, reader) in WARNINGS.items():
        assert owner.endswith(".") and reader.endswith(".") and owner != reader, code
        advice = ("vérifiez", "déposez", "imprimez", "Vérifiez", "candidat", "vous")
        assert not any(word in reader for word in advice), code
    assert {code for code in WARNINGS if "affiché" in WARNINGS[code].owner} == UNSHOWN


def test_codes_that_are_not_known_any_more_are_passed_over() -> None:
    assert file_warnings.for_reader(["of an older version", "photo_gps"]) == [PLACE.reader]


def test_its_candidate_reads_what_to_check(piece: Evidence, world: World, client_for: Clients) -> None:
    text = read(client_for(world.candidate), f"/portfolio/preuve/{piece.id}")

    assert words(PLACE.owner) in text and words(SHEETS.owner) in text and facts(text) == []


def test_teacher_tutor_and_commission_read_the_facts(piece: Evidence, world: World, client_for: Clients) -> None:
    ask(world, activity=world.activity)
    both = [words(PLACE.reader), words(SHEETS.reader)]

    assert facts(read(client_for(world.follower), f"/classe/preuves/{piece.id}")) == both
    assert facts(read(client_for(world.tutor), "/s/signer")) == both
    for file in EvidenceFile.objects(evidence=piece.id):
        assert len(facts(read(client_for(world.tutor), f"/fichiers/{file.id}/vue"))) == 1
        assert facts(read(client_for(world.tutor), f"/fichiers/{file.id}/vue?cadre=1")) == []  # its page says it

    world.sign_off()
    world.submit()
    commission = convened(world)
    client = client_for(world.follower)
    grid = read(client, f"/commissions/{commission.id}/grille")
    assert facts(grid) == both


def test_the_api_gives_the_facts_to_whoever_may_read_the_file_alone(
    piece: Evidence, world: World, client_for: Clients
) -> None:
    photo = EvidenceFile.objects.get(name="facade.jpg")
    for person in (world.candidate, world.tutor, world.follower):
        file: dict[str, Any] = client_for(person).get(f"/api/v1/files/{photo.id}").json["file"]
        assert (file["warnings"], file["notices"]) == (["photo_gps"], [PLACE.reader])
    assert client_for(world.person("Inconnue")).get(f"/api/v1/files/{photo.id}").status_code == 404


def test_a_kind_without_a_view_says_so(world: World, client_for: Clients) -> None:
    piece = world.new_piece()
    world.upload(piece, b'<mxfile host="app"><diagram>x</diagram></mxfile>', "schema.drawio")
    owner, reader = WARNINGS["view_missing"]

    assert words(owner) in read(client_for(world.candidate), f"/portfolio/preuve/{piece.id}")
    assert words(reader) in read(client_for(world.follower), f"/classe/preuves/{piece.id}")


def test_a_page_says_once_that_changes_were_tracked(world: World, client_for: Clients) -> None:
    file = world.upload(world.new_piece(), made.word_with_tracked_changes(), "lettre.docx")
    assert "tracked_changes" in file.warnings
    told = read(client_for(world.follower), f"/fichiers/{file.id}/vue")
    assert told.count("modifications suivies") == 1


def test_a_page_says_once_that_words_are_hidden_and_where_they_are(world: World, client_for: Clients) -> None:
    page = "<p>Vu <span style='display:none'>caché</span></p>"
    mail = f"From: a@b.example\nSubject: Devis\nContent-Type: text/html; charset=utf-8\n\n{page}"
    for name, data in (("page.html", page), ("lettre.eml", mail)):
        file = world.upload(world.new_piece(), data.encode(), name)
        told = read(client_for(world.follower), f"/fichiers/{file.id}/vue")
        assert words(WARNINGS["hidden_text"].reader) in told
        assert words(WHERE_UNSEEN[UNSEEN_ON_SCREEN]) in told and words(UNSEEN_ON_SCREEN) not in told, name
        file.warnings = []  # as of a file that an older version received
        file.save()
        assert words(UNSEEN_ON_SCREEN) in read(client_for(world.follower), f"/fichiers/{file.id}/vue"), name


@pytest.mark.parametrize("drawn,opened", [("", True), ("Bonjour", False)])
def test_words_that_no_page_shows_are_not_folded_away(
    world: World, client_for: Clients, drawn: str, opened: bool
) -> None:
    file = world.upload(world.new_piece(), made.word_with_tracked_changes(), "lettre.docx")
    pages: list[PageView] = [{"width": 100, "height": 140, "text": drawn}]
    kept_views.keep(file, PRINT_PAGES, json.dumps(asdict(Preview("pages", pages=pages))).encode())
    told = read(client_for(world.follower), f"/fichiers/{file.id}/vue")
    assert ("<details open><summary>Texte du document" in told) is opened
