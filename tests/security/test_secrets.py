"""How secrets are drawn, typed and kept from view."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient
from pymongo import MongoClient

import migrations
from config.settings import Settings
from portfolio import ids
from portfolio.documents import Person
from portfolio.identity import links
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.api.entering import accept, entered, teacher, token_of
from tests.support.api.requests import API, expect_problem
from tests.support.filling import HTML
from tests.support.worlds.world import World

__all__ = ["entered", "teacher"]  # fixtures
SECRET_FIELDS = {"password": "new-password", "again": "new-password", "current": "current-password"}


class Inputs(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str | None]] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "input" and said.get("name"):
            self.found[str(said["name"])] = said


def secrets_on(client: FlaskClient, path: str) -> dict[str, dict[str, str | None]]:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 200
    return {name: said for name, said in Inputs(answer.text).found.items() if name in SECRET_FIELDS}


def test_a_password_is_typed_unseen_pasted_and_filled_in_by_its_keeper(
    anonymous: FlaskClient, client_for: Clients, world: World, teacher: Person
) -> None:
    pages = {
        "/connexion": (anonymous, {"password": "current-password"}),
        f"/invitation/{token_of(teacher)}": (anonymous, {"password": "new-password", "again": "new-password"}),
        "/compte": (client_for(world.office), SECRET_FIELDS),
    }
    for path, (client, wanted) in pages.items():
        shown = secrets_on(client, path)
        assert {name: said["autocomplete"] for name, said in shown.items()} == wanted
        for said in shown.values():
            assert said["type"] == "password" and "value" not in said and said["maxlength"] == "256"
            assert not {"readonly", "onpaste", "oncopy", "pattern"} & set(said)


def test_a_token_is_256_bits_of_the_system_s_own_generator() -> None:
    drawn = {ids.new_token() for _ in range(500)}
    assert len(drawn) == 500
    assert {len(base64.urlsafe_b64decode(token + "=")) for token in drawn} == {32}
    with ids.repeatable("a test"):
        first = ids.new_token()
    assert first not in drawn


@pytest.fixture
def new_service(settings: Settings, worker_id: str) -> Iterator[MongoClient[dict[str, object]]]:
    with MongoClient[dict[str, object]](settings.mongodb_uri) as client:
        yield client
        client.drop_database(f"nobody_{worker_id}")


def test_nobody_is_in_a_new_service(new_service: MongoClient[dict[str, object]], worker_id: str) -> None:
    database = new_service[f"nobody_{worker_id}"]
    migrations.apply(database)
    held = {name for name in database.list_collection_names() if database[name].count_documents({})}
    assert held <= {migrations.RECORD, "counters"}


def test_a_token_of_one_kind_opens_nothing_of_another(
    client_for: Clients, world: World, teacher: Person, clock: Clock
) -> None:
    link, invitation = links.issue(world.tutor.id, "sign_off", clock()), token_of(teacher)
    signed_in = World.token_for(world.office, clock())
    for token in (link, invitation):
        answer = client_for().get(f"{API}/me", headers={"Authorization": f"Bearer {token}"})
        expect_problem(answer, 401, "sign_in_needed")
    for token in (invitation, signed_in):
        assert client_for().get(f"/s/{token}", headers=HTML).status_code == 410
    for token in (link, signed_in):
        expect_problem(accept(client_for(), token), 409, "invitation_over")
