"""What the API refuses of a file, and how a file that is verified is opened."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
import urllib3
from flask.testing import FlaskClient

from portfolio.documents import Evidence, EvidenceFile, Link
from portfolio.rules.file_kinds import EmptyFile
from tests.support import specimens
from tests.support.api.clients import Clients
from tests.support.api.requests import API, ask, change, expect_problem, fresh_key, get, post_new
from tests.support.api.sending_files import begin, commit, put_part
from tests.support.outage import store_down
from tests.support.worlds.world import PDF, World


@pytest.mark.parametrize(
    ("values", "status", "field"),
    [
        ({"size": -1}, 422, "size"),
        ({"size": "12"}, 422, "size"),
        ({"size": 12.5}, 422, "size"),
        ({"size": None}, 422, "size"),
        ({"name": ""}, 422, "name"),
        ({"sha256": "ABC"}, 422, "sha256"),
        ({"way": "presigned"}, 422, "way"),
        ({"relay": "pigeon"}, 422, "relay"),
        ({"state": "verified"}, 422, "state"),
        ({"size": 2**50 + 1}, 422, "size"),
        ({"size": 600 * 1024 * 1024}, 413, None),
    ],
)
def test_a_wrong_announcement_is_refused_before_any_byte(
    world: World, client_for: Clients, values: dict[str, Any], status: int, field: str | None
) -> None:
    piece = world.new_piece()
    said = {"name": "lettre.pdf", "size": 10} | values
    body = expect_problem(post_new(client_for(world.candidate), f"/evidence/{piece.id}/files", said), status)

    assert field is None or list(body["errors"]) == [field]
    assert EvidenceFile.objects.count() == 0
    assert Evidence.objects.get(pk=piece.id).state == "ready"


def test_an_empty_file_is_refused_with_its_own_words(world: World, client_for: Clients) -> None:
    piece, said = world.new_piece(), {"name": "vide.jpg", "size": 0}
    body = expect_problem(post_new(client_for(world.candidate), f"/evidence/{piece.id}/files", said), 422)
    assert (body["code"], body["detail"]) == ("empty_file", EmptyFile.detail)
    assert EvidenceFile.objects.count() == 0 and Evidence.objects.get(pk=piece.id).state == "ready"


def test_the_same_announcement_twice_is_one_file(world: World, client_for: Clients) -> None:
    client, path = client_for(world.candidate), f"/evidence/{world.new_piece().id}/files"
    values, key = {"name": "lettre.pdf", "size": 10}, fresh_key()

    first, second = (post_new(client, path, values, key) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert EvidenceFile.objects.count() == 1
    body = expect_problem(post_new(client, path, values | {"size": 11}, key), 422)
    assert body["code"] == "idempotency_key_reused"


def test_a_file_of_someone_else_does_not_exist(world: World, client_for: Clients, anonymous: FlaskClient) -> None:
    piece = world.new_piece()
    file = world.upload(piece)
    other = client_for(type(world.candidate).objects.get(pk=world.new_candidacy().person))
    for client in (other, client_for(world.office), client_for(world.jury_member)):
        for answer in (
            get(client, f"/files/{file.id}"),
            put_part(client, {"id": file.id}, 1, PDF),
            commit(client, {"id": file.id}),
            ask(client, f"/files/{file.id}/link"),
            change(client, "DELETE", f"/files/{file.id}", 1),
            change(client, "DELETE", f"/files/{file.id}", 99),
            post_new(client, f"/evidence/{piece.id}/files", {"name": "x.pdf", "size": 10}),
        ):
            expect_problem(answer, 404, "not_found")
    expect_problem(get(anonymous, f"/files/{file.id}"), 401)
    expect_problem(put_part(client_for(world.follower), {"id": file.id}, 1, PDF), 403, "forbidden")
    for wrong in ("000000000000000000000000", "zzz", "1", "../x"):
        expect_problem(get(other, f"/files/{wrong}"), 404)


def test_a_file_is_removed_on_the_revision_that_was_seen(world: World, client_for: Clients) -> None:
    client, piece = client_for(world.candidate), world.new_piece()
    file = begin(client, piece, PDF)
    expect_problem(client.delete(f"{API}/files/{file['id']}"), 428)
    stale = expect_problem(change(client, "DELETE", f"/files/{file['id']}", 7), 412, "stale_revision")
    assert stale["current"]["id"] == file["id"]

    removed = change(client, "DELETE", f"/files/{file['id']}", file["revision"])

    assert (removed.status_code, removed.json["removed_at"]) == (200, "2027-01-12T09:00:00+00:00")
    assert get(client, f"/evidence/{piece.id}").json["files"] == []


def test_a_store_that_is_down_is_said_with_a_delay_and_the_upload_goes_on_afterwards(
    world: World, client_for: Clients
) -> None:
    client = client_for(world.candidate)
    file = begin(client, world.new_piece(), PDF)
    with store_down():
        for answer in (put_part(client, file, 1, PDF), commit(client, file), get(client, f"/files/{file['id']}")):
            expect_problem(answer, 503, "engine_unavailable")
            assert int(answer.headers["Retry-After"]) > 0

    assert put_part(client, file, 1, PDF).status_code == 200
    assert commit(client, file).json["state"] == "verified"


def test_a_download_link_saves_the_file_under_its_name_and_is_recorded_apart(world: World, client_for: Clients) -> None:
    file = world.upload(world.new_piece(), PDF, "Relance d'été n° 1.pdf")
    before = Link.objects(chain=f"portfolio:{world.candidacy.id}").count()

    answer = ask(client_for(world.tutor), f"/files/{file.id}/link")

    assert (answer.status_code, answer.json["expires_in"]) == (200, 300)
    opened = urllib3.request("GET", answer.json["url"])
    assert (opened.status, opened.data, opened.headers["Content-Type"]) == (200, PDF, "application/pdf")
    assert opened.headers["Cache-Control"] == "no-store"
    disposition = opened.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert unquote(disposition.rpartition("''")[2]) == "Relance d'été n° 1.pdf"
    (seen,) = Link.objects(chain=f"access:{world.candidacy.id}")
    assert (seen.name, seen.by, seen.subject["id"]) == ("file_opened", str(world.tutor.id), str(file.id))
    assert Link.objects(chain=f"portfolio:{world.candidacy.id}").count() == before


def test_a_file_that_is_not_verified_has_no_link(world: World, client_for: Clients) -> None:
    piece, client = world.new_piece(), client_for(world.candidate)
    for file in (world.send(piece), world.upload(piece, specimens.WINDOWS_PROGRAM)):
        expect_problem(ask(client, f"/files/{file.id}/link"), 409, "file_not_verified")
    assert Link.objects(chain=f"access:{world.candidacy.id}").count() == 0


def test_a_file_is_described_at_the_revision_that_was_seen(world: World, client_for: Clients) -> None:
    client, piece = client_for(world.candidate), world.new_piece()
    file = world.upload(piece)
    path = f"/files/{file.id}"
    answer = change(client, "PATCH", path, file.revision, {"alternative": "Une lettre"})
    assert (answer.status_code, answer.json["alternative"]) == (200, "Une lettre")
    expect_problem(change(client, "PATCH", path, file.revision, {"alternative": None}), 412)
    again = change(client, "PATCH", path, answer.json["revision"], {"alternative": None})
    assert again.json["alternative"] is None
