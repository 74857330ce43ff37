"""The meeting is recorded as it was held; unusual dates are asked about, never refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portfolio.commission import amend
from portfolio.commission.amend import SheetIsOut
from portfolio.commission.doubtful_dates import doubts, doubts_on_appointment
from portfolio.commission.meeting import MeetingNotYetHeld, MemberMissing, NoTutorSits, name_second_professor
from portfolio.documents import Commission, Link, Sheet
from portfolio.errors import Invalid, NotFound
from portfolio.rules.unlikely_dates import DateToConfirm
from portfolio.sheet import draw_up
from tests.support.clock import MEETS_AT
from tests.support.worlds.commissions import appraised, assessment_of, convened, drafted, fill_and_seal, met, signed
from tests.support.worlds.world import World

PARIS = ZoneInfo("Europe/Paris")


def codes(day: str) -> list[str]:
    return [doubt.code for doubt in doubts(datetime.fromisoformat(day).replace(tzinfo=PARIS), PARIS, "0690026D")]


@pytest.mark.parametrize(
    ("when", "unusual"),
    [
        ("2027-04-12T14:00", []),
        ("2027-04-12T23:45", ["hour"]),
        ("2027-04-11T14:00", ["sunday"]),
        ("2027-05-01T09:00", ["bank_holiday"]),
        ("2027-03-28T06:00", ["sunday", "hour"]),
    ],
)
def test_a_date_is_asked_about_where_it_is_probably_a_slip(when: str, unusual: list[str]) -> None:
    assert codes(when) == unusual


def test_a_past_appointment_is_convened_and_its_link_says_so(world: World) -> None:
    yesterday = world.clock() - timedelta(days=1)
    assert "past" in [doubt.code for doubt in doubts_on_appointment(world.candidacy, yesterday, world.clock())]
    convened(world, meets_at=yesterday)
    assert "past" in Link.objects.get(name="commission_convened").data["unusual"]


def test_a_meeting_is_recorded_and_corrected_until_the_sheet(world: World) -> None:
    commission = met(world, convened(world), note="Le tuteur est à distance.")
    assert commission.meeting.present == commission.members
    assert (commission.meeting.note, commission.meeting.recorded_by) == ("Le tuteur est à distance.", world.follower.id)
    assert met(world, commission, place="Salle C3", note=None).meeting.place == "Salle C3"
    assert Link.objects(name="meeting_recorded").count() == 2


def test_what_is_not_yet_held_or_without_both_is_no_meeting(world: World) -> None:
    commission = convened(world)
    with pytest.raises(MeetingNotYetHeld):
        met(world, commission, held_at=world.clock() + timedelta(minutes=1))
    with pytest.raises(MemberMissing) as refused:
        met(world, commission, present=[world.follower.id])
    assert world.tutor.name in refused.value.errors["present"][0]
    with pytest.raises(Invalid):
        met(world, commission, place=" ")


def test_another_day_or_one_before_the_submission_is_confirmed(world: World) -> None:
    world.submit()
    before = world.clock() - timedelta(days=1)
    commission = convened(world)
    with pytest.raises(DateToConfirm) as asked:
        met(world, commission, held_at=before, confirmed=False)
    assert f"convoquée le {MEETS_AT:%d/%m/%Y}" in asked.value.message
    assert "après la réunion" in asked.value.message
    assert met(world, commission, held_at=before).meeting.held_at == before
    assert Link.objects.get(name="meeting_recorded").data["unusual"][:2] == ["other_day", "before_submission"]


def test_only_a_member_records_and_nothing_moves_once_a_sheet_is_out(world: World) -> None:
    commission = appraised(world)
    sheet = drafted(world, commission)
    with pytest.raises(SheetIsOut):
        met(world, commission)
    world.follower.grants = []
    world.follower.save()
    with pytest.raises(NotFound):
        met(world, commission)
    assert sheet.state == "draft"


def test_a_sheet_is_drawn_up_and_signed_after_its_meeting(world: World) -> None:
    commission = appraised(world)
    Commission.objects(pk=commission.id).update(unset__meeting=True)
    with pytest.raises(draw_up.AssessmentIncomplete) as refused:
        draw_up.draw_up(world.actor(world.follower), assessment_of(commission), world.clock())
    assert set(refused.value.errors) == {"meeting"}
    sheet = signed(world, drafted(world, met(world, commission)))
    held = Commission.objects.get(pk=commission.id).meeting.held_at
    assert all(signature.at >= held for signature in Sheet.objects.get(pk=sheet.id).signatures)


# --- the tutor did not come -----------------------------------------------------------------------


def on_the_spot(world: World, commission: Commission, **changed: Any) -> Commission:
    by, values = world.actor(world.follower), {"arriving": world.second_teacher.email, "reason": "Malade"} | changed
    return name_second_professor(by, Commission.objects.get(pk=commission.id), **values, at=world.clock())


def test_a_second_professor_is_named_on_the_spot_with_the_reason(world: World) -> None:
    world.submit()
    commission = met(world, convened(world))
    fill_and_seal(world, commission, world.tutor)
    replaced = on_the_spot(world, commission)
    assert replaced.members == [world.follower.id, world.second_teacher.id]
    assert (replaced.tutor_absence, replaced.meeting) == ("Malade", None)
    assert replaced.seats[1].left_reason == "Malade"
    with pytest.raises(NoTutorSits):
        on_the_spot(world, commission)


def test_a_commission_that_is_moved_meets_again(world: World) -> None:
    commission = met(world, convened(world))
    later = datetime(MEETS_AT.year, MEETS_AT.month, MEETS_AT.day, 15, tzinfo=UTC)
    moved = amend.move(world.actor(world.office), commission, later, "Salle C3", world.clock())
    assert moved.meeting is None
