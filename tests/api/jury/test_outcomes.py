"""Outcomes without appraisal over HTTP: who reads what was recorded, who reads what the jury decided, and when."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from portfolio.commission import office_outcomes
from portfolio.documents import OfficeOutcome
from portfolio.jury import outcomes
from tests.support.api.clients import Clients
from tests.support.api.requests import ask, change, expect_problem, get
from tests.support.worlds.juries import publish
from tests.support.worlds.world import World

KEPT: office_outcomes.OutcomeValues = {
    "outcome": "mark_kept",
    "kept_mark": "12",
    "kept_session": "2025",
    "reference": "Relevé de 2025",
    "proof": "Courrier recommandé 1A",
}


NOT_SINCE = {"corrected_at": None, "taken_back_at": None}


@pytest.fixture
def outcome(world: World) -> OfficeOutcome:
    """A kept mark of 12, which the jury made 13."""
    recorded = office_outcomes.record_outcome(world.actor(world.office), world.candidacy, KEPT, world.clock())
    member = world.actor(world.jury_member)
    return outcomes.decide_outcome(member, world.jury, recorded, "13", "Relevé rectifié", world.clock())


def listed(client: FlaskClient) -> list[dict[str, Any]]:
    return list(get(client, "/outcomes").json["items"])


def test_the_candidate_reads_the_words_the_mark_and_the_date_alone(
    world: World, outcome: OfficeOutcome, client_for: Clients
) -> None:
    candidate = client_for(world.candidate)
    assert get(candidate, "/my/outcomes").json["items"] == listed(candidate) == []
    publish(world)
    assert listed(candidate) == []
    (told,) = get(candidate, "/my/outcomes").json["items"]
    published_at = told.pop("published_at")
    assert published_at.startswith(world.clock().date().isoformat())
    assert told == {"session": world.session, "label": outcome.label, "final_mark": "13.00", **NOT_SINCE}
    expect_problem(ask(candidate, f"/outcomes/{outcome.id}/withdraw", {"reason": "Je préfère"}), 404)


def test_the_office_reads_no_decision_before_it_is_published(
    world: World, outcome: OfficeOutcome, client_for: Clients
) -> None:
    office, member = client_for(world.office), client_for(world.jury_member)
    (unpublished,), (decided,) = listed(office), listed(member)
    assert (unpublished["decided"], unpublished["final_mark"], unpublished["revision"]) == (None, None, None)
    assert unpublished["can"] == ["read_outcome", "withdraw_outcome"]
    assert (decided["decided"], decided["final_mark"], decided["revision"]) == (True, "13.00", 2)
    refused = ask(office, f"/outcomes/{outcome.id}/withdraw", {"reason": "Erreur de ligne"})
    expect_problem(refused, 409, "outcome_before_jury")
    publish(world)
    (published,) = listed(office)
    assert (published["decided"], published["final_mark"], published["revision"]) == (True, "13.00", 3)


def test_the_office_withdraws_what_the_jury_has_not_decided(world: World, client_for: Clients) -> None:
    recorded = office_outcomes.record_outcome(world.actor(world.office), world.candidacy, KEPT, world.clock())
    told = ask(client_for(world.office), f"/outcomes/{recorded.id}/withdraw", {"reason": "Erreur de ligne"})
    assert (told.json["live"], told.json["withdrawn_because"]) == (False, "Erreur de ligne")


def test_the_jury_reads_what_stands_beside_and_sends_it_back(
    world: World, outcome: OfficeOutcome, client_for: Clients
) -> None:
    member, address = client_for(world.jury_member), f"/outcomes/{outcome.id}"
    nothing = {"submission": None, "submitted_at": None, "cancelled": []}
    assert get(member, f"{address}/beside").json == nothing
    expect_problem(change(member, "POST", f"{address}/send-back", 1, {"reason": "Erreur"}), 412)
    assert change(member, "POST", f"{address}/send-back", 2, {"reason": "Erreur"}).status_code == 200
    (told,) = listed(client_for(world.office))
    assert (told["live"], told["sent_back"], told["withdrawn_because"]) == (False, True, "Erreur")
    assert (told["decided"], told["final_mark"], told["revision"]) == (None, None, None)


def test_a_visitor_and_somebody_else_are_told_of_none(
    world: World, outcome: OfficeOutcome, client_for: Clients
) -> None:
    publish(world)
    expect_problem(get(client_for(), "/my/outcomes"), 401)
    assert get(client_for(world.tutor), "/my/outcomes").json["items"] == []


def test_a_published_outcome_is_corrected_then_taken_back_and_the_candidate_reads_when(
    world: World, outcome: OfficeOutcome, client_for: Clients
) -> None:
    member, candidate, address = client_for(world.jury_member), client_for(world.candidate), f"/outcomes/{outcome.id}"
    right = {"outcome": "dispensed", "reason": "Arrêté de dispense retrouvé"}
    expect_problem(change(member, "POST", f"{address}/correct", 2, right), 409, "result_not_published")
    publish(world)
    expect_problem(change(member, "POST", f"{address}/correct", 2, right), 412)
    told = change(member, "POST", f"{address}/correct", 3, right).json
    assert (told["final_mark"], told["final_label"] != told["label"], told["kept_mark"]) == (None, True, "12.00")
    (mine,) = get(candidate, "/my/outcomes").json["items"]
    assert (mine["label"], mine["final_mark"]) == (told["final_label"], None)
    assert mine["corrected_at"] == told["corrected_at"] and mine["taken_back_at"] is None
    first, second = get(client_for(world.office), f"{address}/decisions").json["items"]
    assert (first["mark"], second["label"], second["reason"]) == ("13.00", told["final_label"], right["reason"])
    expect_problem(get(candidate, f"{address}/decisions"), 404)
    assert change(member, "POST", f"{address}/take-back", 4, {"reason": "Autre candidat"}).status_code == 200
    (mine,) = get(candidate, "/my/outcomes").json["items"]
    assert mine["taken_back_at"] is not None
