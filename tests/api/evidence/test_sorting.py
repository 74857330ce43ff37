"""Many pieces sorted over HTTP, all or none."""

from __future__ import annotations

from tests.support.api.clients import Clients
from tests.support.api.requests import API, expect_problem
from tests.support.containers import zipped
from tests.support.worlds.unpackings import pieces_of, unpacked
from tests.support.worlds.world import World


def test_pieces_are_sorted_at_once_and_again_refused_by_their_revision(world: World, client_for: Clients) -> None:
    unpacked(world, zipped({"a.txt": "un", "b.txt": "deux"}))
    client, address = client_for(world.candidate), f"{API}/portfolios/{world.candidacy.id}/sorting"
    pieces = [{"piece": str(piece.id), "revision": piece.revision, "type_code": "WP1"} for piece in pieces_of(world)]
    pieces[0]["competences"] = ["C1"]
    answer = client.post(address, json={"pieces": pieces})
    assert answer.status_code == 200, answer.text
    assert [(item["type_code"], len(item["competences"])) for item in answer.json["items"]] == [("WP1", 1), ("WP1", 0)]
    again = client.post(address, json={"pieces": pieces})
    problem = expect_problem(again, 422, "invalid_values")
    assert "pieces.0.revision" in problem["errors"]
    assert client_for(world.follower).post(address, json={"pieces": pieces}).status_code == 403
