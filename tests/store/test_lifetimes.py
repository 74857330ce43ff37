"""What is kept for a time is over by the application's clock, whether or not the database has removed it yet."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from portfolio.commission import presence
from portfolio.documents import Jury
from portfolio.enrolment import institutions
from portfolio.evidence import drafts, unsent_forms
from portfolio.store import request_keys
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.worlds.commissions import assessment_of, convened
from tests.support.worlds.world import World

LASTS = {
    "drafts": drafts.KEPT,
    "presences": presence.REMEMBERED,
    "printed_dossiers": timedelta(days=1),  # once `expires_at` is past
    "unpackings": timedelta(0),  # once `expires_at` is past
    "request_keys": request_keys.KEY_LASTS,
    "asked_ways": timedelta(days=30),
    "unsent": unsent_forms.KEPT,
    "digested_objects": timedelta(days=45),
    "attempts": timedelta(0),  # once `until` is past
}


def test_the_database_removes_only_what_is_over_by_the_clock(store: Connections) -> None:
    removed = {
        name: timedelta(seconds=index["expireAfterSeconds"])
        for name in store.database.list_collection_names()
        for index in store.database[name].index_information().values()
        if "expireAfterSeconds" in index
    }
    assert removed == LASTS


def test_a_draft_is_shown_for_sixty_days(world: World, clock: Clock) -> None:
    by = world.actor(world.candidate)
    drafts.keep(by, "/portfolio", "one", {"title": ["Relance"]}, clock())
    assert drafts.of_page(by, "/portfolio", clock() + drafts.KEPT - timedelta(seconds=1))
    assert not drafts.of_page(by, "/portfolio", clock() + drafts.KEPT)


def test_where_one_left_is_remembered_for_a_week(world: World, clock: Clock) -> None:
    commission = convened(world)
    by = world.actor(world.follower)
    presence.arrive(by, assessment_of(commission), clock())
    assert presence.last_open(by, clock() + presence.REMEMBERED - timedelta(seconds=1)) == commission.id
    assert presence.last_open(by, clock() + presence.REMEMBERED) is None


def test_a_request_key_counts_for_two_days_then_serves_again(world: World, clock: Clock) -> None:
    def asks_for_a_jury(session: str, at: datetime) -> Jury:
        with request_keys.once("key-1", "print"):
            values = {"session": session, "name": f"Jury {session}"}
            return institutions.create_jury(world.actor(world.administrator), world.academy, values, at)

    assert world.academy
    first, over = asks_for_a_jury("2027", clock()), clock() + request_keys.KEY_LASTS
    before = over - timedelta(seconds=1)
    with pytest.raises(request_keys.AlreadyDone) as refused:
        asks_for_a_jury("2028", before)
    assert refused.value.thing == first.id
    assert request_keys.done_before("key-1", before) and not request_keys.done_before("key-1", over)
    second = asks_for_a_jury("2028", over)
    found = request_keys.done_before("key-1", over)
    assert found and found.thing == second.id
