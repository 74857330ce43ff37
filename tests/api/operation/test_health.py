"""A supervisor learns whether the process lives, and which engine keeps it from serving."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from pymongo import MongoClient

import migrations
import portfolio.store.connections
from api.operation import readiness
from portfolio import VERSION
from portfolio.store.connections import Connections
from tests.support.api.requests import expect_problem, get
from tests.support.outage import store_down


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def without_documents(store: Connections, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connections]:
    """The same application, its document store behind a port where nobody listens."""
    with MongoClient(f"mongodb://127.0.0.1:{closed_port()}/", serverSelectionTimeoutMS=200) as client:
        gone = dataclasses.replace(store, client=client, database=client["gone"])
        monkeypatch.setattr(portfolio.store.connections, "_opened", [gone])
        yield gone


def test_a_living_process_with_its_engines_is_ready(anonymous: FlaskClient) -> None:
    for address, status in (("/health", "alive"), ("/ready", "ready")):
        answer = get(anonymous, address)
        assert (answer.status_code, answer.json) == (200, {"status": status, "version": VERSION})


def test_an_object_store_that_is_down_is_named(anonymous: FlaskClient) -> None:
    with store_down():
        answer, alive = get(anonymous, "/ready"), get(anonymous, "/health")
    said = expect_problem(answer, 503, "not_ready")
    assert list(said["errors"]) == ["object_store"]
    assert "stockage" in said["errors"]["object_store"][0]
    assert answer.headers["Retry-After"] == "5"
    assert alive.status_code == 200
    assert get(anonymous, "/ready").status_code == 200


def test_a_document_store_that_is_down_is_named(anonymous: FlaskClient, without_documents: Connections) -> None:
    said = expect_problem(get(anonymous, "/ready"), 503, "not_ready")
    assert list(said["errors"]) == ["document_store"]
    assert get(anonymous, "/health").status_code == 200


@pytest.fixture
def behind(store: Connections) -> Iterator[str]:
    """A database whose last migration was not run."""
    record = store.database[migrations.RECORD]
    last = record.find_one({"done_at": {"$exists": True}}, sort=[("_id", -1)])
    assert last is not None
    record.delete_one({"_id": last["_id"]})
    yield last["_id"]
    record.insert_one(last)


def test_a_database_that_is_behind_is_not_ready(anonymous: FlaskClient, behind: str) -> None:
    said = expect_problem(get(anonymous, "/ready"), 503, "not_ready")
    assert said["errors"] == {"migrations": [f"Migrations à appliquer : {behind}."]}


@pytest.fixture
def recording_nothing(store: Connections) -> Iterator[None]:
    """A database that is read, and refuses what is written: here by a rule that nothing satisfies."""
    store.database.command("collMod", readiness.COLLECTION, validator={"never": True})
    yield
    store.database.command("collMod", readiness.COLLECTION, validator={})


def test_a_database_that_records_nothing_is_not_ready(anonymous: FlaskClient, recording_nothing: None) -> None:
    problem = expect_problem(get(anonymous, "/ready"), 503, "not_ready")
    assert problem["errors"] == {"document_store": ["La base de données répond, mais n'enregistre plus rien."]}


def test_what_readiness_writes_does_not_grow(anonymous: FlaskClient, store: Connections, bucket: None) -> None:
    for _ in range(3):
        assert get(anonymous, "/ready").status_code == 200
    assert [row["_id"] for row in store.database[readiness.COLLECTION].find()] == ["readiness"]
    assert list(store.storage.list_keys("")) == []


def test_nothing_is_told_of_where_the_engines_are(anonymous: FlaskClient, without_documents: Connections) -> None:
    assert "127.0.0.1" not in get(anonymous, "/ready").text


def test_supervisors_find_both_where_they_look_by_habit(anonymous: FlaskClient) -> None:
    assert anonymous.get("/healthz").json == {"status": "alive", "version": VERSION}
    assert anonymous.get("/readyz").json == {"status": "ready", "version": VERSION}
    with store_down():
        assert list(expect_problem(anonymous.get("/readyz"), 503, "not_ready")["errors"]) == ["object_store"]
