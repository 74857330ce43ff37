"""A commission over HTTP, from its convening to the mark it proposes."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from portfolio.documents import Commission, Evidence, Grid
from portfolio.store.connections import Connections
from tests.support.api.clients import Clients
from tests.support.api.requests import change, expect_problem, get, post_new
from tests.support.queries import counted
from tests.support.worlds.commissions import APPRECIATION, MEETS_AT, ROWS, convened, fill, fill_and_seal, grid_of
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
    home = f"/commissions/{made.json['id']}"
    moved = change(office, "POST", f"{home}/move", 1, {"meets_at": "2027-04-13T09:00:00+02:00", "place": "Salle C3"})
    assert (moved.json["place"], moved.headers["ETag"]) == ("Salle C3", '"2"')
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


# --- appraising -----------------------------------------------------------------------------------


def test_the_frozen_portfolio_is_read_with_its_sign_offs_and_coverage(
    world: World, client_for: Clients, commission: Commission
):
    tutor, home = client_for(world.tutor), f"/commissions/{commission.id}"
    piece = str(Evidence.objects.get().id)
    retained = change(tutor, "POST", f"{home}/retain", 1, {"evidence": piece, "retained": True})
    assert (retained.json["submission"], retained.json["retained"]) == (1, {piece: True})
    seen = get(tutor, f"{home}/portfolio").json
    assert (seen["number"], seen["latest"], seen["numbers"]) == (1, 1, {piece: "P1"})
    assert seen["manifest"]["pieces"][0]["title"] == "Lettre de relance"
    assert [(one["tutor"]["status"], one["teacher"]["status"]) for one in seen["sign_offs"]] == [
        ("confirmed", "confirmed")
    ]
    line = next(one for one in seen["coverage"]["competences"] if one["code"] == "C1")
    assert [line[layer]["pieces"] for layer in ("declared", "accepted", "retained")] == [[piece]] * 3


def test_before_any_submission_there_is_nothing_to_read(world: World, client_for: Clients):
    commission = convened(world)
    seen = get(client_for(world.tutor), f"/commissions/{commission.id}/portfolio").json
    assert seen == {"number": None, "latest": None}


def test_sealed_then_compared_then_agreed(world: World, client_for: Clients, commission: Commission):
    home, about = f"/commissions/{commission.id}", {"candidacy": str(world.candidacy.id)}
    for person, other in ((world.follower, {}), (world.tutor, {"C48": "TS"})):
        client = client_for(person)
        grids = {one["member"]: one for one in get(client, f"{home}/grids").json["items"]}
        mine = grids[str(person.id)]
        degrees = dict.fromkeys(ROWS, "S") | other
        filled = change(client, "PATCH", f"/grids/{mine['id']}", mine["revision"], {**about, "degrees": degrees})
        sealed = change(client, "POST", f"/grids/{mine['id']}/seal", filled.json["revision"])
        assert sealed.json["sealed_at"] == "2027-01-12T09:00:00+00:00"
    compared = get(client, f"{home}/divergences").json
    assert compared["members"] == [str(world.follower.id), str(world.tutor.id)]
    assert (compared["rows"][0]["row"], compared["rows"][0]["degrees"]) == ("C48", ["S", "TS"])
    shared = next(one for one in get(client, f"{home}/grids").json["items"] if one["member"] is None)
    agreed = change(client, "PATCH", f"/grids/{shared['id']}", shared["revision"], {**about, "degrees": {"C48": "S"}})
    assert agreed.json["degrees"] == dict.fromkeys(ROWS, "S")


def test_no_route_gives_the_others_degrees_before_both_are_sealed(
    world: World, client_for: Clients, commission: Commission
):
    """The tutor wrote the secret in a degree's observation and sealed; the follower tries every door."""
    theirs = fill(
        world, world.tutor, grid_of(commission, world.tutor), dict.fromkeys(ROWS, "TS"), C1="secret-du-tuteur"
    )
    fill_and_seal(world, commission, world.tutor, degree="TS")
    follower, home = client_for(world.follower), f"/commissions/{commission.id}"
    about = {"candidacy": str(world.candidacy.id), "degrees": {"C1": "I"}}
    heard = [get(follower, f"{home}{path}") for path in ("", "/assessment", "/grids", "/portfolio", "/divergences")]
    for revision in range(1, 5):
        heard.append(change(follower, "PATCH", f"/grids/{theirs.id}", revision, about))
        heard.append(change(follower, "POST", f"/grids/{theirs.id}/seal", revision))
        assert [one.status_code for one in heard[-2:]] == [404, 404]
    heard.append(get(follower, f"/portfolios/{world.candidacy.id}/history"))
    said = "".join(one.text for one in heard)
    assert "secret-du-tuteur" not in said
    assert str(theirs.id) not in said
    fill_and_seal(world, commission, world.follower)
    assert "secret-du-tuteur" in get(follower, f"{home}/grids").text


