"""Files over HTTP: parts relayed and presigned, cut in flight, resumed; downloads that only save."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import urllib3
from flask import Flask
from flask.testing import FlaskClient

from portfolio.documents import Evidence, EvidenceFile, Link
from portfolio.rules.file_kinds import EmptyFile
from portfolio.store.connections import storage
from tests.support import specimens
from tests.support.api.clients import Clients
from tests.support.api.requests import API, ask, change, expect_problem, fresh_key, get, post_new
from tests.support.http_server import served
from tests.support.outage import store_down
from tests.support.worlds.world import PDF, World

MIB = 1024 * 1024


def begin(client: FlaskClient, piece: Evidence, data: bytes, name: str = "lettre.pdf", **said: Any) -> Any:
    values = {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), **said}
    answer = post_new(client, f"/evidence/{piece.id}/files", values)
    assert answer.status_code == 201, answer.text
    return answer.json


def put_part(client: FlaskClient, file: Any, number: int, data: bytes) -> Any:
    return client.put(f"{API}/files/{file['id']}/parts/{number}", data=data)


def parts_of(file: Any, data: bytes) -> dict[int, bytes]:
    size = file["part_size"]
    return {number: data[start : start + size] for number, start in enumerate(range(0, len(data), size), 1)}


def commit(client: FlaskClient, file: Any) -> Any:
    return ask(client, f"/files/{file['id']}/commit")


@pytest.fixture
def address(app: Flask) -> Iterator[tuple[str, int]]:
    """The application behind a real HTTP server."""
    with served(app) as told:
        where = urlsplit(told)
        assert where.hostname and where.port
        yield where.hostname, where.port


@pytest.fixture
def film() -> bytes:
    """Four parts, the last one short."""
    return specimens.film(data=os.urandom(24 * MIB))


# --- relayed --------------------------------------------------------------------------------------


def test_parts_come_in_any_order_are_torn_and_resumed_then_verified(
    world: World, client_for: Clients, film: bytes
) -> None:
    client, piece = client_for(world.candidate), world.new_piece()
    file = begin(client, piece, film, "demonstration.mp4", alternative="Démonstration muette du tri")
    assert (file["state"], file["way"], file["part_size"]) == ("pending", "relayed", 8 * MIB)
    parts = parts_of(file, film)

    assert put_part(client, file, 3, parts[3]).json == {"number": 3, "size": 8 * MIB}
    torn = put_part(client, file, 1, parts[1][:1000])
    assert "1000 octets reçus sur 8388608" in expect_problem(torn, 422)["errors"]["body"][0]

    resumed = get(client_for(world.candidate), f"/files/{file['id']}").json
    assert (resumed["part_count"], resumed["parts"], resumed["links"]) == (4, {"3": 8 * MIB}, {})
    assert "1, 2, 4" in expect_problem(commit(client, file), 409, "parts_missing")["detail"]
    for number in {1, 2, 3, 4} - {int(one) for one in resumed["parts"]}:
        assert put_part(client, file, number, parts[number]).status_code == 200
    assert put_part(client, file, 1, parts[1]).status_code == 200

    done = commit(client, file).json
    assert (done["state"], done["kind"], done["media_type"]) == ("verified", "mp4", "video/mp4")
    assert (done["size"], done["sha256"]) == (len(film), hashlib.sha256(film).hexdigest())
    assert commit(client, file).json == done
    assert get(client, f"/evidence/{piece.id}").json["files"][0]["state"] == "verified"


@pytest.mark.parametrize("chunked", [False, True])
def test_a_part_above_the_limit_of_json_passes_a_real_server(
    world: World, address: tuple[str, int], client_for: Clients, film: bytes, chunked: bool
) -> None:
    client = client_for(world.candidate)
    file = begin(client, world.new_piece(), film, "film.mp4")
    headers = {"Authorization": client.environ_base["HTTP_AUTHORIZATION"]}
    for number, data in parts_of(file, film).items():
        pieces = (data[at : at + MIB] for at in range(0, len(data), MIB)) if chunked else data
        connection = http.client.HTTPConnection(*address, timeout=20)
        connection.request("PUT", f"{API}/files/{file['id']}/parts/{number}", pieces, headers, encode_chunked=chunked)
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())) == (200, {"number": number, "size": len(data)})
        connection.close()
    assert commit(client, file).json["state"] == "verified"


def test_a_part_longer_than_announced_is_cut_in_flight(
    world: World, address: tuple[str, int], client_for: Clients
) -> None:
    """The answer comes while most of what was announced was never sent, nor waited for."""
    client = client_for(world.candidate)
    file = begin(client, world.new_piece(), PDF)
    with socket.create_connection(address, timeout=10) as line:
        head = (
            f"PUT {API}/files/{file['id']}/parts/1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: {100 * MIB}\r\n"
            f"Authorization: {client.environ_base['HTTP_AUTHORIZATION']}\r\n\r\n"
        )
        line.sendall(head.encode() + PDF + b"!")
        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert answer.status == 413
        assert json.loads(answer.read())["code"] == "part_too_large"
        answer.close()

    assert get(client, f"/files/{file['id']}").json["parts"] == {}


def test_a_connection_lost_in_the_middle_of_a_part_stores_nothing(
    world: World, address: tuple[str, int], client_for: Clients
) -> None:
    client = client_for(world.candidate)
    file = begin(client, world.new_piece(), PDF)
    with socket.create_connection(address, timeout=10) as line:
        head = (
            f"PUT {API}/files/{file['id']}/parts/1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(PDF)}\r\n"
            f"Authorization: {client.environ_base['HTTP_AUTHORIZATION']}\r\n\r\n"
        )
        line.sendall(head.encode() + PDF[:50])
        line.shutdown(socket.SHUT_WR)
        while line.recv(4096):
            pass

    assert get(client, f"/files/{file['id']}").json["parts"] == {}
    assert put_part(client, file, 1, PDF).status_code == 200


@pytest.mark.parametrize("chunked", [False, True])
def test_json_above_one_megabyte_is_refused_with_and_without_its_length(
    world: World, address: tuple[str, int], client_for: Clients, chunked: bool
) -> None:
    body = json.dumps({"type_code": "REF1", "title": "x", "assistance_how": "x" * MIB}).encode()
    headers = {
        "Authorization": client_for(world.candidate).environ_base["HTTP_AUTHORIZATION"],
        "Content-Type": "application/json",
        "Idempotency-Key": fresh_key(),
    }
    connection = http.client.HTTPConnection(*address, timeout=20)
    connection.request(
        "POST",
        f"{API}/portfolios/{world.candidacy.id}/evidence",
        iter([body[:1000], body[1000:]]) if chunked else body,
        headers,
        encode_chunked=chunked,
    )
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (413, "too_large")
    connection.close()
    assert Evidence.objects.count() == 0


# --- presigned ------------------------------------------------------------------------------------


@pytest.fixture
def straight(set_up: Callable[..., None]) -> None:
    """Files go straight to the store."""
    set_up(upload_way="presigned")


@pytest.mark.usefixtures("straight")
def test_parts_go_straight_to_the_store_by_signed_links(world: World, client_for: Clients, film: bytes) -> None:
    client, piece = client_for(world.candidate), world.new_piece(type_code="SR1")
    file = begin(client, piece, film, "film.mp4")
    expect_problem(put_part(client, file, 1, film[: 8 * MIB]), 409, "wrong_way")
    parts, links = parts_of(file, film), get(client, f"/files/{file['id']}").json["links"]
    assert sorted(links) == ["1", "2", "3", "4"]

    for number in ("4", "2"):
        assert urllib3.request("PUT", links[number], body=parts[int(number)]).status == 200
    for torn_or_longer in (parts[1][:5000], parts[1] + b"!"):
        assert urllib3.request("PUT", links["1"], body=torn_or_longer, retries=False).status in (400, 403)

    resumed = get(client, f"/files/{file['id']}").json
    assert sorted(resumed["links"]) == ["1", "3"]
    assert resumed["parts"] == {"2": 8 * MIB, "4": len(parts[4])}
    assert "1, 3" in expect_problem(commit(client, file), 409, "parts_missing")["detail"]
    for number, link in resumed["links"].items():
        assert urllib3.request("PUT", link, body=parts[int(number)]).status == 200

    done = commit(client, file).json
    assert (done["state"], done["size"], done["sha256"]) == ("verified", len(film), hashlib.sha256(film).hexdigest())
    late = urllib3.request("PUT", resumed["links"]["1"], body=os.urandom(8 * MIB))
    assert late.status == 404
    assert b"".join(storage().open(EvidenceFile.objects.get(pk=file["id"]).key)) == film


@pytest.mark.usefixtures("straight")
def test_other_bytes_sent_straight_to_the_store_are_quarantined(world: World, client_for: Clients) -> None:
    client, piece = client_for(world.candidate), world.new_piece()
    file = begin(client, piece, PDF)
    other = PDF.replace(b"200 200", b"300 300")
    link = get(client, f"/files/{file['id']}").json["links"]["1"]
    assert urllib3.request("PUT", link, body=other).status == 200

    done = commit(client, file).json

    assert (done["state"], done["reason_code"]) == ("quarantined", "wrong_digest")
    assert done["sha256"] == hashlib.sha256(other).hexdigest()
    shown = get(client, f"/evidence/{piece.id}").json
    assert shown["state"] == "draft"
    assert shown["missing"] == ["le remplacement ou le retrait du fichier refusé"]
    assert shown["files"][0]["reason"].startswith("Le fichier reçu diffère")
    expect_problem(ask(client, f"/files/{file['id']}/link"), 409, "file_not_verified")


@pytest.mark.usefixtures("straight")
def test_a_network_that_refuses_the_store_is_said_and_the_service_relays(
    world: World, client_for: Clients, film: bytes
) -> None:
    client, other = client_for(world.candidate), client_for(world.follower)
    file = begin(client, world.new_piece(), film, "film.mp4")
    parts, links = parts_of(file, film), get(client, f"/files/{file['id']}").json["links"]
    assert urllib3.request("PUT", links["2"], body=parts[2]).status == 200  # then the network changed
    expect_problem(ask(other, f"/files/{file['id']}/relay"), 403, "forbidden")

    told = ask(client, f"/files/{file['id']}/relay")

    assert (told.status_code, told.json["way"]) == (200, "relayed")
    seen = get(client, f"/files/{file['id']}").json
    assert (seen["links"], seen["parts"]) == ({}, {"2": 8 * MIB})
    for number in (1, 3, 4):
        assert put_part(client, file, number, parts[number]).status_code == 200
    assert commit(client, file).json["state"] == "verified"
    assert begin(client, world.new_piece(), PDF, relay=True)["way"] == "relayed"


# --- refusals -------------------------------------------------------------------------------------


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


# --- opening --------------------------------------------------------------------------------------


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


@pytest.mark.usefixtures("straight")
def test_links_to_send_parts_are_for_the_candidate_alone(world: World, client_for: Clients) -> None:
    file = begin(client_for(world.candidate), world.new_piece(), PDF)

    assert get(client_for(world.candidate), f"/files/{file['id']}").json["links"]
    for person in (world.follower, world.tutor):
        seen = get(client_for(person), f"/files/{file['id']}")
        assert (seen.status_code, seen.json["links"]) == (200, {})


def test_a_file_is_described_at_the_revision_that_was_seen(world: World, client_for: Clients) -> None:
    client, piece = client_for(world.candidate), world.new_piece()
    file = world.upload(piece)
    path = f"/files/{file.id}"
    answer = change(client, "PATCH", path, file.revision, {"alternative": "Une lettre"})
    assert (answer.status_code, answer.json["alternative"]) == (200, "Une lettre")
    expect_problem(change(client, "PATCH", path, file.revision, {"alternative": None}), 412)
    again = change(client, "PATCH", path, answer.json["revision"], {"alternative": None})
    assert again.json["alternative"] is None
