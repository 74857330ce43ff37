"""Proposed periods over HTTP: proposed, listed, accepted, refused, withdrawn."""

from __future__ import annotations

from typing import Any

from tests.support.api.clients import Clients
from tests.support.api.requests import change, expect_problem, get, post_new
from tests.support.worlds.world import World

SAID: dict[str, Any] = {
    "company": {"siret": "55210055400013", "name": "Mutuelle de Saône", "city": "Mâcon"},
    "kind": "stage",
    "starts_on": "2027-03-01",
    "ends_on": "2027-03-31",
    "days": 20,
    "tutor": {"given_names": "Sacha", "family_name": "Durand", "email": "sacha.durand@mutuelle.fr"},
}


def test_the_candidate_proposes_and_the_school_answers(world: World, client_for: Clients) -> None:
    candidate, office = client_for(world.candidate), client_for(world.office)
    path = f"/candidacies/{world.candidacy.id}/proposed-placements"
    first = post_new(candidate, path, SAID)
    assert (first.status_code, first.json["state"], first.json["placement"]) == (201, "proposed", None)
    others = [post_new(candidate, path, SAID).json for _ in range(2)]
    assert get(client_for(world.second_teacher), "/proposed-placements").json["items"] == []
    listed = get(office, "/proposed-placements", candidacy=world.candidacy.id).json["items"]
    assert [item["id"] for item in listed] == [first.json["id"], *(other["id"] for other in others)]
    accepted = change(
        office, "POST", f"/proposed-placements/{first.json['id']}/accept", 1, {"days": 18, "words": "Oui"}
    )
    assert (accepted.status_code, accepted.json["state"], accepted.json["answer"]) == (200, "accepted", "Oui")
    placement = get(office, "/placements", candidacy=world.candidacy.id).json["items"][-1]
    assert (placement["id"], placement["days"]) == (accepted.json["placement"], 18)
    refused = change(office, "POST", f"/proposed-placements/{others[0]['id']}/refuse", 1, {"reason": "Trop loin"})
    assert (refused.json["state"], refused.json["answer"]) == ("refused", "Trop loin")
    withdrawn = change(candidate, "POST", f"/proposed-placements/{others[1]['id']}/withdraw", 1, {})
    assert withdrawn.json["state"] == "withdrawn"
    again = change(office, "POST", f"/proposed-placements/{others[1]['id']}/refuse", 2, {"reason": "Non"})
    assert expect_problem(again, 409)["code"] == "proposed_placement_settled"
