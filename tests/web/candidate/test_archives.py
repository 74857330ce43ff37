"""A year of work brought in one archive: one form, then a page that says what became of each file."""

from __future__ import annotations

import io

from flask.testing import FlaskClient

from portfolio.documents import Evidence, Submission, Unpacking
from tests.support.api.clients import Clients
from tests.support.containers import zipped
from tests.support.filling import fill
from tests.support.worlds.unpackings import pieces_of, work
from tests.support.worlds.world import PDF, World
from tests.web.candidate.test_refused_files import left, words


def brought(world: World, client: FlaskClient, data: bytes, name: str = "travaux.zip"):
    page = f"/portfolio/{world.candidacy.id}/archives"
    return fill(client, page, "archive", files=(io.BytesIO(data), name))


def test_one_form_brings_all_files_and_the_page_follows_the_work(world: World, client: FlaskClient) -> None:
    files = {f"Stage/Relance {number}.txt": f"Relance {number}" for number in (1, 2)}
    told = brought(world, client, zipped({**files, "outil.exe": b"MZ" + bytes(100)}))
    assert told.status_code == 303
    waiting = client.get(told.location)
    assert "attend son tour" in words(waiting.text) and waiting.headers["Refresh"] == "5"
    work(world)
    done = client.get(told.location)
    assert "Refresh" not in done.headers
    assert "3 fichiers : 2 preuves faites, 0 fichier déjà là, 1 fichier refusé" in words(done.text)
    assert "Les programmes et les scripts ne sont pas acceptés" in words(done.text)
    for piece in pieces_of(world):
        assert f"/portfolio/preuve/{piece.id}" in done.text
    assert "travaux.zip" in client.get(f"/portfolio/{world.candidacy.id}/archives").text


def test_brought_again_the_page_says_what_is_there_and_what_was_amended(world: World, client: FlaskClient) -> None:
    brought(world, client, zipped({"a.txt": "un", "b.txt": "deux"}))
    work(world)
    told = brought(world, client, zipped({"a.txt": "un", "b.txt": "trois"}))
    work(world)
    page = words(client.get(told.location).text)
    assert "1 preuve faite, 1 fichier déjà là" in page
    assert "Un autre fichier de ce nom est déjà dans" in page
    assert Evidence.objects(withdrawn_at=None).count() == 3


def test_what_is_no_archive_is_deposited_or_refused_as_ever(world: World, client: FlaskClient) -> None:
    told = brought(world, client, PDF, "lettre.pdf")
    assert "/portfolio/preuve/" in told.location
    refused = brought(world, client, b"Rar!\x1a\x07" + bytes(2000), "travaux.rar")
    assert refused.status_code == 422 and "Les archives (RAR)" in words(refused.text)
    assert left() == (1, 1)


def test_another_candidate_reads_nothing_of_it(world: World, client: FlaskClient, client_for: Clients) -> None:
    told = brought(world, client, zipped({"a.txt": "un"}))
    work(world)
    for other in (world.tutor, world.follower, world.office):
        assert client_for(other).get(told.location).status_code in (403, 404)
    assert Unpacking.objects.count() == 1


def test_who_hands_in_while_an_archive_arrives_reads_it_first(world: World, client: FlaskClient) -> None:
    """Its files would not be handed in, and nobody would know."""
    world.upload(world.new_piece())
    told = brought(world, client, zipped({"a.txt": "un", "b.txt": "deux"}))
    page = f"/portfolio/{world.candidacy.id}/remise"
    shown = client.get(page).text
    assert "L'archive « travaux.zip » se déballe encore" in words(shown) and told.location in shown
    refused = fill(client, page, "submit")
    assert refused.status_code == 409 and "Se déballe encore : « travaux.zip »" in words(refused.text)
    assert Submission.objects.count() == 0
    work(world)
    assert "se déballe encore" not in words(client.get(page).text)
    assert fill(client, page, "submit").status_code == 303
    assert Submission.objects.count() == 1


def test_who_confirms_hands_in_without_the_files_that_arrive(world: World, client: FlaskClient) -> None:
    world.upload(world.new_piece())
    brought(world, client, zipped({"a.txt": "un"}))
    page = f"/portfolio/{world.candidacy.id}/remise"
    assert fill(client, page, "submit", without_drafts="true").status_code == 303
