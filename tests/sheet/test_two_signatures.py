"""Two signatures are two people's: nobody makes their own seat, and what is to be known is said before transmission."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from portfolio.commission import amend, convene
from portfolio.commission.members import SeatOfTheirOwnMaking
from portfolio.documents import Grant, Person, Placement, Sheet, SignIn
from portfolio.enrolment import email_corrections, placements
from portfolio.enrolment.moves import tutor_names
from portfolio.errors import NotFound
from portfolio.policy.actions import Action
from portfolio.policy.permissions import allowed
from portfolio.policy.relations import Actor
from portfolio.sheet import draw_up, remarks
from portfolio.store.connections import current
from tests.conftest import Clock
from tests.support.clock import DATES
from tests.support.mails.mailbox import deliver
from tests.support.worlds import commissions
from tests.support.worlds.world import World

SECOND_MAILBOX = {"email": "boite@exemple.fr", "family_name": "Boîte", "given_names": "Claude", "function": "Agent"}
BEGAN = DATES.placement[0].isoformat()


@pytest.fixture
def under_way(world: World, clock: Clock) -> World:
    """The period in the company has begun, in the days of the tests."""
    Placement.objects(pk=world.placement.id).update(set__starts_on="2026-01-05")
    world.placement.reload()
    return world


def codes(by: Person, sheet: Sheet, world: World) -> list[str]:
    return [one.code for one in remarks.of_sheet(world.actor(by), Sheet.objects.get(pk=sheet.id))]


def made_by(person: Person, maker: Person | str) -> None:
    """As if this one had given them their first right."""
    name = maker if isinstance(maker, str) else str(maker.id)
    Person.objects(pk=person.id).update(set__grants__0__granted_by=name)


# --- seats ----------------------------------------------------------------------------------------


def test_the_follower_who_convenes_the_commission_of_their_own_candidate_is_the_normal_case(world: World) -> None:
    values = {
        "meets_at": commissions.MEETS_AT,
        "place": "B12",
        "professor": world.follower.id,
        "second": world.tutor.id,
    }
    convened = convene.convene(world.actor(world.follower), world.candidacy, values, world.clock())
    assert convened.members == [world.follower.id, world.tutor.id]


def test_so_is_a_tutor_whom_the_follower_named_with_the_period(world: World) -> None:
    made_by(world.tutor, world.follower)
    assert commissions.convened(world).members == [world.follower.id, world.tutor.id]


@pytest.mark.parametrize("who", ["follower", "tutor"])
def test_nobody_sits_by_a_right_that_they_gave_themselves(world: World, who: str) -> None:
    """A right of before that was refused, or one written by who holds the database."""
    person = getattr(world, who)
    made_by(person, person)
    with pytest.raises(SeatOfTheirOwnMaking):
        commissions.convened(world)


def test_a_second_professor_does_not_sit_by_the_right_that_the_first_gave_them(world: World) -> None:
    said: dict[str, Any] = {"second": world.second_teacher.id, "tutor_absence": "En congé"}
    made_by(world.second_teacher, world.follower)
    with pytest.raises(SeatOfTheirOwnMaking):
        commissions.convened(world, **said)
    made_by(world.second_teacher, world.second_teacher)
    with pytest.raises(SeatOfTheirOwnMaking):
        commissions.convened(world, **said)
    another = Grant(role="teacher", school=world.school.id, teaches_profession=True)
    another.granted_by, another.granted_at = str(world.office.id), world.clock()
    Person.objects(pk=world.second_teacher.id).update(push__grants=another)
    assert commissions.convened(world, **said).members[1] == world.second_teacher.id


def test_nor_does_a_member_who_replaces_another(world: World) -> None:
    commission = commissions.convened(world)
    made_by(world.second_teacher, world.follower)
    said = {"leaving": world.tutor.id, "arriving": world.second_teacher.id, "reason": "Empêché", "tutor_absence": "Oui"}
    with pytest.raises(SeatOfTheirOwnMaking):
        amend.replace_member(world.actor(world.office), commission, said, world.clock())


# --- a tutor whom a member chose ------------------------------------------------------------------


def test_a_tutor_whom_a_member_replaced_once_the_period_had_begun_is_told_to_the_office_and_both_members(
    under_way: World,
) -> None:
    world = under_way
    placements.replace_tutor(world.actor(world.follower), world.placement, SECOND_MAILBOX, world.clock())
    Person.objects(email=SECOND_MAILBOX["email"]).update(set__state="active")
    sheet = commissions.drafted(world)
    (told,) = remarks.of_sheet(world.actor(world.tutor), sheet)
    assert told.code == "tutor_replaced"
    assert world.follower.name in told.sentence and "05/01/2026" in told.sentence and "Claude Boîte" in told.sentence
    with pytest.raises(NotFound):
        remarks.of_sheet(world.actor(world.office), sheet)  # not before it is proposed, like the sheet
    sheet = commissions.signed(world, sheet)
    assert codes(world.office, sheet, world) == codes(world.follower, sheet, world) == ["tutor_replaced"]


@pytest.mark.parametrize("when", ["before it began", "by the office"])
def test_a_tutor_replaced_in_time_or_by_the_office_is_nothing_to_say(world: World, clock: Clock, when: str) -> None:
    by = world.follower if when == "before it began" else world.office
    start = "2027-02-01" if when == "before it began" else "2026-01-05"
    Placement.objects(pk=world.placement.id).update(set__starts_on=start)
    current().database.events.update_many({"name": "placement_added"}, {"$set": {"data.starts_on": start}})
    placements.replace_tutor(
        world.actor(by), Placement.objects.get(pk=world.placement.id), SECOND_MAILBOX, world.clock()
    )
    world.placement.reload()
    Person.objects(email=SECOND_MAILBOX["email"]).update(set__state="active")
    assert codes(world.office, commissions.signed(world), world) == []


def test_an_address_that_a_member_moved_is_a_tutor_changed(under_way: World) -> None:
    world = under_way
    email_corrections.correct_tutor(world.actor(world.follower), world.placement, "boite@exemple.fr", world.clock())
    assert codes(world.office, commissions.signed(world), world) == ["tutor_address_corrected"]


def test_a_name_that_a_member_corrected_is_told_too(under_way: World) -> None:
    names = tutor_names.TutorNames(family_name="Boîte", given_names="Claude")
    tutor_names.correct_tutor_names(under_way.actor(under_way.follower), under_way.placement, names, under_way.clock())
    assert codes(under_way.office, commissions.signed(under_way), under_way) == ["tutor_name_corrected"]


def test_dates_put_off_while_the_tutor_is_changed_hide_nothing(under_way: World) -> None:
    world, by = under_way, under_way.actor(under_way.follower)
    late = {"starts_on": "2027-06-01", "ends_on": "2027-07-30"}
    placement = placements.amend_placement(by, world.placement, late, world.clock())
    placements.replace_tutor(by, placement, SECOND_MAILBOX, world.clock())
    world.placement.reload()
    Person.objects(email=SECOND_MAILBOX["email"]).update(set__state="active")
    sheet = commissions.signed(world)
    (told,) = remarks.of_sheet(world.actor(world.office), sheet)
    assert told.code == "tutor_replaced"
    assert "enregistrée d'abord comme commençant le 05/01/2026" in told.sentence


def test_an_address_that_a_member_of_the_office_asked_for_and_that_waited_is_told_all_the_same(
    under_way: World, clock: Clock
) -> None:
    world = under_way
    Person.objects(pk=world.follower.id).update(push__grants=world.grant("office", school=world.school.id))
    commission = commissions.appraised(world)
    email_corrections.correct(world.actor(world.follower), world.tutor, "boite@exemple.fr", world.clock())
    clock.advance(days=1)
    deliver(clock)
    assert world.tutor.email == "boite@exemple.fr"
    (told,) = remarks.of_sheet(world.actor(world.follower), commissions.drafted(world, commission))
    assert told.code == "tutor_address_corrected" and world.follower.name in told.sentence


def test_a_period_that_a_member_entered_late_is_told_where_its_tutor_sits(world: World) -> None:
    values = {"company": world.company.id, "kind": "stage", "days": 5, "tutor": SECOND_MAILBOX}
    values |= {"starts_on": "2026-01-05", "ends_on": "2026-02-05"}
    late = placements.add_placement(world.actor(world.follower), world.candidacy, values, world.clock())
    Person.objects(pk=late.tutor).update(set__state="active")
    world.submit()
    sheet = commissions.signed(world, _drafted_with(world, late.tutor))
    assert codes(world.office, sheet, world) == ["tutor_named"]


def _drafted_with(world: World, tutor: Any) -> Sheet:
    commission = commissions.convened(world, second=tutor)
    for person in (world.follower, Person.objects.get(pk=tutor)):
        commissions.fill_and_seal(world, commission, person)
    commissions.appraise(world, world.follower, commission, appreciation="Bien.", proposed_mark="12")
    return commissions.drafted(world, commission)


# --- devices --------------------------------------------------------------------------------------


def sign_on(world: World, person: Person, device: str | None, at: Any) -> Sheet:
    visit = SignIn(way="cookie", person=person.id, network="réseau", device=device)
    by = Actor(Person.objects.get(pk=commissions.with_password(person).id), visit, confirmed=True)
    sheet = Sheet.objects.get()
    return draw_up.sign(by, sheet, sheet.digest, commissions.PASSWORD, at, confirmed=True)


@pytest.mark.parametrize(
    ("devices", "apart", "told"),
    [
        (("a", "a"), timedelta(days=2), ["same_device"]),
        (("a", "a"), timedelta(minutes=10), []),  # in the room, one after the other
        (("a", "b"), timedelta(days=2), []),
        ((None, None), timedelta(days=2), []),  # programs tell nothing of theirs
    ],
)
def test_one_device_behind_signatures_that_were_not_given_together_is_told_to_the_office_alone(
    world: World, devices: tuple[str | None, str | None], apart: timedelta, told: list[str]
) -> None:
    commissions.drafted(world)
    sign_on(world, world.follower, devices[0], world.clock())
    sheet = sign_on(world, world.tutor, devices[1], world.clock() + apart)
    assert codes(world.office, sheet, world) == told
    assert codes(world.follower, sheet, world) == []
    assert all("2 jours" in one.sentence for one in remarks.of_sheet(world.actor(world.office), sheet))


# --- who reads it ---------------------------------------------------------------------------------


def test_the_candidate_reads_nothing_of_it_even_once_the_sheet_is_released(world: World) -> None:
    sheet = commissions.transmitted(world)
    sheet.released = True
    assert Action.READ_REMARKS not in allowed(world.actor(world.candidate), sheet)
    with pytest.raises(NotFound):
        remarks.of_sheet(world.actor(world.candidate), Sheet.objects.get(pk=sheet.id))
