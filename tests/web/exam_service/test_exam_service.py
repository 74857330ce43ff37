"""The exam service of an academy: transmitted sheets, what was keyed read back, a sheet released to who asks for it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from portfolio.store.connections import Connections
from tests.support.api.clients import Clients
from tests.support.api.requests import ask, expect_problem
from tests.support.filling import HTML, fill, followed, shown
from tests.support.worlds.juries import confirm, fresh, links, publish, sheet_of
from tests.support.worlds.world import World


@pytest.fixture
def desk(world: World, client_for: Clients) -> FlaskClient:
    assert world.jury
    return client_for(world.exam_service)


def test_it_lists_what_was_transmitted_and_reads_the_sheet(world: World, desk: FlaskClient) -> None:
    sheet, waiting = sheet_of(world, "12"), sheet_of(world, "13", state="proposed")
    page = shown(desk, f"/examens/{world.jury.id}")
    assert "1 fiche, dans l'ordre des noms" in page and "12" in page
    assert desk.get(f"/fiches/{sheet.id}", headers=HTML).status_code == 200
    assert desk.get(f"/fiches/{waiting.id}", headers=HTML).status_code == 404
    assert desk.get(f"/examens/fiches/{waiting.id}", headers=HTML).status_code == 404
    assert b"12" in desk.get(f"/examens/{world.jury.id}/bordereau.csv").data


def test_what_was_keyed_is_read_back_against_the_academys_bordereau(
    world: World, desk: FlaskClient, store: Connections
) -> None:
    sheet = sheet_of(world, "12")
    number = sheet.number.partition("-")[2]
    path = f"/examens/{world.jury.id}"
    assert "Tout est saisi comme sur le bordereau" in fill(desk, path, "read-back", keyed=f"{number};12").text
    differs = fill(desk, path, "read-back", keyed=f"{number};13").text
    assert "1 différence" in differs
    link = links(store, f"jury:{world.jury.id}")[-1]
    assert (link["name"], link["by"]) == ("mark_list_reconciled", str(world.exam_service.id))
    assert (link["data"]["different"], link["data"]["expected"]) == (1, 1)


def test_a_program_of_the_service_compares_too_and_nobody_else_s_does(
    world: World, desk: FlaskClient, client_for: Clients
) -> None:
    number = sheet_of(world, "12").number.partition("-")[2]
    path, keyed = f"/juries/{world.jury.id}/mark-list/compare", {"keyed": f"{number};12,5"}
    compared = ask(desk, path, keyed).json
    assert [difference["kind"] for difference in compared["differences"]] == ["different"]
    expect_problem(ask(client_for(world.jury_member), path, keyed), 403)
    expect_problem(ask(client_for(world.candidate), path, keyed), 404)


def test_it_releases_a_published_sheet_and_its_proposal_by_a_decision(world: World, desk: FlaskClient) -> None:
    sheet = sheet_of(world, "12")
    path = f"/examens/fiches/{sheet.id}"
    assert f"release-{sheet.id}" not in shown(desk, path)
    confirm(world)
    publish(world)
    told = followed(desk, fill(desk, path, f"release-{sheet.id}", request_reference="2027-14"))
    assert "la note proposée y est masquée" in told
    said = {"law": "CRPA, article L. 311-6", "reference": "TA Lyon 2027-812"}
    assert "TA Lyon 2027-812" in followed(desk, fill(desk, path, f"unmask-{sheet.id}", **said))
    assert fresh(sheet).unmasking.by == world.exam_service.id


@pytest.mark.parametrize("who", ["jury_member", "office", "candidate", "inspector"])
def test_nobody_else_opens_its_desk(world: World, client_for: Clients, who: str) -> None:
    assert world.jury
    assert client_for(getattr(world, who)).get(f"/examens/{world.jury.id}", headers=HTML).status_code in (403, 404)


def test_the_exam_service_decides_no_mark_and_publishes_nothing(world: World, desk: FlaskClient) -> None:
    sheet = sheet_of(world, "12")
    assert desk.get(f"/jury/fiches/{sheet.id}", headers=HTML).status_code == 403
    assert desk.get(f"/jury/{world.jury.id}/publication", headers=HTML).status_code == 403
