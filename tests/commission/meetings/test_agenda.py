"""When commissions meet: slots, members who would sit twice at once, files for people's calendars."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar

from portfolio.commission import amend, convene
from portfolio.commission.agenda import LONGEST_MIN, clashes_with, slots
from portfolio.commission.calendars.events import calendar_file
from portfolio.documents import Assessment, Commission, Grid
from portfolio.errors import Invalid
from portfolio.store.connections import Connections
from tests.support.worlds.commissions import MEETS_AT, convened
from tests.support.worlds.world import World

migration = import_module("migrations.0037_length_of_commissions")


def test_slots_follow_each_other() -> None:
    first = datetime(2027, 4, 12, 8, 0, tzinfo=UTC)
    assert [f"{one:%H:%M}" for one in slots(first, 40, 3)] == ["08:00", "08:40", "09:20"]


def test_a_member_who_would_sit_twice_at_once_is_told_and_the_others_are_not(world: World) -> None:
    convened(world)
    late = world.new_candidacy(birth_name="Zola")
    other = convened(world, late, meets_at=MEETS_AT + timedelta(minutes=10))
    (clash,) = clashes_with([other])
    assert (clash.person, clash.name) == (world.follower.id, world.follower.name)
    assert (clash.meets_at, clash.with_at) == (other.meets_at, MEETS_AT)
    moved = amend.move(world.actor(world.office), other, MEETS_AT + timedelta(hours=1), "B12", world.clock())
    assert clashes_with([moved]) == []
    planned = Commission(members=[world.follower.id], meets_at=MEETS_AT, seats=[])
    assert [one.with_at for one in clashes_with([planned])] == [MEETS_AT]
    assert clashes_with([]) == []


def test_a_series_of_twenty_minutes_does_not_clash_with_itself_and_half_an_hour_does(world: World) -> None:
    convened(world, lasts_min=20)
    late = world.new_candidacy(birth_name="Zola")
    other = convened(world, late, meets_at=MEETS_AT + timedelta(minutes=20), lasts_min=20)
    assert clashes_with([other]) == []
    by = world.actor(world.office)
    first = Commission.objects.get(candidacy=world.candidacy.id)
    longer = amend.move(by, first, MEETS_AT, "Salle B12", world.clock(), lasts_min=30)
    assert [clash.with_at for clash in clashes_with([other])] == [MEETS_AT]
    assert amend.move(by, longer, MEETS_AT, "Salle B13", world.clock()).lasts_min == 30, "kept where nobody says"
    (event,) = Calendar.from_ical(calendar_file([other], world.clock())).walk("VEVENT")
    assert event.decoded("duration") == timedelta(minutes=20)


def test_commissions_convened_before_lengths_were_told_last_half_an_hour(world: World, store: Connections) -> None:
    commission = convened(world)
    rows = store.database["commissions"]
    rows.update_one({"_id": commission.id}, {"$unset": {"lasts_min": 1}})
    migration.migrate(store.database)
    migration.migrate(store.database)
    assert rows.find_one({"_id": commission.id})["lasts_min"] == 30


def test_the_longest_meeting_is_found_from_its_last_minute(world: World) -> None:
    convened(world, lasts_min=LONGEST_MIN)
    late = world.new_candidacy(birth_name="Zola")
    last = convened(world, late, meets_at=MEETS_AT + timedelta(minutes=LONGEST_MIN - 1))
    assert [clash.with_at for clash in clashes_with([last])] == [MEETS_AT]


def test_a_calendar_file_names_nobody_and_keeps_the_same_event_when_it_moves(world: World) -> None:
    commission = convened(world)
    data = calendar_file([commission], world.clock())
    (event,) = Calendar.from_ical(data).walk("VEVENT")
    assert (event.decoded("dtstart"), event.decoded("duration")) == (MEETS_AT, timedelta(minutes=30))
    assert b"METHOD:PUBLISH" in data and event["location"] == "Salle B12" and event["sequence"] == 0
    assert world.candidacy.candidate_number in event["summary"]
    for person in (world.candidate, world.follower, world.tutor):
        assert person.family_name.encode() not in data and person.email.encode() not in data
    moved = amend.move(world.actor(world.office), commission, MEETS_AT + timedelta(hours=1), "B13", world.clock())
    (again,) = Calendar.from_ical(calendar_file([moved], world.clock())).walk("VEVENT")
    assert (again["uid"], again["sequence"], again["status"]) == (event["uid"], 1, "CONFIRMED")
    gone = amend.cancel(world.actor(world.office), moved, "Portfolio non remis", world.clock())
    (last,) = Calendar.from_ical(calendar_file([gone], world.clock())).walk("VEVENT")
    assert (last["uid"], last["status"]) == (event["uid"], "CANCELLED")


def test_an_event_stays_the_same_one_once_the_service_has_another_address(world: World, store: Connections) -> None:
    commission = convened(world)
    (event,) = Calendar.from_ical(calendar_file([commission], world.clock())).walk("VEVENT")
    host = urlsplit(store.settings.public_url).hostname
    assert host and host in event["url"] and host not in event["uid"]


def test_a_series_is_convened_whole_or_not_at_all(world: World) -> None:
    others = [world.new_candidacy(birth_name=name) for name in ("Abel", "Zola")]
    values = {"place": "B12", "professor": world.follower.id, "second": world.second_teacher.id, "meets_at": MEETS_AT}
    wanted = [(one, values) for one in others]
    by = world.actor(world.office)
    with pytest.raises(Invalid) as refused:
        convene.convene_many(by, [wanted[0], (others[1], values | {"second": world.follower.id})], world.clock())
    assert refused.value.code == "member_twice" and refused.value.rank == 1  # type: ignore[attr-defined]
    for bad in ([], [wanted[0], wanted[0]]):
        with pytest.raises(Invalid):
            convene.convene_many(by, bad, world.clock())
    assert Commission.objects.count() == 0
    made = convene.convene_many(by, wanted, world.clock())
    assert [one.candidacy for one in made] == [one.id for one in others]
    assert (Assessment.objects.count(), Grid.objects.count()) == (2, 6)
