"""Guards of the API: the revision that was seen, the key of an intention, rights that end at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Company, Person
from portfolio.enrolment.moves import departures
from tests.support.api.clients import Clients
from tests.support.api.requests import API, change, expect_problem, fresh_key, get, post_new
from tests.support.worlds.world import World

COMPANY = {"siret": "732 829 320 00074", "name": "Assurances du Rhône", "city": "Lyon"}


def test_a_change_says_which_revision_it_saw(office: FlaskClient, world: World) -> None:
    address = f"{API}/candidacies/{world.candidacy.id}"
    expect_problem(office.patch(address, json={}), 428, "precondition_missing")
    for header in ("3.5", '"trois"', "", "*", "9" * 10):
        body = expect_problem(office.patch(address, json={}, headers={"If-Match": header}), 422, "invalid_values")
        assert list(body["errors"]) == ["If-Match"]


def test_the_etag_of_an_answer_is_what_the_next_change_sends(office: FlaskClient, world: World) -> None:
    shown = get(office, f"/candidacies/{world.candidacy.id}")
    address = f"{API}/candidacies/{world.candidacy.id}"
    for division in ("TS2A", "TS2B"):
        changed = office.patch(address, json={"division": division}, headers={"If-Match": shown.headers["ETag"]})
        assert (changed.status_code, changed.json["division"]) == (200, division)
        shown = changed
    weak = office.patch(address, json={}, headers={"If-Match": f"W/{shown.headers['ETag']}"})
    assert weak.status_code == 200


def test_who_comes_second_is_shown_both_versions(office: FlaskClient, world: World) -> None:
    candidacy = world.candidacy
    first = change(office, "PATCH", f"/candidacies/{candidacy.id}", candidacy.revision, {"division": "TS2A"})
    second = change(office, "PATCH", f"/candidacies/{candidacy.id}", candidacy.revision, {"division": "TS2B"})
    body = expect_problem(second, 412, "stale_revision")
    now = get(office, f"/candidacies/{candidacy.id}").json
    assert body["current"] == now
    assert body["yours"] == {"division": "TS2B"}
    assert first.json == now | {"to_void": []}


def test_a_stale_revision_tells_a_stranger_nothing(world: World, client_for: Clients) -> None:
    stranger = client_for(world.new_office(world.new_school("0690027E")))
    answer = change(stranger, "PATCH", f"/candidacies/{world.candidacy.id}", 999, {"division": "TS2A"})
    expect_problem(answer, 404, "not_found")


def test_of_changes_at_once_on_one_revision_one_is_made(world: World, client_for: Clients) -> None:
    candidacy, together = world.candidacy, 6
    clients = [client_for(world.office) for _ in range(together)]
    barrier = Barrier(together)

    def act(number: int) -> int:
        barrier.wait()
        said = {"division": f"TS{number}"}
        return change(clients[number], "PATCH", f"/candidacies/{candidacy.id}", candidacy.revision, said).status_code

    with ThreadPoolExecutor(together) as threads:
        assert sorted(threads.map(act, range(together))) == [200] + [412] * (together - 1)


def test_a_creation_needs_a_key_of_its_intention(office: FlaskClient, companies: str) -> None:
    expect_problem(office.post(f"{API}{companies}", json=COMPANY), 428, "precondition_missing")
    for key in ("court", "x" * 101, "clé-accentuée", "avec espace", "--------"):
        headers = {"Idempotency-Key": key}
        body = expect_problem(office.post(f"{API}{companies}", json=COMPANY, headers=headers), 422, "invalid_values")
        assert list(body["errors"]) == ["Idempotency-Key"]
    assert Company.objects.count() == 0


def test_the_same_intention_twice_acts_once_and_answers_alike(office: FlaskClient, companies: str) -> None:
    key = fresh_key()
    first, second = (post_new(office, companies, COMPANY, key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert (first.json, first.headers["ETag"]) == (second.json, second.headers["ETag"])
    assert Company.objects.count() == 1


def test_the_same_intention_at_once_acts_once(world: World, client_for: Clients, companies: str) -> None:
    key, together = fresh_key(), 6
    clients = [client_for(world.office) for _ in range(together)]
    barrier = Barrier(together)

    def act(client: FlaskClient) -> Any:
        barrier.wait()
        return post_new(client, companies, COMPANY, key)

    with ThreadPoolExecutor(together) as threads:
        answers = list(threads.map(act, clients))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert Company.objects.count() == 1


def test_a_key_serves_one_demand_only(office: FlaskClient, companies: str) -> None:
    key = fresh_key()
    post_new(office, companies, COMPANY, key)
    other = post_new(office, companies, COMPANY | {"city": "Villeurbanne"}, key)
    expect_problem(other, 422, "idempotency_key_reused")


def test_a_refused_creation_leaves_its_key_free(office: FlaskClient, companies: str) -> None:
    key = fresh_key()
    expect_problem(post_new(office, companies, COMPANY | {"siret": "123"}, key), 422)
    assert post_new(office, companies, COMPANY, key).status_code == 201


def test_two_people_may_draw_the_same_key(world: World, client_for: Clients, companies: str) -> None:
    key = fresh_key()
    assert post_new(client_for(world.office), companies, COMPANY, key).status_code == 201
    other = COMPANY | {"siret": "35600000000048"}
    assert post_new(client_for(world.follower), companies, other, key).status_code == 201


@pytest.fixture
def colleague(world: World) -> Iterator[Person]:
    yield world.new_office(world.school)


def test_a_revoked_grant_closes_at_the_next_request(
    world: World, colleague: Person, client_for: Clients, companies: str
) -> None:
    client = client_for(colleague)
    assert post_new(client, companies, COMPANY).status_code == 201
    grant = colleague.grants[0].id
    departures.revoke_grant(world.actor(world.administrator), colleague, grant, world.clock())
    expect_problem(post_new(client, companies, COMPANY | {"siret": "35600000000048"}), 404)
    assert get(client, "/candidacies").json["items"] == []
