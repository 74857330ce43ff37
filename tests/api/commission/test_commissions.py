"""A commission over HTTP, from its convening to the mark it proposes."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from portfolio.documents import Commission
from portfolio.store.connections import Connections
from tests.support.api.clients import Clients
from tests.support.api.requests import change, expect_problem, get, post_new
from tests.support.queries import counted
from tests.support.worlds.commissions import MEETS_AT, convened, grid_of
from tests.support.worlds.world import World


def appointment(world: World, **changed: Any) -> dict[str, Any]:
    values = {"meets_at": "2027-04-12T14:00:00+02:00", "place": "Salle B12"}
    return {**values, "professor": str(world.follower.id), "second": str(world.tutor.id), **changed}


def new_path(world: World) -> str:
    return f"/candidacies/{world.candidacy.id}/commissions"


@pytest.fixture
def commission(world: World) -> Commission:
    world.submit()
    return convened(world)


# --- convening ------------------------------------------------------------------------------------


def test_convened_read_moved_and_cancelled(world: World, client_for: Clients):
    office = client_for(world.office)
    made = post_new(office, new_path(world), appointment(world))
    assert made.status_code == 201
    assert [(seat["quality"], seat["name"]) for seat in made.json["seats"]] == [
        ("follower", world.follower.name),
        ("tutor", world.tutor.name),
    ]
    assert made.json["meets_at"] == "2027-04-12T12:00:00+00:00"
    assert made.json["lasts_min"] == 30
    home = f"/commissions/{made.json['id']}"
    moved = change(
        office,
        "POST",
        f"{home}/move",
        1,
        {"meets_at": "2027-04-13T09:00:00+02:00", "place": "Salle C3", "lasts_min": 45},
    )
    assert (moved.json["place"], moved.json["lasts_min"], moved.headers["ETag"]) == ("Salle C3", 45, '"2"')
    stale = change(office, "POST", f"{home}/cancel", 1, {"reason": "Tuteur souffrant"})
    body = expect_problem(stale, 412, "stale_revision")
    assert (body["current"]["place"], body["yours"]) == ("Salle C3", {"reason": "Tuteur souffrant"})
    assert change(office, "POST", f"{home}/cancel", 2, {"reason": "Tuteur souffrant"}).json["state"] == "cancelled"
    again = post_new(office, new_path(world), appointment(world))
    assert again.status_code == 201


@pytest.mark.parametrize("edge", ["9999-12-31T23:30:00Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:00"])
def test_the_edges_of_the_calendar_are_refused_not_stumbled_on(world: World, client_for: Clients, edge: str):
    office = client_for(world.office)
    refused = post_new(office, new_path(world), appointment(world, meets_at=edge))
    assert list(expect_problem(refused, 422)["errors"]) == ["meets_at"]
    cursor = base64.urlsafe_b64encode(json.dumps([edge, "5f" * 12]).encode()).decode()
    assert get(office, "/commissions", after=cursor).status_code in (200, 422)


def test_the_same_convening_posted_twice_is_one(world: World, client_for: Clients):
    office, body = client_for(world.office), appointment(world)
    first = post_new(office, new_path(world), body, key="une-convocation")
    second = post_new(office, new_path(world), body, key="une-convocation")
    assert (first.status_code, first.json) == (201, second.json)
    expect_problem(post_new(office, new_path(world), body), 409, "commission_exists")
    assert Commission.objects.count() == 1


def test_each_refusal_of_a_member_has_its_code(world: World, client_for: Clients):
    office, tutor = client_for(world.office), str(world.tutor.id)
    follower, colleague = str(world.follower.id), world.second_teacher.email
    for code, people in {
        "member_twice": {"second": follower},
        "candidate_sits": {"second": str(world.candidate.id)},
        "professor_does_not_follow": {"professor": tutor, "second": follower},
        "second_has_no_standing": {"second": "personne@exemple.fr"},
        "tutor_sits": {"tutor_absence": "En congé"},
    }.items():
        expect_problem(post_new(office, new_path(world), appointment(world, **people)), 422, code)
    made = post_new(office, new_path(world), appointment(world, second=colleague, tutor_absence="En congé"))
    assert (made.status_code, made.json["tutor_absence"]) == (201, "En congé")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"meets_at": "2027-04-12T14:00:00"}, "meets_at"),
        ({"meets_at": "demain"}, "meets_at"),
        ({"place": ""}, "place"),
        ({"mode": "alone"}, "mode"),
        ({"second": None}, "second"),
        ({"state": "cancelled"}, "state"),
    ],
)
def test_bad_values_are_said_field_by_field(world: World, client_for: Clients, changed, field):
    body = expect_problem(post_new(client_for(world.office), new_path(world), appointment(world, **changed)), 422)
    assert field in body["errors"]


def test_a_member_is_replaced(world: World, client_for: Clients, commission: Commission):
    office, path = client_for(world.office), f"/commissions/{commission.id}/replace-member"
    said = {"leaving": str(world.tutor.id), "arriving": world.second_teacher.email, "reason": "Hospitalisé"}
    replaced = change(office, "POST", path, 1, {**said, "tutor_absence": "Hospitalisé"})
    assert [seat["left_reason"] for seat in replaced.json["seats"]] == [None, "Hospitalisé", None]
    expect_problem(get(client_for(world.tutor), f"/commissions/{commission.id}/assessment"), 404)
    assert get(client_for(world.second_teacher), f"/commissions/{commission.id}/assessment").status_code == 200


def test_the_list_follows_the_calendar_page_by_page(world: World, client_for: Clients):
    office = client_for(world.office)
    for day in (14, 12, 13):
        convened(world, world.new_candidacy(), meets_at=MEETS_AT.replace(day=day))
    first = get(office, "/commissions", limit=2).json
    rest = get(office, "/commissions", limit=2, after=first["next"]).json
    assert [one["meets_at"][:10] for one in first["items"] + rest["items"]] == [
        "2027-04-12",
        "2027-04-13",
        "2027-04-14",
    ]
    assert rest["next"] is None
    between = {"from": "2027-04-13T00:00:00Z", "to": "2027-04-14T00:00:00Z", "session": "2027"}
    assert [one["meets_at"][:10] for one in get(office, "/commissions", **between).json["items"]] == ["2027-04-13"]
    expect_problem(get(office, "/commissions", after="bm9u"), 422)
    assert get(office, "/commissions", session="2026").json["items"] == []


def test_a_list_of_commissions_costs_the_same_whatever_its_length(
    world: World, client_for: Clients, store: Connections
):
    office = client_for(world.office)
    convened(world, world.new_candidacy())
    with counted(store.database) as one:
        assert len(get(office, "/commissions").json["items"]) == 1
    for _ in range(4):
        convened(world, world.new_candidacy())
    with counted(store.database) as five:
        assert len(get(office, "/commissions").json["items"]) == 5
    assert five == one


def test_a_candidate_sees_nothing_of_a_commission(world: World, client_for: Clients, commission: Commission):
    candidate = client_for(world.candidate)
    grid = grid_of(commission, world.follower)
    assert get(candidate, "/commissions").json["items"] == []
    for path in ("", "/assessment", "/grids", "/divergences", "/portfolio"):
        expect_problem(get(candidate, f"/commissions/{commission.id}{path}"), 404, "not_found")
    expect_problem(change(candidate, "PATCH", f"/grids/{grid.id}", 1, {"candidacy": str(grid.candidacy)}), 404)
    expect_problem(change(candidate, "PATCH", f"/grids/{grid.id}", 9, {"candidacy": str(grid.candidacy)}), 404)


def test_who_watches_the_calendar_reads_no_assessment(world: World, client_for: Clients, commission: Commission):
    for person in (world.office, world.inspector, world.jury_member):
        client = client_for(person)
        assert get(client, f"/commissions/{commission.id}").status_code == 200
        for path in ("/assessment", "/grids", "/divergences", "/portfolio"):
            expect_problem(get(client, f"/commissions/{commission.id}{path}"), 404, "not_found")
