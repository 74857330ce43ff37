"""Archives over HTTP: sent as a file, unpacked where it is asked, and told file by file."""

from __future__ import annotations

from portfolio.documents import EvidenceFile
from tests.support.api.clients import Clients
from tests.support.api.requests import API, expect_problem
from tests.support.containers import zipped
from tests.support.worlds.unpackings import sent, work
from tests.support.worlds.world import World


def test_an_archive_is_unpacked_once_however_often_it_is_asked(world: World, client_for: Clients) -> None:
    client, archive = client_for(world.candidate), sent(world, zipped({"Stage/a.txt": "un", "b.exe": "MZ" + "\0" * 99}))
    first = client.post(f"{API}/files/{archive.id}/unpacking")
    assert (first.status_code, first.json["number"], first.json["entries"]) == (200, 1, [])
    assert client.post(f"{API}/files/{archive.id}/unpacking").json == first.json
    work(world)
    (told,) = client.get(f"{API}/portfolios/{world.candidacy.id}/unpackings").json["items"]
    made, refused = told["entries"]
    assert (made["folder"], made["name"], made["outcome"]) == ("Stage", "a.txt", "made")
    assert EvidenceFile.objects(evidence=made["piece"], state="verified").count() == 1
    assert (refused["outcome"], refused["reason_code"]) == ("refused", "executable_file")
    assert told["done_at"] is not None


def test_what_is_no_archive_is_not_unpacked(world: World, client_for: Clients) -> None:
    file = world.upload(world.new_piece())
    answer = client_for(world.candidate).post(f"{API}/files/{file.id}/unpacking")
    expect_problem(answer, 409, "nothing_to_unpack")
    assert client_for(world.follower).post(f"{API}/files/{file.id}/unpacking").status_code == 403
