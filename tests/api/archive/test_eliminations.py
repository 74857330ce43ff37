"""Keeping and eliminating, over the API: the register's decisions as a program of the school would take them."""

from __future__ import annotations

import pytest

from portfolio.documents import Candidacy
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.api.requests import API, change, expect_problem, get, post_new
from tests.support.mails.mailbox import deliver
from tests.support.worlds import eliminations
from tests.support.worlds.eliminations import VISA, portfolio_of, published
from tests.support.worlds.world import World


@pytest.fixture
def gone_by(world: World, clock: Clock) -> Candidacy:
    candidacy = eliminations.full(world)
    published(world, clock, candidacy)
    return candidacy


def test_from_the_slip_to_the_certificate(world: World, clock: Clock, client_for: Clients, gone_by: Candidacy) -> None:
    office, slips = client_for(world.office), f"/schools/{world.school.id}/elimination-slips"
    made = post_new(office, slips, {"session": "2027"}).json
    assert (made["number"], made["state"]) == ("0690026D-2027-E01", "drawn_up")
    assert [line["candidate_number"] for line in made["lines"]] == [gone_by.candidate_number]
    assert "decide_slip" in made["can"] and str(gone_by.id) not in str(made)
    expect_problem(post_new(office, slips, {"session": "2027"}), 409, "nothing_reached")

    slip = f"/elimination-slips/{made['id']}"
    expect_problem(change(office, "POST", f"{slip}/elimination", 1, {"number": made["number"]}), 409, "no_visa")
    assert change(office, "POST", f"{slip}/visa", 1, VISA).json["state"] == "approved"
    expect_problem(change(office, "POST", f"{slip}/elimination", 1, {"number": made["number"]}), 412, "stale_revision")
    asked = change(office, "POST", f"{slip}/elimination", 2, {"number": made["number"]}).json
    assert asked["state"] == "under_way"
    expect_problem(get(office, f"{slip}/certificate.pdf"), 409, "not_eliminated_yet")
    deliver(clock)

    inspector = client_for(world.inspector)
    done = get(inspector, slip).json
    assert (done["state"], done["lines"][0]["eliminated_on"]) == ("done", "2029-01-09")
    assert inspector.get(f"{API}{slip}/certificate.pdf").data.startswith(b"%PDF")
    assert [one["id"] for one in get(inspector, "/elimination-slips", session="2027").json["items"]] == [made["id"]]
    left = get(client_for(world.candidate), f"/portfolios/{gone_by.id}").json
    digest = done["lines"][0]["digest"]
    assert left["state"] == "eliminated"
    assert left["elimination"] == {"slip_number": made["number"], "on": "2029-01-09", "digest": digest}


def test_a_hold_is_placed_and_lifted_on_the_revision_that_was_read(
    world: World, client_for: Clients, gone_by: Candidacy
) -> None:
    office, home = client_for(world.office), f"/portfolios/{gone_by.id}"
    revision = portfolio_of(gone_by).revision
    expect_problem(change(office, "POST", f"{home}/hold", 1, {"reason": "Recours"}), 412, "stale_revision")
    assert get(office, home).json["held_since"] is None
    held = change(office, "POST", f"{home}/hold", revision, {"reason": "Recours"}).json
    assert held["held_since"].startswith(f"{world.clock():%Y-%m-%dT%H:%M:%S}")
    assert held["revision"] == revision + 1 and "Recours" not in str(held)
    slips = f"/schools/{world.school.id}/elimination-slips"
    expect_problem(post_new(office, slips, {"session": "2027"}), 409, "nothing_reached")
    assert change(office, "POST", f"{home}/lift-hold", revision + 1, {"reason": "Rejeté"}).json["held_since"] is None
    assert post_new(office, slips, {"session": "2027"}).json["state"] == "drawn_up"
