"""The disk of the object store is full: said in words, nothing counted, and work goes on once there is room."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portfolio.documents import Evidence, EvidenceFile
from portfolio.store.connections import storage
from portfolio.store.objects.refusals import NothingKept
from tests.support.api.requests import API, ask, expect_problem, get, post_new
from tests.support.filling import form_of, shown, words
from tests.support.outage import SmallDisk, store_on_a_small_disk
from tests.support.waiting import await_until
from tests.support.worlds.world import PDF, World

HTML = {"Accept": "text/html"}
DATA = PDF + b"% " + b"x" * 20_000 + b"\n"  # more than a page of the disk, the last one of which may have room


@pytest.fixture
def disk(world: World, tmp_path: Path) -> Iterator[SmallDisk]:
    with store_on_a_small_disk(tmp_path) as made:
        yield made


def begun(client: FlaskClient, piece: Evidence) -> TestResponse:
    values = {"name": "lettre.pdf", "size": len(DATA), "sha256": hashlib.sha256(DATA).hexdigest()}
    return post_new(client, f"/evidence/{piece.id}/files", values)


def sent_part(client: FlaskClient, file_id: object) -> TestResponse:
    return client.put(f"{API}/files/{file_id}/parts/1", data=DATA, content_type="application/octet-stream")


def counted(piece: Evidence) -> tuple[str, int]:
    """Returns the state of the piece, and how many files count against it."""
    return Evidence.objects.get(pk=piece.id).state, EvidenceFile.objects(evidence=piece.id, removed_at=None).count()


def test_a_full_disk_counts_nothing_and_the_same_deposit_goes_through_once_there_is_room(
    world: World, disk: SmallDisk, client_for: Callable[..., FlaskClient]
) -> None:
    candidate = client_for(world.candidate)
    piece = world.new_piece()
    assert get(candidate, "/ready").status_code == 200
    before = counted(piece)
    assert before == ("ready", 0)

    disk.fill()
    # The store took a write a moment ago, and is believed: the part is refused, and its file counts no more.
    file = begun(candidate, piece)
    assert file.status_code == 201
    refusal = expect_problem(sent_part(candidate, file.json["id"]), 503, "store_cannot_write")
    assert "ne peut rien enregistrer" in refusal["detail"]
    assert counted(piece) == before
    assert get(candidate, f"/files/{file.json['id']}").json["file"]["removed_at"]
    # From now on nothing is begun.
    answer = begun(candidate, piece)
    expect_problem(answer, 503, "store_cannot_write")
    assert answer.headers["Retry-After"] == "30"
    assert counted(piece) == before
    assert EvidenceFile.objects.count() == 1
    wrong = expect_problem(get(candidate, "/ready"), 503, "not_ready")["errors"]
    assert wrong == {"object_store": ["Le stockage des fichiers répond, mais n'enregistre plus rien."]}

    disk.make_room()
    await_until(lambda: begun(candidate, piece).status_code == 201, "there is room, and nothing is taken")
    assert get(candidate, "/ready").status_code == 200
    sent = EvidenceFile.objects.get(evidence=piece.id, removed_at=None)
    assert sent_part(candidate, sent.id).status_code == 200
    finished = ask(candidate, f"/files/{sent.id}/commit")
    assert (finished.status_code, finished.json["state"]) == (200, "verified")
    assert counted(piece) == ("ready", 1)


def test_a_form_on_a_full_disk_leaves_nothing_and_is_sent_again(
    world: World, disk: SmallDisk, client_for: Callable[..., FlaskClient]
) -> None:
    client = client_for(world.candidate)
    page = shown(client, f"/portfolio/{world.portfolio.id}")

    def send() -> TestResponse:
        """From the page that was shown last."""
        nonlocal page
        form = form_of(page, "deposit")
        sent = form["fields"] | {"files": (io.BytesIO(DATA), "lettre.pdf")}
        answer = client.post(form["action"], data=sent, headers=HTML)
        page = answer.text if answer.status_code != 303 else page
        return answer

    disk.fill()
    await_until(lambda: expect_full(storage().try_writing), "the disk is not full")
    refused = send()
    assert refused.status_code == 503 and "ne peut rien enregistrer" in words(refused)
    assert Evidence.objects.count() == EvidenceFile.objects.count() == 0

    storage()._written_at = time.monotonic()  # as where the disk fills just after something was written
    assert send().status_code == 503
    assert Evidence.objects(withdrawn_at=None).count() == EvidenceFile.objects(removed_at=None).count() == 0

    disk.make_room()
    await_until(lambda: send().status_code == 303, "there is room, and nothing is taken")
    assert EvidenceFile.objects.get(removed_at=None).state == "verified"
    assert Evidence.objects(withdrawn_at=None).count() == 1


def test_the_very_form_that_a_full_disk_refused_adds_its_file_once_there_is_room(
    world: World, disk: SmallDisk, client_for: Callable[..., FlaskClient]
) -> None:
    client, piece = client_for(world.candidate), world.new_piece()
    form = form_of(shown(client, f"/portfolio/preuve/{piece.id}"), f"files-{piece.id}")

    def send() -> TestResponse:
        return client.post(form["action"], data=form["fields"] | {"files": (io.BytesIO(DATA), "a.pdf")}, headers=HTML)

    disk.fill()
    await_until(lambda: expect_full(storage().try_writing), "the disk is not full")
    storage()._written_at = time.monotonic()
    assert send().status_code == 503
    assert counted(piece) == ("ready", 0)
    disk.make_room()
    await_until(lambda: send().status_code == 303, "there is room, and nothing is taken")
    assert counted(piece) == ("ready", 1)


def expect_full(write: Callable[[], None]) -> bool:
    try:
        write()
    except NothingKept:
        return True
    return False
