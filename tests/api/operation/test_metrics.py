"""What Prometheus reads: figures by rule, code and engine, behind a token that no sign-in replaces."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo import MongoClient

from config.processes import free_port
from config.settings import Settings
from portfolio.documents import School
from portfolio.errors import Stale
from portfolio.identity import accounts
from portfolio.store import connections
from portfolio.store.chains import Event
from portfolio.store.connections import Connections
from portfolio.store.journal import Change, commit
from portfolio.store.outbox import ErrandOutcome, deliver_due
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.api.figures import BEARER, TOKEN, Figures
from tests.support.api.requests import API, ask, expect_problem, get, post_new
from tests.support.concurrency import together
from tests.support.outage import store_down
from tests.support.worlds.world import PDF, World
from web.app import create_site


@pytest.fixture
def site(settings: Settings, app: Flask, clock: Clock) -> Iterator[Flask]:
    made = create_site(dataclasses.replace(settings, metrics_token=TOKEN), clock)
    yield made


@pytest.fixture
def figures(site: Flask) -> Figures:
    return Figures(lambda: site.test_client().get("/metrics", headers=BEARER).text)


# --- who may read ---------------------------------------------------------------------------------


def test_whoever_bears_the_token_reads_and_nobody_else(site: Flask, world: World, clock: Clock) -> None:
    assert site.test_client().get("/metrics", headers=BEARER).status_code == 200
    for person in (world.candidate, world.follower, world.office, world.administrator):
        signed_in = {"Authorization": f"Bearer {World.token_for(person, clock())}"}
        refused = site.test_client().get("/metrics", headers=signed_in)
        assert refused.status_code == 401
        assert "portfolio" not in refused.text
    for wrong in ({}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": TOKEN}, {"Authorization": "Bearer é"}):
        answer = site.test_client().get("/metrics", headers=wrong)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="metrics"')


def test_the_token_opens_nothing_else(site: Flask) -> None:
    expect_problem(site.test_client().get(f"{API}/me", headers=BEARER), 401, "sign_in_needed")


def test_without_a_token_in_the_settings_there_are_no_figures(anonymous: FlaskClient) -> None:
    expect_problem(anonymous.get("/metrics", headers=BEARER), 404, "not_found")


def test_a_scrape_names_nobody_and_no_thing(site: Flask, figures: Figures, world: World, client_for: Clients) -> None:
    piece = world.new_piece()
    world.upload(piece)
    get(client_for(world.candidate), f"/evidence/{piece.id}").close()
    text = site.test_client().get("/metrics", headers=BEARER).text
    person = world.candidate
    for personal in (person.email, person.family_name, str(person.id), str(piece.id), "lettre.pdf", "relance"):
        assert personal not in text


# --- requests and refusals ------------------------------------------------------------------------


def test_requests_are_counted_by_rule_and_status(figures: Figures, world: World, client_for: Clients) -> None:
    candidate, piece = client_for(world.candidate), world.new_piece()
    for path in (f"/evidence/{piece.id}", f"/evidence/{piece.id}", f"/evidence/{'0' * 24}", "/nowhere/at/all"):
        get(candidate, path).close()
    rule = "/api/v1/evidence/<oid:evidence_id>"
    assert figures.moved("portfolio_requests_total", route=rule, status="200", method="GET") == 2
    assert figures.moved("portfolio_requests_total", route=rule, status="404") == 1
    assert figures.moved("portfolio_requests_total", route="unknown", status="404") == 1
    assert figures.moved("portfolio_request_seconds_count", route=rule) == 3


def test_a_method_somebody_made_up_is_not_a_label(figures: Figures, anonymous: FlaskClient) -> None:
    anonymous.open("/healthz", method="LEMOINE").close()
    assert figures.moved("portfolio_requests_total", method="other", status="405") == 1
    assert "LEMOINE" not in figures.labels_of("portfolio_requests_total", "method")


def test_refusals_are_counted_by_their_code(figures: Figures, world: World, client_for: Clients) -> None:
    office = client_for(world.office)
    post_new(office, f"/schools/{world.school.id}/companies", {"siret": "73282932000075"}).close()
    get(client_for(), "/me").close()
    assert figures.moved("portfolio_refusals_total", code="invalid_values") == 1
    assert figures.moved("portfolio_refusals_total", code="sign_in_needed") == 1


# --- engines, commits, uploads --------------------------------------------------------------------


def test_engines_are_timed_by_operation(figures: Figures, world: World) -> None:
    piece = world.new_piece()
    before = figures.moved("portfolio_engine_seconds_count", engine="s3", operation="UploadPart")
    world.upload(piece)
    assert figures.moved("portfolio_engine_seconds_count", engine="s3", operation="UploadPart") == before + 1
    for operation in ("find", "insert", "update", "commitTransaction"):
        assert figures.moved("portfolio_engine_seconds_count", engine="mongodb", operation=operation) > 0
    assert figures.moved("portfolio_engine_seconds_sum", engine="mongodb") > 0


def test_a_store_that_does_not_answer_is_counted_as_failed(figures: Figures, anonymous: FlaskClient) -> None:
    with store_down():
        get(anonymous, "/ready").close()
    assert figures.moved("portfolio_engine_seconds_count", engine="s3", operation="HeadBucket", outcome="failed") == 1


def test_files_are_counted_as_they_end(figures: Figures, world: World) -> None:
    world.upload(world.new_piece())
    world.upload(world.new_piece(), b"not a pdf", "lettre.pdf")
    assert figures.moved("portfolio_uploads_total", outcome="verified", reason="none") == 1
    assert figures.moved("portfolio_uploads_total", outcome="quarantined") == 1
    assert figures.moved("portfolio_upload_bytes_total", outcome="verified") == len(PDF)
    assert figures.moved("portfolio_upload_bytes_total", outcome="quarantined") == len(b"not a pdf")


def test_commits_are_counted_by_chain_and_how_they_ended(figures: Figures, world: World) -> None:
    school = world.school

    def amend(fresh: School, city: str) -> None:
        event = Event("counted:here", "school_amended", "system", world.clock(), fresh)
        commit([Change(fresh, {"city": city})], event)

    seen_twice = [School.objects.get(pk=school.id) for _ in range(2)]
    amend(seen_twice[0], "Lyon 2")
    with pytest.raises(Stale):
        amend(seen_twice[1], "Lyon 3")
    assert figures.moved("portfolio_commits_total", chain="counted", outcome="committed") == 1
    assert figures.moved("portfolio_commits_total", chain="counted", outcome="stale_revision") == 1


def test_commits_that_met_are_counted_as_begun_again(figures: Figures, world: World) -> None:
    def note() -> None:
        fresh = School.objects.get(pk=world.school.id)
        event = Event("met:here", "school_amended", "system", world.clock(), fresh)
        commit([Change(fresh, any_revision=True)], event)

    assert world.school
    assert together(*[note] * 6) == [None] * 6
    assert figures.moved("portfolio_commits_total", chain="met", outcome="committed") == 6
    assert figures.moved("portfolio_commit_retries_total", chain="met") > 0


# --- background work ------------------------------------------------------------------------------


def invite(world: World) -> None:
    said = {"email": "ana@exemple.fr", "family_name": "Durand", "given_names": "Ana", "role": "teacher"}
    accounts.invite_to_school(world.actor(world.office), world.school, said, world.clock())


def test_the_outbox_is_told_as_it_stands(figures: Figures, world: World, clock: Clock, store: Connections) -> None:
    def told() -> tuple[float | None, ...]:
        return tuple(figures.now(f"portfolio_outbox_{name}") for name in ("waiting", "failing", "late_seconds"))

    def refuse(_row: Any, _at: Any) -> ErrandOutcome:
        raise OSError("the mail server is down")

    store.database.outbox.delete_many({})
    assert told() == (0, 0, 0)
    invite(world)
    clock.advance(seconds=90)
    waiting = store.database.outbox.count_documents({})
    assert told() == (waiting, 0, 90)
    deliver_due({"invitation": refuse}, clock)
    assert told() == (waiting, waiting, 0)
    clock.advance(days=1)
    deliver_due({"invitation": lambda _row, _at: ErrandOutcome("sent")}, clock)
    assert told() == (0, 0, 0)


def test_a_document_store_that_is_down_takes_only_the_outbox_with_it(
    figures: Figures, store: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = f"mongodb://127.0.0.1:{free_port()}/"
    with MongoClient[dict[str, Any]](nowhere, serverSelectionTimeoutMS=200) as client:
        gone = dataclasses.replace(store, client=client, database=client["gone"])
        monkeypatch.setattr(connections, "_opened", [gone])
        assert figures.now("portfolio_outbox_waiting") is None
        assert figures.labels_of("portfolio_engine_seconds_count", "engine") >= {"mongodb"}


# --- several workers ------------------------------------------------------------------------------


def test_each_answer_carries_the_number_of_its_request(site: Flask) -> None:
    drawn = "4bf92f3577b34da6a3ce929d0e0e4736"  # as nginx draws $request_id
    for asked, kept in ((drawn, True), ("06 12 34 56 78", False), ("0690123456K", False), ("lemoine-ines-2006", False)):
        answer = ask(site.test_client(), "/sign-in", {}, **{"X-Request-Id": asked})
        assert (answer.headers["X-Request-Id"] == asked) is kept
