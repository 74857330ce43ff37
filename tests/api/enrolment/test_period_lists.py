"""Periods from a list, over HTTP: read, then added."""

from __future__ import annotations

import base64

from portfolio.documents import Placement
from tests.enrolment.lists.test_any_list import workbook
from tests.enrolment.period_lists.test_period_list import TITLES, WITH_ADDRESS
from tests.support.api.clients import Clients
from tests.support.api.requests import ask, expect_problem
from tests.support.worlds.world import World


def test_a_list_is_read_and_then_adds_what_is_missing_once(world: World, client_for: Clients) -> None:
    office, path = client_for(world.office), f"/schools/{world.school.id}/placement-lists"
    candidacy = world.new_candidacy(birth_name="Abgrall", given_names="Adèle")
    data = workbook(TITLES, ("ABGRALL Adèle", *WITH_ADDRESS), ("Paul INCONNU", *WITH_ADDRESS))
    body = {"session": "2027", "csv": base64.b64encode(data).decode()}
    read = ask(office, f"{path}/read", body)
    assert read.status_code == 200 and Placement.objects.count() == 0
    first, second = read.json["lines"]
    assert (first["state"], first["candidacy"], first["placement"]) == ("ready", str(candidacy.id), None)
    assert (second["state"], list(second["errors"]), second["places"]["candidate"]) == ("wrong", ["candidate"], "A3")
    assert read.json["unknown_columns"] == ["Tél tuteur"]
    assert [line["state"] for line in ask(office, f"{path}/add", body).json["lines"]] == ["added", "wrong"]
    again = ask(office, f"{path}/add", body).json["lines"][0]
    assert (again["state"], again["placement"]) == ("known", str(Placement.objects.get().id))
    chosen = body | {"corrections": [{"line": 3, "values": {"candidacy": str(world.candidacy.id)}}]}
    assert ask(office, f"{path}/add", chosen).json["lines"][1]["state"] == "added"


def test_a_list_is_not_read_to_others(world: World, client_for: Clients) -> None:
    path, body = f"/schools/{world.school.id}/placement-lists/read", {"session": "2027", "csv": "eA=="}
    expect_problem(ask(client_for(world.follower), path, body), 403)
    expect_problem(ask(client_for(world.candidate), path, body), 404)
    expect_problem(ask(client_for(world.office), path, body | {"session": "x"}), 422)
