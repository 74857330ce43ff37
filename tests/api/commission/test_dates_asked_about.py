"""The door of programs asks about the dates that the page asks about, and takes a yes for an answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portfolio.documents import Commission, Link
from tests.support.api.clients import Clients
from tests.support.api.requests import change, post_new
from tests.support.clock import MEETS_AT
from tests.support.worlds.commissions import convened
from tests.support.worlds.world import World


def wanted(world: World, **changed: Any) -> dict[str, Any]:
    people = {"professor": str(world.follower.id), "second": str(world.second_teacher.id), "tutor_absence": "En congé"}
    return {"meets_at": MEETS_AT.isoformat(), "place": "B12", **people, **changed}


def test_a_date_that_has_passed_is_asked_about_then_convened(world: World, client_for: Clients) -> None:
    office, path = client_for(world.office), f"/candidacies/{world.candidacy.id}/commissions"
    past = (world.clock() - timedelta(days=2)).isoformat()
    asked = post_new(office, path, wanted(world, meets_at=past))
    assert (asked.status_code, (asked.json or {})["code"]) == (409, "date_to_confirm")
    assert Commission.objects.count() == 0
    assert post_new(office, path, wanted(world, meets_at=past, confirmed=True)).status_code == 201
    assert "past" in Link.objects.get(name="commission_convened").data["unusual"]


def test_a_member_who_sits_elsewhere_at_that_hour_is_asked_about(world: World, client_for: Clients) -> None:
    convened(world)
    other = world.new_candidacy(birth_name="Zola")
    office, path = client_for(world.office), f"/candidacies/{other.id}/commissions"
    asked = post_new(office, path, wanted(world))
    assert (asked.status_code, (asked.json or {})["code"]) == (409, "sits_elsewhere")
    assert post_new(office, path, wanted(world, confirmed=True)).status_code == 201


def test_a_move_to_such_a_date_is_asked_about_then_made(world: World, client_for: Clients) -> None:
    commission, office = convened(world), client_for(world.office)
    path, past = f"/commissions/{commission.id}/move", (world.clock() - timedelta(days=2)).isoformat()
    asked = change(office, "POST", path, 1, {"meets_at": past, "place": "C3"})
    assert (asked.status_code, (asked.json or {})["code"]) == (409, "date_to_confirm")
    moved = change(office, "POST", path, 1, {"meets_at": past, "place": "C3", "confirmed": True})
    assert (moved.status_code, (moved.json or {})["place"]) == (200, "C3")
