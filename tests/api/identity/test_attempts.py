"""Attempts at a password are counted by address, network and browser."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from api.http.admission import PUBLIC
from portfolio.documents import Person
from portfolio.store.connections import Connections
from tests.support.api.clients import Clients
from tests.support.api.entering import OURS, PHRASE, sign_in
from tests.support.api.requests import ask, expect_problem, get
from tests.support.concurrency import together
from tests.support.filling import csrf
from tests.support.worlds.world import World


def test_attempts_on_one_address_do_not_block_another(client_for: Clients, entered: Person, world: World) -> None:
    for _ in range(11):
        sign_in(client_for(), entered.email, "faux")
    world.set_password(world.office, PHRASE)
    assert sign_in(client_for(), world.office.email).status_code == 200


def test_failures_from_elsewhere_do_not_keep_the_owner_of_an_address_out(client_for: Clients, entered: Person) -> None:
    elsewhere = client_for()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    for _ in range(10):
        expect_problem(sign_in(elsewhere, entered.email, "faux"), 401)
    expect_problem(sign_in(elsewhere, entered.email), 429)
    assert sign_in(client_for(), entered.email).status_code == 200


def test_only_failures_count(client_for: Clients, entered: Person) -> None:
    for _ in range(12):
        assert sign_in(client_for(), entered.email).status_code == 200


def test_the_count_keeps_no_address(client_for: Clients, entered: Person, store: Connections) -> None:
    sign_in(client_for(), entered.email, "faux")
    counted = list(store.database["attempts"].find())
    assert len(counted) == 3
    assert entered.email not in str(counted)


def test_a_visitor_whose_session_ended_blocks_nobody(client_for: Clients, entered: Person) -> None:
    for _ in range(12):
        expect_problem(get(client_for(), "/me"), 401)
    assert get(client_for(entered), "/me").status_code == 200
    assert sign_in(client_for(), entered.email).status_code == 200


def test_twenty_four_wrong_passwords_at_once_are_counted_before_they_are_tried(
    client_for: Clients, entered: Person
) -> None:
    clients = [client_for() for _ in range(24)]
    answers = together(
        *[lambda client=client: sign_in(client, entered.email, "faux").status_code for client in clients]
    )
    assert (answers.count(401), answers.count(429)) == (10, 14)


def test_a_wrong_body_counts_too_and_names_twenty_of_its_faults(client_for: Clients, entered: Person) -> None:
    visitor = client_for()
    said = {"email": entered.email, "password": "x", "label": "y"} | {f"k{number}": 1 for number in range(300)}
    for _ in range(10):
        refused = expect_problem(ask(visitor, "/tokens", said), 422)
        assert len(refused["errors"]) == 21
    expect_problem(ask(visitor, "/tokens", said), 429)
    expect_problem(ask(client_for(), "/tokens", {"email": "a" * 20_000}), 413)


def test_each_public_door_that_acts_has_budgets_of_its_own(app: Flask) -> None:
    """Or what is tried at one would tell what was tried at another."""
    doors = [rule for rule in app.url_map.iter_rules() if getattr(app.view_functions[rule.endpoint], "limited", None)]
    acting = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.methods & {"POST", "PUT", "PATCH", "DELETE"}
        and getattr(app.view_functions[rule.endpoint], "access", None) == PUBLIC
    ]
    assert {rule.endpoint for rule in acting} == {rule.endpoint for rule in doors}
    names = Counter(app.view_functions[rule.endpoint].limited.name for rule in doors)
    shared = {name: count for name, count in names.items() if count > 1}
    assert shared == {"sign_in": 3, "invitation": 2, "entry_code": 3}  # pages and their route of the API


def test_a_browser_that_is_known_comes_in_whatever_strangers_tried(client_for: Clients, entered: Person) -> None:
    """From the school's own address, and from anywhere: whoever never came in there waits, whoever did does not."""
    known, new = client_for(), client_for()
    assert sign_in(known, entered.email).status_code == 200
    for number in range(110):
        stranger = client_for()
        stranger.environ_base["REMOTE_ADDR"] = f"203.0.113.{number}"
        sign_in(stranger, entered.email, "faux")
    for number in range(200):
        sign_in(client_for(), f"personne{number}@exemple.fr", "faux")
    expect_problem(sign_in(new, entered.email), 429)
    assert sign_in(known, entered.email).status_code == 200
    for _ in range(10):
        expect_problem(sign_in(known, entered.email, "faux"), 401)
    expect_problem(sign_in(known, entered.email), 429)


@pytest.mark.parametrize("order", [1, -1])
def test_a_field_sent_twice_is_counted_as_it_is_tried(anonymous: FlaskClient, entered: Person, order: int) -> None:
    token = csrf(anonymous)
    statuses = []
    for number in range(11):
        tried = [("email", f"personne{number}@exemple.fr"), ("email", entered.email)][::order]
        said = MultiDict([*tried, ("password", "faux"), ("csrf_token", token), ("_form", "sign-in")])
        statuses.append(anonymous.post("/connexion", data=said, headers=OURS).status_code)
    assert statuses[-1] == (429 if order == 1 else 401)


def test_the_addresses_of_one_customer_are_one_network(client_for: Clients, entered: Person) -> None:
    for number in range(10):
        client = client_for()
        client.environ_base["REMOTE_ADDR"] = f"2001:db8:1:2::{number:x}"
        expect_problem(sign_in(client, entered.email, "faux"), 401)
    client.environ_base["REMOTE_ADDR"] = "2001:db8:1:2:ffff::1"
    expect_problem(sign_in(client, entered.email), 429)
    client.environ_base["REMOTE_ADDR"] = "2001:db8:1:3::1"
    assert sign_in(client, entered.email).status_code == 200
