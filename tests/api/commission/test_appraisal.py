"""Appraisal over HTTP: the frozen portfolio, the grids, and the mark that both members propose."""

from __future__ import annotations

import pytest

from portfolio.documents import Commission, Evidence, Grid
from tests.support.api.clients import Clients
from tests.support.api.requests import change, expect_problem, get
from tests.support.worlds.commissions import APPRECIATION, ROWS, convened, fill, fill_and_seal, grid_of
from tests.support.worlds.world import World


@pytest.fixture
def commission(world: World) -> Commission:
    world.submit()
    return convened(world)


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
