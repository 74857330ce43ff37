"""What the proxy in front asks before it takes a long body."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from portfolio.documents import SignIn
from portfolio.identity import sign_ins
from portfolio.policy.relations import Actor
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.api.requests import expect_problem, get
from tests.support.worlds.world import World


def asked(client: FlaskClient) -> tuple[int, str | None, bytes]:
    with get(client, "/signed-in") as answer:
        return answer.status_code, answer.headers.get("X-Person"), answer.data


def test_whoever_is_signed_in_is_named_to_the_proxy_and_nothing_is_said(world: World, client_for: Clients) -> None:
    assert asked(client_for(world.candidate)) == (204, str(world.candidate.id), b"")


def test_a_person_is_one_however_often_they_sign_in(world: World, client_for: Clients) -> None:
    assert asked(client_for(world.candidate)) == asked(client_for(world.candidate))


def test_a_visitor_is_told_to_sign_in(anonymous: FlaskClient) -> None:
    expect_problem(get(anonymous, "/signed-in"), 401, "sign_in_needed")


def test_a_session_that_ended_no_longer_counts(world: World, client_for: Clients, clock: Clock) -> None:
    client: Any = client_for(world.candidate)
    assert asked(client)[0] == 204
    sign_ins.end_sign_in(Actor(world.candidate), SignIn.objects.get(person=world.candidate.id), clock())
    expect_problem(get(client, "/signed-in"), 401, "sign_in_needed")