def test_two_members_at_once_see_both_versions(world: World, client_for: Clients):
    world.submit()
    commission = convened(world, mode="together")
    shared, about = grid_of(commission), {"candidacy": str(world.candidacy.id)}
    path = f"/grids/{shared.id}"
    first = change(client_for(world.follower), "PATCH", path, 1, {**about, "degrees": {"C1": "S"}})
    assert first.status_code == 200
    mine = {**about, "degrees": {"C1": "TS"}}
    body = expect_problem(change(client_for(world.tutor), "PATCH", path, 1, mine), 412, "stale_revision")
    assert (body["current"]["degrees"], body["yours"]) == ({"C1": "S"}, mine)
    assert Grid.objects.get(pk=shared.id).degrees == {"C1": "S"}


def test_a_mark_is_kept_as_typed_and_refused_off_its_step(world: World, client_for: Clients, commission: Commission):
    client, path = client_for(world.follower), f"/commissions/{commission.id}/assessment"
    about = {"candidacy": str(world.candidacy.id)}
    kept = change(client, "PATCH", path, 1, {**about, "proposed_mark": "14,5", "appreciation": APPRECIATION})
    assert (kept.json["proposed_mark"], kept.headers["ETag"]) == ("14.50", '"2"')
    for typed in ("14,25", "21", "-1", "quatorze", "1e1"):
        body = expect_problem(change(client, "PATCH", path, 2, {**about, "proposed_mark": typed}), 422)
        assert set(body["errors"]) == {"proposed_mark"}
    expect_problem(change(client, "PATCH", path, 2, {**about, "proposed_mark": 14.5}), 422)
    expect_problem(change(client, "PATCH", path, 2, {"proposed_mark": "12"}), 422)
    other = world.new_candidacy()
    wrong = change(client, "PATCH", path, 2, {"candidacy": str(other.id), "proposed_mark": "12"})
    expect_problem(wrong, 422, "other_candidate")
    assert get(client, path).json["proposed_mark"] == "14.50"


def test_unknown_rows_and_degrees_are_named(world: World, client_for: Clients, commission: Commission):
    mine = grid_of(commission, world.follower)
    said = {
        "candidacy": str(world.candidacy.id),
        "degrees": {"C99": "S", "C1": "BIEN"},
        "observations": {"$where": "x"},
    }
    body = expect_problem(change(client_for(world.follower), "PATCH", f"/grids/{mine.id}", 1, said), 422)
    assert set(body["errors"]) == {"degrees.C99", "degrees.C1", "observations.$where"}


def test_an_incomplete_grid_says_what_it_lacks(world: World, client_for: Clients, commission: Commission):
    mine = fill(world, world.follower, grid_of(commission, world.follower), dict.fromkeys(ROWS[1:], "S"))
    answer = change(client_for(world.follower), "POST", f"/grids/{mine.id}/seal", mine.revision)
    assert set(expect_problem(answer, 409, "grid_incomplete")["errors"]) == {"degrees.C1"}
