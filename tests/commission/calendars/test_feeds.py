"""The address that a member's calendars subscribe to: their own, closed when they want, naming nobody."""

from __future__ import annotations

from importlib import import_module

import pytest
from icalendar import Calendar, Component

from portfolio.commission import amend
from portfolio.commission.calendars import feeds
from portfolio.documents import Person
from portfolio.errors import NotFound
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.worlds.commissions import convened
from tests.support.worlds.world import World

migration = import_module("migrations.0028_calendar_feeds")


def of(world: World, person: Person) -> str:
    return feeds.make(world.actor(Person.objects.get(pk=person.id)), world.clock())


def events(world: World, token: str) -> list[Component]:
    return Calendar.from_ical(feeds.read(token, world.clock()).data).walk("VEVENT")


def test_a_feed_shows_where_its_owner_sits_and_names_nobody(world: World) -> None:
    commission = convened(world)
    convened(world, world.new_candidacy(birth_name="Zola"), professor=world.follower.id)
    token = of(world, world.tutor)
    (event,) = events(world, token)
    assert event["uid"] == f"commission-{commission.id}@portfolio-e5" and event["status"] == "CONFIRMED"
    assert len(events(world, of(world, world.follower))) == 2
    data = feeds.read(token, world.clock()).data
    for person in (world.candidate, world.follower, world.tutor):
        assert person.family_name.encode() not in data and person.email.encode() not in data


def test_a_feed_keeps_what_was_cancelled_and_where_its_owner_sits_no_more(world: World) -> None:
    by, commission = world.actor(world.office), convened(world)
    left, stays = of(world, world.tutor), of(world, world.follower)
    values = {"leaving": world.tutor.id, "arriving": world.second_teacher.id, "reason": "Retenu", "tutor_absence": "R"}
    commission = amend.replace_member(by, commission, values, world.clock())
    (event,) = events(world, left)
    assert event["status"] == "CANCELLED" and "location" not in event and "url" not in event
    assert [event["status"] for event in events(world, stays)] == ["CONFIRMED"]
    amend.cancel(by, commission, "Le lycée est fermé.", world.clock())
    assert [event["status"] for event in events(world, stays)] == ["CANCELLED"]


def test_a_feed_is_of_the_last_year_and_to_come(world: World, clock: Clock) -> None:
    convened(world)
    token = of(world, world.follower)
    clock.advance(days=600)
    assert events(world, token) == []


def test_another_address_closes_the_first_and_its_owner_closes_the_last(world: World, store: Connections) -> None:
    first, second = of(world, world.follower), of(world, world.follower)
    assert first != second and events(world, second) == []
    assert second not in str(store.database.persons.find_one({"_id": world.follower.id}))
    feeds.end(world.actor(Person.objects.get(pk=world.follower.id)), world.clock())
    for token in (first, second, ""):
        with pytest.raises(NotFound):
            feeds.read(token, world.clock())
    for person in (world.follower, world.tutor):  # nobody's closed address is in the way of another's
        of(world, person)
        feeds.end(world.actor(Person.objects.get(pk=person.id)), world.clock())
    names = [link["name"] for link in store.database.events.find({"chain": f"person:{world.follower.id}"})]
    assert names[-5:] == ["calendar_feed_made"] * 2 + ["calendar_feed_ended", "calendar_feed_made"] + [
        "calendar_feed_ended"
    ]


def test_a_suspended_person_s_address_reads_nothing(world: World) -> None:
    token = of(world, world.follower)
    Person.objects(pk=world.follower.id).update(set__state="suspended")
    with pytest.raises(NotFound):
        feeds.read(token, world.clock())


def test_a_feed_has_the_same_version_until_something_of_it_changes(world: World, clock: Clock) -> None:
    by, commission = world.actor(world.office), convened(world)
    token = of(world, world.follower)
    first = feeds.read(token, clock())
    clock.advance(days=1)
    again = feeds.read(token, clock())
    assert again.version == first.version
    amend.move(by, commission, world.later(days=100), "Salle C3", clock())
    assert feeds.read(token, clock()).version != first.version


def test_an_address_is_found_by_an_index(store: Connections) -> None:
    for _ in range(2):
        migration.migrate(store.database)
    assert "feed_hash_1" in store.database.persons.index_information()
