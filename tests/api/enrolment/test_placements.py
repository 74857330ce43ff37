"""Placements over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Person
from tests.support.api.clients import Clients
from tests.support.api.requests import change, expect_problem, fresh_key, get, post_new
from tests.support.worlds.world import World

TUTOR = {"email": "d.martin@assureur.fr", "family_name": "Martin", "given_names": "Dominique"}


@pytest.fixture
def office(world: World, client_for: Clients) -> FlaskClient:
    return client_for(world.office)


def said(world: World, **changed: Any) -> dict[str, Any]:
    stay = {"kind": "stage", "starts_on": "2026-05-18", "ends_on": "2026-07-03", "days": 35}
    return stay | {"company": str(world.company.id), "tutor": TUTOR} | changed


def path(world: World) -> str:
    return f"/candidacies/{world.candidacy.id}/placements"


def test_a_period_is_added_once_and_read_by_those_it_concerns(
    world: World, office: FlaskClient, client_for: Clients
) -> None:
    key = fresh_key()
    added, again = (post_new(office, path(world), said(world), key) for _ in range(2))
    assert (added.status_code, again.json) == (201, added.json)
    tutor = Person.objects.get(pk=added.json["tutor"])
    Person.objects(pk=tutor.id).update(set__state="active")
    for person in (world.candidate, world.follower, tutor, world.office):
        (shown,) = get(client_for(person), "/placements", candidacy=str(world.candidacy.id)).json["items"]
        assert (shown["id"], shown["tutor_name"]) == (added.json["id"], "Dominique Martin")
    for person in (world.inspector, world.jury_member, world.new_office(world.new_school("0690027E"))):
        assert get(client_for(person), "/placements").json["items"] == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"days": 0}, "days"),
        ({"days": 801}, "days"),
        ({"days": "35"}, "days"),
        ({"days": 10**400}, "days"),
        ({"days": float("inf")}, "days"),
        ({"kind": "vacances"}, "kind"),
        ({"company": "Assurances"}, "company"),
        ({"company": "5f5f5f5f5f5f5f5f5f5f5f5f"}, "company"),
        ({"starts_on": "2026-13-01"}, "starts_on"),
        ({"ends_on": "2026-05-01"}, "ends_on"),
        ({"missions": "\x00"}, "missions"),
        ({"tutor": TUTOR | {"phone": "06"}}, "tutor.phone"),
        ({"tutor": TUTOR | {"email": "martin"}}, "tutor.email"),
        ({"tutor_id": "x"}, "tutor_id"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_value_is_refused_by_its_field(
    world: World, office: FlaskClient, changed: dict[str, Any], field: str
) -> None:
    answer = post_new(office, path(world), said(world, **changed))
    assert list(expect_problem(answer, 422, "invalid_values")["errors"]) == [field]
    assert get(office, "/placements").json["items"] == []


def test_a_candidate_s_own_address_is_no_tutor_s(world: World, office: FlaskClient) -> None:
    answer = post_new(office, path(world), said(world, tutor=TUTOR | {"email": world.candidate.email}))
    assert "du candidat" in expect_problem(answer, 422)["errors"]["tutor.email"][0]


def test_a_tutor_is_replaced_and_the_first_one_sees_nothing_more(
    world: World, office: FlaskClient, client_for: Clients
) -> None:
    placement, leaving = world.placement, client_for(world.tutor)
    replaced = change(office, "PUT", f"/placements/{placement.id}/tutor", placement.revision, TUTOR)
    assert (replaced.status_code, replaced.json["tutor_name"]) == (200, "Dominique Martin")
    assert replaced.headers["ETag"] == f'"{placement.revision + 1}"'
    assert get(leaving, "/placements").json["items"] == []
    same = change(office, "PUT", f"/placements/{placement.id}/tutor", replaced.json["revision"], TUTOR)
    assert list(expect_problem(same, 422)["errors"]) == ["email"]


def test_a_period_is_amended_cancelled_with_a_reason_and_then_closed(world: World, office: FlaskClient) -> None:
    address = f"/placements/{world.placement.id}"
    amended = change(office, "PATCH", address, world.placement.revision, {"days": 30})
    assert amended.json["days"] == 30
    revision = amended.json["revision"]
    expect_problem(change(office, "POST", f"{address}/cancel", revision, {"reason": "  "}), 422)
    cancelled = change(office, "POST", f"{address}/cancel", revision, {"reason": "L'entreprise a fermé"})
    assert cancelled.json["cancelled_at"].startswith("2027-01-12")
    late = change(office, "PATCH", address, cancelled.json["revision"], {"days": 3})
    expect_problem(late, 409, "placement_cancelled")


def test_a_period_of_another_school_is_not_there(world: World, client_for: Clients) -> None:
    stranger = client_for(world.new_office(world.new_school("0690027E")))
    address, revision = f"/placements/{world.placement.id}", world.placement.revision
    expect_problem(post_new(stranger, path(world), said(world)), 404)
    expect_problem(change(stranger, "PATCH", address, revision, {"days": 3}), 404)
    expect_problem(change(stranger, "PUT", f"{address}/tutor", revision, TUTOR), 404)
    expect_problem(change(stranger, "POST", f"{address}/cancel", revision, {"reason": "L'entreprise a fermé"}), 404)


def test_the_candidate_and_the_tutor_read_and_change_nothing(world: World, client_for: Clients) -> None:
    address, revision = f"/placements/{world.placement.id}", world.placement.revision
    for person in (world.candidate, world.tutor):
        expect_problem(change(client_for(person), "PATCH", address, revision, {"days": 3}), 403, "forbidden")


def test_the_written_paper_has_no_periods(world: World, office: FlaskClient) -> None:
    candidacy = world.new_candidacy(distance=True)
    answer = post_new(office, f"/candidacies/{candidacy.id}/placements", said(world))
    expect_problem(answer, 409, "no_portfolio")


def test_a_period_is_added_without_a_tutor_who_is_named_later_and_may_leave(world: World, office: FlaskClient) -> None:
    nameless = {name: value for name, value in said(world).items() if name != "tutor"}
    added = post_new(office, path(world), nameless)
    assert (added.status_code, added.json["tutor"], added.json["tutor_name"]) == (201, None, None)
    assert post_new(office, path(world), said(world, tutor=None)).json["tutor"] is None
    page = f"/placements/{added.json['id']}"
    refused = change(office, "PUT", f"{page}/tutor-address", 1, {"email": "x@assureur.fr"})
    expect_problem(refused, 409, "no_tutor_yet")
    named = change(office, "PUT", f"{page}/tutor", 1, TUTOR)
    assert (named.status_code, named.json["tutor_name"]) == (200, "Dominique Martin")
    left = change(office, "POST", f"{page}/end-tutoring", 2)
    assert (left.status_code, left.json["tutor"]) == (200, None)
    expect_problem(change(office, "POST", f"{page}/end-tutoring", 3), 409, "no_tutor_yet")


def test_the_company_and_the_name_of_the_tutor_are_corrected(world: World, office: FlaskClient) -> None:
    made = post_new(office, path(world), said(world)).json
    there = f"/placements/{made['id']}"
    named = {"family_name": "Martin", "given_names": "Dominique-Anne", "function": "Courtière"}
    renamed = change(office, "PUT", f"{there}/tutor-name", made["revision"], named)
    assert (renamed.status_code, renamed.json["tutor_function"]) == (200, "Courtière")
    assert (renamed.json["tutor"], renamed.json["tutor_name"]) == (made["tutor"], "Dominique-Anne Martin")
    right = {"name": "Assurances du Rhône et de l'Ain", "city": "Bourg"}
    moved = change(office, "PUT", f"{there}/company", renamed.json["revision"], right)
    assert (moved.status_code, moved.json["company_name"], moved.json["company_city"]) == (200, *right.values())
    wrong = change(office, "PUT", f"{there}/company", moved.json["revision"], right | {"siret": "1"})
    assert "siret" in expect_problem(wrong, 422)["errors"]
