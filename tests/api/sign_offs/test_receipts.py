"""Signing everything at once over HTTP, the receipt of it, what a teacher may look at twice, objections."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from portfolio.documents import Activity, Attestation, Candidacy, Placement, SignIn
from portfolio.identity import links
from portfolio.identity.client_fingerprint import origin
from tests.api.sign_offs.test_attestations import answer
from tests.conftest import Clock
from tests.sign_offs.test_answer_many import activities
from tests.support.api.clients import Clients
from tests.support.api.requests import change, expect_problem, get, post_new
from tests.support.worlds.signing import ask
from tests.support.worlds.world import PDF, World

PHONE = ("198.51.100.7", "Safari")


def on_a_visit(anonymous: FlaskClient, world: World, at: Any) -> FlaskClient:
    """A program that speaks with what a link opened."""
    _, token = links.open_link(links.issue(world.tutor.id, "sign_off", at), origin(*PHONE), at)
    anonymous.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return anonymous


def act(client: FlaskClient, made: list[Activity], **said: Any) -> dict[str, Any]:
    digests = [get(client, f"/activities/{one.id}/shown", seat="tutor").json["digest"] for one in made]
    pairs = zip(made, digests, strict=True)
    answers = [{"activity": str(one.id), "seat": "tutor", "shown_digest": digest, **said} for one, digest in pairs]
    return {"answers": answers, "signer_name": "Dominique Martin", "signer_function": None}


def test_one_request_signs_everything_and_repeated_signs_it_once(
    world: World, anonymous: FlaskClient, clock: Clock
) -> None:
    made = activities(world, 3)
    client = on_a_visit(anonymous, world, clock())
    body = act(client, made, answer="confirmed")
    signed = post_new(client, "/sign-off-acts", body, key="une-seule-signature")
    assert signed.status_code == 201
    assert {one["channel"] for one in signed.json["attestations"]} == {"link"}
    assert {one["act"] for one in signed.json["attestations"]} == {signed.json["act"]}
    again = post_new(client, "/sign-off-acts", body, key="une-seule-signature")
    assert (again.status_code, again.json) == (201, signed.json)
    assert Attestation.objects.count() == 3
    one = signed.json["attestations"][0]["id"]
    receipt = get(client, f"/attestations/{one}/receipt")
    assert (receipt.json["channel"], len(receipt.json["about"][0]["activities"])) == ("link", 3)
    paper = get(client, f"/attestations/{one}/receipt.pdf")
    assert paper.data.startswith(b"%PDF")
    assert "recu-" in paper.headers["Content-Disposition"]


def test_what_a_link_opened_reaches_no_other_door(world: World, anonymous: FlaskClient, clock: Clock) -> None:
    activities(world, 1)
    client = on_a_visit(anonymous, world, clock())
    for path in (f"/portfolios/{world.candidacy.id}", "/sign-ins"):
        expect_problem(get(client, path), 403, "password_needed")
    assert get(client, "/my/sign-offs").json["sign_offs"] != []


def test_an_activity_that_is_not_there_is_named(world: World, client_for: Clients) -> None:
    made = activities(world, 2)
    client = client_for(world.tutor)
    body = act(client, made, answer="confirmed")
    body["answers"][0]["activity"] = "0" * 24
    assert set(expect_problem(post_new(client, "/sign-off-acts", body), 422)["errors"]) == {"answers.0.activity"}


def test_signals_are_the_teacher_s_alone_and_accuse_nobody(
    world: World, anonymous: FlaskClient, client_for: Clients, clock: Clock
) -> None:
    made = activities(world, 1)
    came = origin(*PHONE)
    seen = {"network": came.network, "device": came.device}
    started = {"expires_at": clock() + timedelta(days=1), "created_at": clock()}
    SignIn(person=world.candidate.id, token_hash="x", way="cookie", **seen, **started).save()
    client = on_a_visit(anonymous, world, clock())
    clock.advance(seconds=12)
    signed = post_new(client, "/sign-off-acts", act(client, made, answer="confirmed")).json["attestations"][0]
    told = get(client_for(world.follower), f"/attestations/{signed['id']}/signals")
    assert told.json["seconds"] == 12
    assert [one["code"] for one in told.json["found"]] == ["same_device", "quick"]
    assert not any(word in told.text.lower() for word in ("fraude", "suspect", "triche", "faux"))
    for person in (world.candidate, world.tutor, world.new_teacher(world.school)):
        refused = get(client_for(person), f"/attestations/{signed['id']}/signals")
        expect_problem(refused, 403)
    for path in (f"/attestations/{signed['id']}", f"/activities/{made[0].id}/attestations"):
        told = get(client_for(world.candidate), path).text
        assert not any(word in told for word in ("network", "device", "opened_at", came.network))


def test_an_objection_is_read_on_the_placement_and_settled_by_the_teacher(world: World, client_for: Clients) -> None:
    activities(world, 1)
    revision = Placement.objects.get().revision
    said = {"because": "did_not_happen", "comment": "Le stage a été annulé."}
    path = f"/placements/{world.placement.id}"
    told = change(client_for(world.tutor), "POST", f"{path}/contest", revision, said)
    assert (told.status_code, told.json["contested_because"]) == (200, "did_not_happen")
    expect_problem(change(client_for(world.candidate), "POST", f"{path}/resume", revision + 1), 403)
    settled = change(client_for(world.follower), "POST", f"{path}/resume", revision + 1)
    assert (settled.status_code, settled.json["contested_at"]) == (200, None)


def test_a_teacher_finds_what_waits_by_class_by_candidate_and_by_age_with_what_the_tutor_said(
    world: World, client_for: Clients, clock: Clock
) -> None:
    activity = world.activity
    ask(world, "teacher", activity=activity)
    Candidacy.objects(pk=world.candidacy.id).update(set__division="BTS2A")
    answer(client_for(world.tutor), activity, "tutor", answer="partly", comment="Avec mon aide.")
    clock.advance(days=3)
    follower = client_for(world.follower)
    (waiting,) = get(follower, "/my/sign-offs").json["sign_offs"]
    assert (waiting["tutor_said"]["state"], waiting["tutor_said"]["comment"]) == ("partly", "Avec mon aide.")
    old, recent = ((clock() - timedelta(days=days)).isoformat() for days in (1, 5))
    asked = [{"division": "BTS2A"}, {"candidacy": str(world.candidacy.id)}, {"asked_before": old}]
    for found in asked:
        assert len(get(follower, "/my/sign-offs", **found).json["sign_offs"]) == 1, found
    for missed in ({"division": "BTS1"}, {"candidacy": "0" * 24}, {"asked_before": recent}):
        assert get(follower, "/my/sign-offs", **missed).json["sign_offs"] == [], missed


def test_a_paper_is_printed_scanned_and_copied(world: World, client_for: Clients) -> None:
    made = activities(world, 2)
    follower, placement = client_for(world.follower), f"/placements/{world.placement.id}"
    assert get(client_for(world.candidate), f"{placement}/statement.pdf").data.startswith(b"%PDF")
    digest = hashlib.sha256(PDF).hexdigest()
    put = [follower.put(f"/api/v1{placement}/paper-scans/{digest}", data=PDF) for _ in range(2)]
    assert [(one.status_code, one.json["sha256"]) for one in put] == [(200, digest)] * 2
    expect_problem(follower.put(f"/api/v1{placement}/paper-scans/{'0' * 64}", data=PDF), 422)
    body = act(follower, made, answer="confirmed") | {"scan": put[0].json["id"]}
    for one in body["answers"]:
        del one["seat"]
    expect_problem(post_new(client_for(world.candidate), f"{placement}/paper-answers", body), 403)
    copied = post_new(follower, f"{placement}/paper-answers", body)
    assert copied.status_code == 201, copied.text
    assert {one["channel"] for one in copied.json["attestations"]} == {"paper"}
    assert {one["relayed_by"] for one in copied.json["attestations"]} == {str(world.follower.id)}
    link = client_for(world.candidate).post(f"/api/v1/paper-scans/{put[0].json['id']}/link")
    assert link.json["url"].startswith("http")
