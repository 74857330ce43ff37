"""The joint evaluation of reality over HTTP."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from portfolio.documents import RealityEvaluation
from tests.support.api.clients import Clients
from tests.support.worlds.world import World

API = "/api/v1"
TEXT = "Relances et devis menés seule en agence, vus ensemble le 30 juin."


def write(client: FlaskClient, world: World, text: str = TEXT, key: str = "une-intention") -> Any:
    path = f"{API}/placements/{world.placement.id}/reality"
    return client.post(path, json={"text": text}, headers={"Idempotency-Key": key})


def act(client: FlaskClient, evaluation: Any, name: str, body: dict[str, Any]) -> Any:
    path = f"{API}/reality-evaluations/{evaluation['id']}/{name}"
    return client.post(path, json=body, headers={"If-Match": f'"{evaluation["revision"]}"'})


def test_written_read_by_the_candidate_and_agreed_by_the_tutor(world: World, client_for: Clients) -> None:
    follower, tutor, candidate = (client_for(one) for one in (world.follower, world.tutor, world.candidate))
    world.placement  # noqa: B018 - exists before anybody writes about it
    written = write(follower, world)
    assert (written.status_code, written.json["state"]) == (201, "proposed")
    (waiting,) = tutor.get(f"{API}/my/sign-offs").json["reality"]
    assert (waiting["id"], waiting["candidate"]) == (written.json["id"], world.candidacy.display_name)
    shown = tutor.get(f"{API}/reality-evaluations/{waiting['id']}").json
    agreed = act(tutor, shown, "concur", {"digest": shown["digest"]})
    assert (agreed.status_code, agreed.json["state"]) == (200, "joint")
    assert tutor.get(f"{API}/my/sign-offs").json["reality"] == []
    (seen,) = candidate.get(f"{API}/portfolios/{world.candidacy.id}/reality").json["items"]
    assert (seen["text"], [one["seat"] for one in seen["concurrences"]]) == (TEXT, ["teacher", "tutor"])
    assert "@" not in str(seen)


def test_rewriting_needs_the_revision_and_shows_the_earlier_text(world: World, client_for: Clients) -> None:
    follower = client_for(world.follower)
    written = write(follower, world).json
    path = f"{API}/reality-evaluations/{written['id']}"
    assert follower.patch(path, json={"text": TEXT + " Bis."}).status_code == 428
    rewritten = follower.patch(path, json={"text": TEXT + " Bis."}, headers={"If-Match": '"1"'})
    assert (rewritten.status_code, rewritten.headers["ETag"]) == (200, '"2"')
    assert rewritten.json["earlier"][0]["text"] == TEXT
    late = follower.patch(path, json={"text": TEXT + " Ter."}, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json["current"]["text"]) == (412, TEXT + " Bis.")


def test_writing_again_is_refused_and_the_same_intention_is_one(world: World, client_for: Clients) -> None:
    follower = client_for(world.follower)
    first = write(follower, world)
    assert write(follower, world).json["id"] == first.json["id"]
    again = write(follower, world, key="autre-intention")
    assert (again.status_code, again.json["code"]) == (409, "reality_already_written")
    assert RealityEvaluation.objects.count() == 1


def test_a_tutor_agrees_on_the_text_displayed_only(world: World, client_for: Clients) -> None:
    written = write(client_for(world.follower), world).json
    refused = act(client_for(world.tutor), written, "concur", {"digest": "0" * 64})
    assert (refused.status_code, refused.json["code"]) == (409, "shown_has_changed")


def test_the_teacher_concludes_alone_and_the_tutor_cannot(world: World, client_for: Clients) -> None:
    written = write(client_for(world.follower), world).json
    reason = {"reason": "Le tuteur a quitté l'agence."}
    assert act(client_for(world.tutor), written, "conclude-alone", reason).status_code == 403
    concluded = act(client_for(world.follower), written, "conclude-alone", reason)
    assert (concluded.status_code, concluded.json["state"]) == (200, "teacher_alone")
    assert client_for(world.tutor).get(f"{API}/my/sign-offs").json["reality"] == []


def test_strangers_and_visitors_learn_nothing(world: World, client_for: Clients) -> None:
    written = write(client_for(world.follower), world).json
    stranger = client_for(world.new_teacher(world.new_school("0750654D")))
    for client, status in ((stranger, 404), (client_for(), 401)):
        assert client.get(f"{API}/reality-evaluations/{written['id']}").status_code == status
        assert client.get(f"{API}/portfolios/{world.candidacy.id}/reality").status_code == status
        assert act(client, written, "concur", {"digest": written["digest"]}).status_code == status
        assert write(client, world).status_code == status


def test_class_and_ateliers_have_their_own(world: World, client_for: Clients) -> None:
    client, path = client_for(world.second_teacher), f"{API}/portfolios/{world.portfolio.id}/reality"
    made = client.post(path, json={"text": TEXT}, headers={"Idempotency-Key": "une-intention"})
    assert (made.status_code, made.json["placement"], made.json["state"]) == (201, None, "teacher_alone")
    twice = client.post(path, json={"text": TEXT}, headers={"Idempotency-Key": "une-autre-intention"})
    assert (twice.status_code, twice.json["code"]) == (409, "reality_already_written")
    assert [one["id"] for one in client_for(world.candidate).get(path).json["items"]] == [made.json["id"]]
