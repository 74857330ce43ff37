"""Sign-offs over HTTP, as each person meets them."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Activity, Attestation, Person
from portfolio.enrolment import placements
from portfolio.store.connections import Connections
from tests.support.api.clients import Clients
from tests.support.beside import elsewhere, working
from tests.support.queries import counted
from tests.support.worlds.world import World

API = "/api/v1"


def post(client: FlaskClient, path: str, body: dict[str, Any], key: str = "une-intention") -> Any:
    return client.post(f"{API}{path}", json=body, headers={"Idempotency-Key": key})


def get(client: FlaskClient, path: str) -> Any:
    return client.get(f"{API}{path}")


def answer(client: FlaskClient, activity: Activity, seat: str, key: str = "une-reponse", **said: Any) -> Any:
    shown = get(client, f"/activities/{activity.id}/shown?seat={seat}")
    body = {"seat": seat, "answer": "confirmed", "shown_digest": shown.json.get("digest", "0" * 64), **said}
    return post(client, f"/activities/{activity.id}/attestations", body, key)


def test_asked_shown_answered_and_summed_up(world: World, client_for: Clients) -> None:
    letter, activity = world.new_piece(), world.activity
    candidate, tutor, follower = (client_for(one) for one in (world.candidate, world.tutor, world.follower))
    asked = post(candidate, f"/activities/{activity.id}/sign-off-requests", {"seat": "tutor"})
    assert (asked.status_code, asked.json["state"], asked.json["person"]) == (201, "requested", str(world.tutor.id))

    waiting = get(tutor, "/my/sign-offs").json["sign_offs"]
    assert [(one["id"], one["seat"], one["candidate"]) for one in waiting] == [
        (asked.json["id"], "tutor", world.candidacy.display_name)
    ]
    assert waiting[0]["school"] == "Lycée Ampère"
    assert waiting[0]["activity"]["title"] == "Relance des impayés"
    assert waiting[0]["placement"]["company"] == "Assurances du Rhône"
    assert waiting[0]["placement"]["starts_on"] == "2026-05-18"

    shown = get(tutor, f"/activities/{activity.id}/shown?seat=tutor").json
    assert shown["pieces"][0]["content"]["title"] == "Lettre de relance"
    assert shown["statement"]["text"].startswith("J'atteste")
    signed = answer(tutor, activity, "tutor", comment="")
    assert (signed.status_code, signed.json["id"], signed.json["state"]) == (201, asked.json["id"], "confirmed")
    assert get(tutor, "/my/sign-offs").json == {"sign_offs": [], "reality": []}

    assert answer(follower, activity, "teacher").status_code == 201
    summary = get(candidate, f"/portfolios/{world.candidacy.id}/sign-offs").json
    assert summary["accepted_pieces"] == [str(letter.id)]
    (line,) = summary["activities"]
    assert (line["tutor"]["status"], line["teacher"]["status"]) == ("confirmed", "confirmed")
    assert line["tutor"]["attestation"]["signer_function"] == "Responsable d'agence"


def test_the_candidate_reads_answers_and_comments_and_no_address(world: World, client_for: Clients) -> None:
    client_for(world.tutor)
    refused = answer(
        client_for(world.tutor), world.activity, "tutor", answer="refused", comment="Fait par un collègue."
    )
    candidate = client_for(world.candidate)
    for path in (
        f"/attestations/{refused.json['id']}",
        f"/activities/{world.activity.id}/attestations",
        f"/portfolios/{world.candidacy.id}/sign-offs",
    ):
        seen = get(candidate, path)
        assert seen.status_code == 200
        assert "Fait par un collègue." in seen.text
        assert "@" not in seen.text


def test_asking_twice_says_since_when(world: World, client_for: Clients) -> None:
    candidate, path = client_for(world.candidate), f"/activities/{world.activity.id}/sign-off-requests"
    first = post(candidate, path, {"seat": "tutor"})
    assert post(candidate, path, {"seat": "tutor"}).json["id"] == first.json["id"], "the same intention"
    again = post(candidate, path, {"seat": "tutor"}, key="autre-intention")
    assert (again.status_code, again.json["code"]) == (409, "already_requested")
    assert "12/01/2027" in again.json["detail"]
    assert Attestation.objects.count() == 1


def test_the_same_answer_posted_twice_is_one(world: World, client_for: Clients) -> None:
    tutor = client_for(world.tutor)
    first, second = answer(tutor, world.activity, "tutor"), answer(tutor, world.activity, "tutor")
    assert first.json == second.json
    assert Attestation.objects.count() == 1


def test_what_changed_meanwhile_asks_to_read_again(world: World, client_for: Clients) -> None:
    world.activity  # noqa: B018 - exists before the tutor comes
    late = answer(client_for(world.tutor), world.activity, "tutor", shown_digest="0" * 64)
    assert (late.status_code, late.json["code"]) == (409, "shown_has_changed")
    assert "relisez" in late.json["detail"]
    assert list(late.json["errors"]) == ["shown_digest"]


def test_a_tutor_and_a_teacher_answer_while_the_candidate_works_elsewhere(world: World, client_for: Clients) -> None:
    world.new_piece()
    clients = {"tutor": client_for(world.tutor), "teacher": client_for(world.follower)}
    acts = elsewhere(world)
    with working(*acts):
        given = [answer(clients[seat], world.activity, seat, f"reponse-{n}") for n in range(6) for seat in clients]
    assert [one.status_code for one in given] == [201] * 12


def test_a_class_activity_has_no_tutor_to_ask(world: World, client_for: Clients) -> None:
    path = f"/activities/{world.new_activity('classe').id}/sign-off-requests"
    refused = post(client_for(world.candidate), path, {"seat": "tutor"})
    assert (refused.status_code, refused.json["code"]) == (409, "no_tutor_to_ask")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"answer": "maybe"}, "answer"),
        ({"seat": "boss"}, "seat"),
        ({"shown_digest": "court"}, "shown_digest"),
        ({"state": "confirmed"}, "state"),
    ],
)
def test_bad_values_are_named(world: World, client_for: Clients, changed: dict[str, Any], field: str) -> None:
    tutor = client_for(world.tutor)
    digest = get(tutor, f"/activities/{world.activity.id}/shown?seat=tutor").json["digest"]
    body = {"seat": "tutor", "answer": "confirmed", "shown_digest": digest, **changed}
    refused = post(tutor, f"/activities/{world.activity.id}/attestations", body)
    assert (refused.status_code, list(refused.json["errors"])) == (422, [field])
    assert Attestation.objects.count() == 0


def test_the_follower_waives_with_a_reason(world: World, client_for: Clients) -> None:
    follower, path = client_for(world.follower), f"/activities/{world.activity.id}/tutor-waiver"
    assert post(follower, path, {"reason": " "}).status_code == 422
    waived = post(follower, path, {"reason": "Le tuteur a quitté l'agence."})
    assert (waived.status_code, waived.json["state"], waived.json["seat"]) == (201, "waived", "tutor")
    assert post(client_for(world.candidate), path, {"reason": "Le tuteur a quitté l'agence."}).status_code == 403


def test_strangers_and_visitors_learn_nothing(world: World, client_for: Clients) -> None:
    attestation = answer(client_for(world.tutor), world.activity, "tutor").json["id"]
    activity = world.activity.id
    stranger = client_for(world.new_teacher(world.new_school("0750654D")))
    other_tutor = client_for(Person.objects.get(pk=world.new_placement(world.new_candidacy()).tutor))
    office = client_for(world.office)
    reads = [
        f"/attestations/{attestation}",
        f"/activities/{activity}/shown?seat=tutor",
        f"/activities/{activity}/attestations",
        f"/portfolios/{world.candidacy.id}/sign-offs",
    ]
    writes = [
        (f"/activities/{activity}/sign-off-requests", {"seat": "tutor"}),
        (f"/activities/{activity}/attestations", {"seat": "tutor", "answer": "confirmed", "shown_digest": "0" * 64}),
        (f"/activities/{activity}/tutor-waiver", {"reason": "Le tuteur a quitté l'agence."}),
    ]
    assert get(office, reads[-1]).status_code == 403, "the office knows the portfolio, not what is said of it"
    for client, status in ((stranger, 404), (other_tutor, 404), (office, 404), (client_for(), 401)):
        asked = reads[:-1] if client is office else reads
        assert {get(client, path).status_code for path in asked} == {status}
        assert {post(client, path, body).status_code for path, body in writes} == {status}


def test_a_tutor_whose_access_ended_is_asked_nothing_more(world: World, client_for: Clients) -> None:
    post(client_for(world.candidate), f"/activities/{world.activity.id}/sign-off-requests", {"seat": "tutor"})
    leaving = world.tutor
    successor = {"email": "autre@assureur.fr", "family_name": "Petit", "given_names": "Lou", "function": "Agente"}
    placements.replace_tutor(world.actor(world.office), world.placement, successor, world.clock())
    assert get(client_for(leaving), "/my/sign-offs").json["sign_offs"] == []


def test_the_inbox_costs_the_same_for_one_and_for_many(world: World, client_for: Clients, store: Connections) -> None:
    candidate, tutor = client_for(world.candidate), client_for(world.tutor)

    def ask(activity: Activity) -> None:
        path = f"/activities/{activity.id}/sign-off-requests"
        assert post(candidate, path, {"seat": "tutor"}, key=f"demande-{activity.id}").status_code == 201

    def inbox() -> tuple[int, int]:
        with counted(store.database) as count:
            waiting = get(tutor, "/my/sign-offs").json["sign_offs"]
        return count[0], len(waiting)

    ask(world.activity)
    few, one = inbox()
    for _ in range(4):
        ask(world.new_activity())
    many, five = inbox()
    assert (one, five) == (1, 5)
    assert few == many
