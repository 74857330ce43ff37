"""Handing in through the API: frozen, refused, late, opened again."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from functools import partial
from typing import Any

from portfolio.documents import Evidence, Submission
from tests.support.api.clients import Clients
from tests.support.api.handing_in import DEADLINE, act, home, submissions
from tests.support.api.requests import API, change, expect_problem, get, post_new
from tests.support.concurrency import together
from tests.support.worlds.world import World


def test_handing_in_freezes_a_revision_that_anyone_can_check(world: World, client_for: Clients) -> None:
    piece, client = world.new_piece(title="Été : « relance » – n° 1 😀"), client_for(world.candidate)
    world.upload(piece)
    world.sign_off()

    handed = act(client, world, "submit")

    assert (handed.status_code, handed.json["state"], handed.json["submissions"]) == (200, "submitted", 1)
    assert handed.headers["ETag"] == f'"{world.portfolio.revision}"'
    (summary,) = submissions(client, world)
    assert "content" not in summary
    whole = get(client, f"/submissions/{summary['id']}").json
    content = json.dumps(whole["content"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(content.encode()).hexdigest() == whole["digest"] == summary["digest"]
    (frozen,) = whole["content"]["pieces"]
    assert (frozen["title"], frozen["files"][0]["kind"]) == ("Été : « relance » – n° 1 😀", "pdf")
    shown = {name: frozen[name] for name in frozen if name not in ("id", "revision", "digest", "shown_digest")}
    digest = json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(digest.encode()).hexdigest() == frozen["digest"]


def test_a_change_since_the_candidate_looked_shows_both_states(world: World, client_for: Clients) -> None:
    world.new_piece()
    client = client_for(world.candidate)
    seen = get(client, home(world)).json["revision"]
    post_new(client, f"{home(world)}/evidence", {"type_code": "REF1", "title": "Du téléphone"})

    body = expect_problem(
        change(client, "POST", f"{home(world)}/submit", seen, {"without_drafts": True}), 412, "stale_revision"
    )

    assert (body["current"]["revision"], body["current"]["state"]) == (seen + 1, "open")
    assert body["yours"] == {"without_drafts": True}
    assert Submission.objects.count() == 0
    expect_problem(client.post(f"{API}{home(world)}/submit", json={}), 428)


def test_drafts_and_blocking_checks_are_said_before_anything_is_frozen(bound: World, client_for: Clients) -> None:
    world, client = bound, client_for(bound.candidate)
    body = expect_problem(act(client, world, "submit"), 409, "not_conform")
    assert "il faut en déposer" in body["detail"]
    world.new_piece()
    world.new_piece(title="Ébauche", description={})

    assert "« Ébauche »" in expect_problem(act(client, world, "submit"), 409, "drafts_left")["detail"]
    expect_problem(act(client, world, "submit", without_drafts="peut-être"), 422)
    expect_problem(act(client, world, "submit", force=True), 422)
    assert act(client, world, "submit", without_drafts=True).status_code == 200
    expect_problem(act(client, world, "submit", without_drafts=True), 409, "already_submitted")


def test_a_double_click_hands_in_once(world: World, client_for: Clients) -> None:
    world.new_piece()
    clients, revision = [client_for(world.candidate) for _ in range(3)], world.portfolio.revision

    answers = together(*(partial(change, one, "POST", f"{home(world)}/submit", revision, {}) for one in clients))

    assert sorted(one.status_code for one in answers) == [200, 412, 412]
    assert Submission.objects.count() == 1


def test_everything_is_refused_once_handed_in(world: World, client_for: Clients) -> None:
    piece, client = world.new_piece(), client_for(world.candidate)
    file = world.upload(piece)
    other = world.new_piece(title="Ébauche", type_code="WP1")
    pending = world.send(other)
    assert act(client, world, "submit", without_drafts=True).status_code == 200
    at = Evidence.objects.get(pk=piece.id).revision

    for answer in (
        post_new(client, f"{home(world)}/evidence", {"type_code": "REF1", "title": "x"}),
        post_new(client, f"{home(world)}/activities", {"title": "x", "context": "classe"}),
        change(client, "PATCH", f"/evidence/{piece.id}", at, {"title": "x"}),
        change(client, "DELETE", f"/evidence/{piece.id}", at),
        change(client, "PATCH", f"/activities/{world.activity.id}", 1, {"title": "x"}),
        post_new(client, f"/evidence/{piece.id}/files", {"name": "x.pdf", "size": 10}),
        client.put(f"{API}/files/{pending.id}/parts/1", data=b"x"),
        client.post(f"{API}/files/{pending.id}/commit"),
        change(client, "DELETE", f"/files/{file.id}", 2),
    ):
        body = expect_problem(answer, 409, "portfolio_submitted")
        assert "rouvrir" in body["detail"]
    assert client.post(f"{API}/files/{file.id}/link").status_code == 200


def test_after_the_deadline_the_hour_is_said_and_the_office_takes_over(
    bound: World, client_for: Clients, clock: Any
) -> None:
    world = bound
    world.new_piece()
    candidate, office = client_for(world.candidate), client_for(world.office)
    clock.now = DEADLINE + timedelta(minutes=1)

    assert "07/05/2027 à 18 h 00" in expect_problem(act(candidate, world, "submit"), 409, "deadline_passed")["detail"]
    expect_problem(act(candidate, world, "submit-late", reason="Oubli"), 403)
    expect_problem(act(office, world, "submit-late"), 422)
    expect_problem(act(office, world, "submit-late", reason="    "), 422)
    late = act(office, world, "submit-late", reason="Panne du réseau du lycée")

    assert (late.status_code, late.json["state"]) == (200, "submitted")
    assert submissions(candidate, world)[0]["late_reason"] == "Panne du réseau du lycée"


def test_an_adaptation_moves_the_deadline_that_the_candidate_reads(
    world: World, client_for: Clients, clock: Any
) -> None:
    world.new_piece()
    adapted = {"decision_reference": "D-12", "effect": "Délai", "deadline": "2027-05-14T18:00:00+02:00"}
    path = f"/candidacies/{world.candidacy.id}"
    office = client_for(world.office)
    revision = get(office, path).json["revision"]
    assert change(office, "POST", f"{path}/adaptations", revision, adapted).status_code == 200
    clock.now = DEADLINE + timedelta(days=2)

    candidate = client_for(world.candidate)
    assert get(candidate, home(world)).json["deadline"] == "2027-05-14T16:00:00+00:00"
    assert act(candidate, world, "submit").status_code == 200


def test_opened_again_then_handed_in_again_is_number_two(world: World, client_for: Clients) -> None:
    candidate, follower = client_for(world.candidate), client_for(world.follower)
    piece = world.new_piece()
    act(candidate, world, "submit")
    (first,) = submissions(candidate, world)

    expect_problem(act(candidate, world, "reopen", reason="Je voudrais"), 403)
    expect_problem(act(follower, world, "reopen", reason=""), 422)
    expect_problem(act(follower, world, "reopen"), 422)
    assert act(follower, world, "reopen", reason="Ajouter le courriel").json["submissions"] == 1
    expect_problem(act(follower, world, "reopen", reason="Encore"), 409, "not_submitted")
    change(candidate, "PATCH", f"/evidence/{piece.id}", 1, {"title": "Lettre et courriel"})
    assert act(candidate, world, "submit").json["submissions"] == 2

    again, second = submissions(follower, world)
    assert again == first
    assert (second["number"], second["digest"] != first["digest"]) == (2, True)
    titles = [
        get(follower, f"/submissions/{one['id']}").json["content"]["pieces"][0]["title"] for one in (again, second)
    ]
    assert titles == ["Lettre de relance", "Lettre et courriel"]
