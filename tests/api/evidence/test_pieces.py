"""Pieces over HTTP, as a candidate with a phone and a computer deposits them; checks as a teacher enters them."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Evidence
from tests.support.api.clients import Clients
from tests.support.api.requests import API, change, expect_problem, fresh_key, get, post_new
from tests.support.concurrency import together
from tests.support.worlds.world import World

WHY = {"competence": "C47", "justification": "Le ton est adapté."}


def home(world: World) -> str:
    return f"/portfolios/{world.candidacy.id}/evidence"


# --- from two fields to a ready piece -------------------------------------------------------------


def test_a_piece_begins_with_two_fields_and_says_in_words_what_it_lacks(world: World, client_for: Clients) -> None:
    client = client_for(world.candidate)
    piece = post_new(client, home(world), {"type_code": "REF1", "title": "Ma note"}).json
    path = f"/evidence/{piece['id']}"
    assert (piece["state"], piece["nature"], piece["competences"]) == ("draft", "production", [])
    shown = get(client, path)
    assert shown.headers["ETag"] == '"1"'
    assert "au moins une compétence" in shown.json["missing"]
    assert "l'activité à laquelle elle se rattache" in shown.json["missing"]
    assert shown.json["files"] == []

    changes: list[dict[str, Any]] = [
        {"situation": "reelle", "context": "pfmp", "activity": str(world.activity.id)},
        {"produced_on": "2026-06-02", "anonymisation": "non_requis", "permission": "non_requise"},
        {"description": {"context": "En agence", "differently": "Plus tôt"}},
        {"competences": [WHY], "criteria": ["K3"], "tool_families": ["T2"]},
        {"assistance_used": True, "assistance_how": "Correction d'orthographe", "collective": True},
        {"links": [{"url": "https://exemple.fr/a?b=1", "captured_on": "2026-06-03", "label": "Page"}]},
    ]
    for revision, values in enumerate(changes, 1):
        amended = change(client, "PATCH", path, revision, values)
        assert (amended.status_code, amended.headers["ETag"]) == (200, f'"{revision + 1}"')
        assert all(amended.json[name] == value for name, value in values.items())

    ready = get(client, path).json
    assert (ready["state"], ready["missing"]) == ("ready", [])
    for values in changes:
        assert all(ready[name] == value for name, value in values.items())


def test_a_withdrawn_piece_leaves_the_portfolio_and_stays_readable(world: World, client_for: Clients) -> None:
    client, piece = client_for(world.candidate), world.new_piece()

    withdrawn = change(client, "DELETE", f"/evidence/{piece.id}", 1)

    assert (withdrawn.status_code, withdrawn.json["state"]) == (200, "withdrawn")
    assert get(client, f"/evidence/{piece.id}").json["state"] == "withdrawn"
    expect_problem(change(client, "PATCH", f"/evidence/{piece.id}", 2, {"title": "x"}), 409, "withdrawn")
    expect_problem(change(client, "DELETE", f"/evidence/{piece.id}", 2), 409, "withdrawn")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"type_code": "XXX"}, "type_code"),
        ({"title": ""}, "title"),
        ({"title": 12}, "title"),
        ({"nature": "rêve"}, "nature"),
        ({"competences": [{"competence": "C2"}]}, "competences"),
        ({"competences": [{"justification": "x"}]}, "competences.0.competence"),
        ({"competences": "C1"}, "competences"),
        ({"criteria": ["K0"]}, "criteria"),
        ({"tool_families": ["T0"]}, "tool_families"),
        ({"produced_on": "2026-13-01"}, "produced_on"),
        ({"activity": "0" * 24}, "activity"),
        ({"links": [{"url": "javascript:alert(1)"}]}, "links.0.url"),
        ({"links": [{"url": "https://a.fr", "captured_on": "hier"}]}, "links.0.captured_on"),
        ({"details": {"x": 1}}, "details.x"),
        ({"description": {"résumé": "x"}}, "description.résumé"),
        ({"description": {"aim": "x" * 8001}}, "description.aim"),
        ({"state": "ready"}, "state"),
        ({"candidacy": "0" * 24}, "candidacy"),
        ({"entered_by": "0" * 24}, "entered_by"),
    ],
)
def test_a_wrong_piece_is_refused_by_field_in_french_and_nothing_is_stored(
    world: World, client_for: Clients, values: dict[str, Any], field: str
) -> None:
    body = expect_problem(
        post_new(client_for(world.candidate), home(world), {"type_code": "REF1", "title": "x"} | values), 422
    )

    assert list(body["errors"]) == [field]
    assert Evidence.objects.count() == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null", b"\xff"])
def test_an_unreadable_body_is_refused(world: World, client_for: Clients, body: bytes) -> None:
    headers = {"Idempotency-Key": fresh_key(), "Content-Type": "application/json"}
    answer = client_for(world.candidate).post(f"{API}{home(world)}", data=body, headers=headers)

    assert answer.status_code in (400, 422)
    expect_problem(answer, answer.status_code)
    assert Evidence.objects.count() == 0


# --- two devices ----------------------------------------------------------------------------------


def test_two_changes_at_once_make_one_and_the_other_sees_both_versions(world: World, client_for: Clients) -> None:
    piece, clients = world.new_piece(), [client_for(world.candidate) for _ in range(2)]
    path = f"/evidence/{piece.id}"
    for revision in range(1, 5):
        titles = [f"Téléphone {revision}", f"Ordinateur {revision}"]

        answers = together(
            *(
                partial(change, one, "PATCH", path, revision, {"title": title})
                for one, title in zip(clients, titles, strict=True)
            )
        )

        assert sorted(one.status_code for one in answers) == [200, 412]
        kept, refused = sorted(answers, key=lambda one: one.status_code)
        body = expect_problem(refused, 412, "stale_revision")
        assert (body["current"]["title"], body["current"]["revision"]) == (kept.json["title"], revision + 1)
        assert {body["yours"]["title"], kept.json["title"]} == set(titles)
        assert get(clients[0], path).json["title"] == kept.json["title"]


def test_the_same_deposit_sent_twice_at_once_is_one_piece(world: World, client_for: Clients) -> None:
    clients, key = [client_for(world.candidate) for _ in range(3)], fresh_key()
    values = {"type_code": "REF1", "title": "Double clic"}
    revision = world.portfolio.revision

    answers = together(*(partial(post_new, one, home(world), values, key) for one in clients))

    assert [one.status_code for one in answers] == [201] * 3
    assert len({one.json["id"] for one in answers}) == 1
    assert Evidence.objects.count() == 1
    assert world.portfolio.revision == revision + 1


# --- whose it is ----------------------------------------------------------------------------------


def test_a_piece_is_read_by_the_team_and_changed_by_its_candidate(
    world: World, client_for: Clients, anonymous: FlaskClient
) -> None:
    piece = world.new_piece()
    path = f"/evidence/{piece.id}"
    for person in (world.follower, world.new_teacher(world.school, teaches_profession=False), world.tutor):
        client = client_for(person)
        assert get(client, path).json["title"] == piece.title
        assert [one["id"] for one in get(client, "/evidence").json["items"]] == [str(piece.id)]
        expect_problem(change(client, "PATCH", path, 1, {"title": "x"}), 403, "forbidden")
        expect_problem(change(client, "DELETE", path, 1), 403, "forbidden")
    strangers = (
        type(world.candidate).objects.get(pk=world.new_candidacy().person),
        world.office,
        world.inspector,
        world.jury_member,
        world.new_teacher(world.new_school("0750655E")),
    )
    for person in strangers:
        client = client_for(person)
        for answer in (get(client, path), change(client, "PATCH", path, 1, {}), change(client, "DELETE", path, 9)):
            expect_problem(answer, 404, "not_found")
        assert get(client, "/evidence", candidacy=str(world.candidacy.id)).json["items"] == []
    expect_problem(get(anonymous, path), 401)


def test_a_piece_outside_a_company_is_not_shown_to_the_tutor(world: World, client_for: Clients) -> None:
    world.new_piece()
    from_class = world.new_piece(world.new_activity("classe"), title="En classe")
    tutor = client_for(world.tutor)

    assert [one["title"] for one in get(tutor, "/evidence").json["items"]] == ["Lettre de relance"]
    expect_problem(get(tutor, f"/evidence/{from_class.id}"), 404)
