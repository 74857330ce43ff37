"""Activities over HTTP: what groups the pieces, as a candidate meets them."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Activity, Evidence
from tests.support.api.clients import Clients
from tests.support.api.requests import API, change, expect_problem, fresh_key, get, post_new
from tests.support.worlds.world import World


def home(world: World) -> str:
    return f"/portfolios/{world.candidacy.id}/activities"


def test_an_activity_is_added_read_amended_and_withdrawn(world: World, client_for: Clients) -> None:
    client = client_for(world.candidate)
    values = {"title": "Relance", "context": "pfmp", "placement": str(world.placement.id), "starts_on": "2026-06-01"}

    added = post_new(client, home(world), values)
    assert (added.status_code, added.headers["ETag"]) == (201, '"1"')
    assert added.json == {
        "id": added.json["id"],
        "revision": 1,
        "can": added.json["can"],
        "candidacy": str(world.candidacy.id),
        **values,
        "mission": None,
        "ends_on": None,
        "withdrawn_at": None,
        "reused_from": None,
    }
    assert {"amend_activity", "read_activity", "request_sign_off"} <= set(added.json["can"])
    path = f"/activities/{added.json['id']}"
    assert get(client, path).json == added.json

    amended = change(client, "PATCH", path, 1, {"mission": "Relancer les sociétaires", "starts_on": None})
    assert (amended.status_code, amended.headers["ETag"]) == (200, '"2"')
    assert (amended.json["mission"], amended.json["starts_on"]) == ("Relancer les sociétaires", None)

    withdrawn = change(client, "DELETE", path, 2)
    assert withdrawn.json["withdrawn_at"] == "2027-01-12T09:00:00+00:00"
    expect_problem(change(client, "PATCH", path, 3, {"title": "Encore"}), 409, "withdrawn")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": None}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "\x00"}, "title"),
        ({"context": "bureau"}, "context"),
        ({"placement": "zzz"}, "placement"),
        ({"placement": "0" * 24}, "placement"),
        ({"starts_on": "01/06/2026"}, "starts_on"),
        ({"starts_on": "2026-06-30", "ends_on": "2026-06-01"}, "ends_on"),
        ({"candidacy": "0" * 24}, "candidacy"),
        ({"revision": 9}, "revision"),
    ],
)
def test_a_wrong_activity_is_refused_by_field(
    world: World, client_for: Clients, values: dict[str, Any], field: str
) -> None:
    right = {"title": "Relance", "context": "pfmp", "placement": str(world.placement.id)}

    body = expect_problem(post_new(client_for(world.candidate), home(world), right | values), 422)

    assert list(body["errors"]) == [field]
    assert Activity.objects.count() == 0


def test_an_activity_in_use_is_kept(world: World, client_for: Clients) -> None:
    world.new_piece()
    path = f"/activities/{world.activity.id}"

    expect_problem(change(client_for(world.candidate), "DELETE", path, 1), 409, "activity_in_use")

    assert Activity.objects.get(pk=world.activity.id).withdrawn_at is None


def test_a_stale_change_shows_both_versions(world: World, client_for: Clients) -> None:
    client, path = client_for(world.candidate), f"/activities/{world.activity.id}"
    change(client, "PATCH", path, 1, {"title": "Depuis le téléphone"})

    body = expect_problem(change(client, "PATCH", path, 1, {"title": "Depuis l'ordinateur"}), 412, "stale_revision")

    assert (body["current"]["title"], body["current"]["revision"]) == ("Depuis le téléphone", 2)
    assert body["yours"] == {"title": "Depuis l'ordinateur"}
    assert change(client, "PATCH", path, 2, body["yours"]).json["title"] == "Depuis l'ordinateur"


def test_an_activity_belongs_to_one_candidate(world: World, client_for: Clients, anonymous: FlaskClient) -> None:
    activity, values = world.activity, {"title": "x", "context": "classe"}
    path = f"/activities/{activity.id}"
    other = client_for(type(world.candidate).objects.get(pk=world.new_candidacy().person))
    for client in (other, client_for(world.office), client_for(world.inspector)):
        for answer in (get(client, path), change(client, "PATCH", path, 1, values), change(client, "DELETE", path, 1)):
            expect_problem(answer, 404, "not_found")
        assert get(client, "/activities").json["items"] == []
    expect_problem(post_new(other, home(world), values), 404, "not_found")
    for client in (client_for(world.follower), client_for(world.tutor)):
        assert get(client, path).json["title"] == activity.title
        assert [one["id"] for one in get(client, "/activities").json["items"]] == [str(activity.id)]
        expect_problem(change(client, "PATCH", path, 1, values), 403, "forbidden")
    expect_problem(get(anonymous, path), 401)


def test_the_list_is_paged_and_filtered_by_candidate(world: World, client_for: Clients) -> None:
    added = [str(world.new_activity("classe").id) for _ in range(5)]
    client, seen, after = client_for(world.follower), [], None
    while True:
        asked = {"candidacy": str(world.candidacy.id), "limit": 2} | ({"after": after} if after else {})
        page = get(client, "/activities", **asked).json
        seen += [one["id"] for one in page["items"]]
        if not (after := page["next"]):
            break
    assert seen == added
    assert get(client, "/activities", candidacy="0" * 24).json["items"] == []


def test_the_same_intention_twice_is_one_activity_and_guards_are_asked_for(world: World, client_for: Clients) -> None:
    client, values, key = client_for(world.candidate), {"title": "Exposé", "context": "classe"}, fresh_key()
    first, again = (post_new(client, home(world), values, key) for _ in range(2))
    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    assert Activity.objects.count() == 1

    expect_problem(client.post(f"{API}{home(world)}", json=values), 428, "precondition_missing")
    unguarded = client.patch(f"{API}/activities/{first.json['id']}", json={"title": "x"})
    expect_problem(unguarded, 428, "precondition_missing")


def test_a_piece_follows_its_activity_under_another_tutor(world: World, client_for: Clients) -> None:
    piece, first_tutor = world.new_piece(), world.tutor
    second = world.new_placement(world.candidacy)
    second_tutor = type(first_tutor).objects.get(pk=second.tutor)
    assert get(client_for(first_tutor), f"/evidence/{piece.id}").status_code == 200

    path = f"/activities/{world.activity.id}"
    assert change(client_for(world.candidate), "PATCH", path, 1, {"placement": str(second.id)}).status_code == 200

    expect_problem(get(client_for(first_tutor), f"/evidence/{piece.id}"), 404)
    assert get(client_for(second_tutor), f"/evidence/{piece.id}").json["title"] == piece.title
    assert Evidence.objects.get(pk=piece.id).state == "ready"
