"""Pieces of an earlier session are listed and taken over HTTP, by their candidate alone."""

from __future__ import annotations

import pytest

from portfolio.documents import Activity, Attestation
from tests.support.api.clients import Clients
from tests.support.api.requests import API, expect_problem
from tests.support.lives.repeating import enrolled_again, worked
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")


def test_pieces_are_chosen_taken_and_say_where_they_come_from(world: World, client_for: Clients) -> None:
    piece, portfolio = worked(world), enrolled_again(world)
    client, address = client_for(world.candidate), f"{API}/portfolios/{portfolio.id}/earlier-pieces"
    (session,) = client.get(address).json["items"]
    assert (session["session"], session["school"], session["left"]) == ("2027", "Lycée Ampère, Lyon", 1)
    (activity,) = session["activities"]
    assert {answer["seat"] for answer in activity["answers"]} == {"tutor", "teacher"}
    assert activity["pieces"][0]["files"] == ["lettre.pdf"] and activity["pieces"][0]["taken_as"] is None

    asked = {"pieces": [str(piece.id)]}
    (taken,) = client.post(address, json=asked).json["items"]
    assert (taken["candidacy"], taken["reused_from"]) == (str(portfolio.candidacy), "2027")
    again = client.post(address, json=asked)
    assert again.status_code == 200 and [item["id"] for item in again.json["items"]] == [taken["id"]]
    (session,) = client.get(address).json["items"]
    assert session["activities"][0]["pieces"][0]["taken_as"] == taken["id"]

    shown = client.get(f"{API}/activities/{taken['activity']}").json
    assert (shown["reused_from"], shown["placement"]) == ("2027", None)
    told = client_for(world.follower).get(f"{API}/activities/{taken['activity']}/attestations").json["items"]
    assert {answer["reused_from"] for answer in told} == {"2027"}
    assert Attestation.objects(activity=taken["activity"]).count() == 2
    own = client.get(f"{API}/evidence/{piece.id}").json
    assert own["reused_from"] is None and Activity.objects.count() == 2


def test_nobody_else_lists_or_takes_and_what_is_not_theirs_is_refused_by_name(
    world: World, client_for: Clients
) -> None:
    piece, portfolio = worked(world), enrolled_again(world)
    address, asked = f"{API}/portfolios/{portfolio.id}/earlier-pieces", {"pieces": [str(piece.id)]}
    for person in (world.follower, world.office):
        assert client_for(person).get(address).status_code == 403
        assert client_for(person).post(address, json=asked).status_code == 403
    assert client_for(world.tutor).get(address).status_code == 404
    refused = client_for(world.candidate).post(address, json={"pieces": [str(portfolio.id)]})
    assert "pieces" in expect_problem(refused, 422, "invalid_values")["errors"]
