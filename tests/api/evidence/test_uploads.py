"""Files over HTTP: parts relayed and presigned, cut in flight, resumed; downloads that only save."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
import urllib3
from flask import Flask

from portfolio.documents import Evidence, EvidenceFile
from portfolio.store.connections import storage
from tests.support import specimens
from tests.support.api.clients import Clients
from tests.support.api.requests import API, ask, expect_problem, fresh_key, get
from tests.support.api.sending_files import begin, commit, parts_of, put_part
from tests.support.http_server import served
from tests.support.worlds.world import PDF, World

MIB = 1024 * 1024


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
    assert "1\u00a0000 octets reçus sur 8\u00a0388\u00a0608" in expect_problem(torn, 422)["errors"]["body"][0]

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


# --- opening --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("straight")
def test_links_to_send_parts_are_for_the_candidate_alone(world: World, client_for: Clients) -> None:
    file = begin(client_for(world.candidate), world.new_piece(), PDF)

    assert get(client_for(world.candidate), f"/files/{file['id']}").json["links"]
    for person in (world.follower, world.tutor):
        seen = get(client_for(person), f"/files/{file['id']}")
        assert (seen.status_code, seen.json["links"]) == (200, {})
