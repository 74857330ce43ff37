"""A teacher whose name was written wrong is called right from then on; what they signed keeps the former one."""

from __future__ import annotations

import pytest

from portfolio.audit.verify_all import check_everything
from portfolio.commission import amend
from portfolio.documents import Activity, Attestation, Commission, Link, Person, Sheet
from portfolio.enrolment.corrections import staff_names
from portfolio.enrolment.corrections.staff_names import NameKeptElsewhere, NameOfOthers, StaffNames, correct_name
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.sign_offs.answering import answers, content
from portfolio.sign_offs.asking import requests
from portfolio.store.journal import MovedMeanwhile
from tests.support.api.clients import Clients
from tests.support.concurrency import in_between
from tests.support.filling import fill, shown
from tests.support.worlds import commissions
from tests.support.worlds.world import World

RIGHT: StaffNames = {"family_name": "Le Goff", "given_names": "Maëlle"}


def corrected(world: World, by: Person | None = None, whom: Person | None = None, **changed: str) -> Person:
    person = Person.objects.get(pk=(whom or world.follower).id)
    values: StaffNames = {**RIGHT, **changed}  # type: ignore[typeddict-item]
    return correct_name(world.actor(by or world.office), person, values, world.clock())


def test_the_account_bears_the_name_and_both_names_are_kept(world: World) -> None:
    before = Person.objects.get(pk=world.follower.id)
    person = corrected(world)
    assert person.name == "Maëlle Le Goff" == Person.objects.get(pk=person.id).name
    kept = {one.field: (one.before, one.after, one.by) for one in Person.objects.get(pk=person.id).amended}
    office = str(world.office.id)
    assert kept["family_name"] == (before.family_name, "Le Goff", office)
    assert kept["given_names"] == (before.given_names, "Maëlle", office)
    link = Link.objects.get(name="person_name_corrected")
    assert link.chain == f"person:{person.id}" and "Goff" not in str(link.data)
    with pytest.raises(Invalid):
        corrected(world)
    corrected(world, family_name="Le Goffic")
    assert [one.after for one in Person.objects.get(pk=person.id).amended][-1] == "Le Goffic"


def test_what_waits_is_asked_of_the_right_name_and_signed_under_it(world: World) -> None:
    activity = world.new_activity("classe")
    requests.request(world.actor(world.candidate), activity, "teacher", world.follower.id, world.clock())
    answered = world.new_activity("classe")
    requests.request(world.actor(world.candidate), answered, "teacher", world.follower.id, world.clock())
    sign(world, answered)
    before = Attestation.objects.get(activity=answered.id).signer_name
    corrected(world)
    assert Attestation.objects.get(activity=activity.id).signer_name == "Maëlle Le Goff"
    sign(world, activity)
    assert Attestation.objects.get(activity=activity.id).signer_name == "Maëlle Le Goff"
    assert Attestation.objects.get(activity=answered.id).signer_name == before != "Maëlle Le Goff"
    assert [fault for fault in check_everything() if "la personne" not in fault.words] == []
    about = Link.objects(name="person_name_corrected", chain=f"portfolio:{world.candidacy.id}")
    assert [link.subject["id"] for link in about] == [str(Attestation.objects.get(activity=activity.id).id)]


def sign(world: World, activity: Activity) -> None:
    by = world.actor(world.follower)
    seen = content.content_for(by, activity, "teacher")
    answers.answer(by, activity, "teacher", "confirmed", seen.digest, None, None, None, world.clock())


def test_a_seat_bears_the_name_until_a_sheet_is_drawn_up(world: World) -> None:
    commissions.convened(world)
    corrected(world)
    assert "Maëlle Le Goff" in [seat.name for seat in Commission.objects.get().seats]


def test_a_seat_bears_the_name_after_others_left_theirs(world: World) -> None:
    commission = commissions.convened(world, second=world.second_teacher.id, tutor_absence="En congé")
    arrives = world.new_teacher(world.school)
    changed = {"leaving": world.second_teacher.id, "arriving": arrives.id, "reason": "Malade"}
    amend.replace_member(world.actor(world.office), commission, changed, world.clock())
    stayed, left, _ = (seat.name for seat in Commission.objects.get().seats)
    corrected(world, whom=arrives)
    assert [seat.name for seat in Commission.objects.get().seats] == [stayed, left, "Maëlle Le Goff"]
    assert [fault for fault in check_everything() if "la personne" not in fault.words] == []


def test_a_sheet_and_its_commission_keep_the_name_of_the_day(world: World) -> None:
    commissions.drafted(world)
    names = [seat.name for seat in Commission.objects.get().seats]
    corrected(world)
    assert [seat.name for seat in Commission.objects.get().seats] == names
    assert world.follower.name in Sheet.objects.get().content and "Le Goff" not in Sheet.objects.get().content


def test_no_seat_is_renamed_behind_a_sheet_that_was_drawn_up_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    commission = commissions.appraised(world)
    in_between(monkeypatch, staff_names, lambda: commissions.drafted(world, commission))
    with pytest.raises(MovedMeanwhile):
        corrected(world)
    assert "Maëlle Le Goff" not in [seat.name for seat in Commission.objects.get().seats]
    assert Person.objects.get(pk=world.follower.id).amended == []


def test_the_office_and_the_administrator_correct_it_and_nobody_else(world: World) -> None:
    corrected(world, world.administrator)
    for stranger, refused in ((world.follower, Forbidden), (world.candidate, NotFound), (world.jury_member, NotFound)):
        with pytest.raises(refused):
            corrected(world, stranger, family_name="Autre")


def test_who_is_known_elsewhere_is_the_administrator_s_to_correct(world: World) -> None:
    jury = world.jury_member
    Person.objects(pk=jury.id).update(push__schools=world.school.id)
    with pytest.raises(NameOfOthers):
        corrected(world, whom=jury)
    assert corrected(world, world.administrator, jury).name == "Maëlle Le Goff"


def test_names_of_candidates_and_tutors_are_corrected_where_they_come_from(world: World) -> None:
    for whom in (world.candidate, world.tutor):
        with pytest.raises(NameKeptElsewhere):
            corrected(world, world.administrator, whom)


def test_it_is_corrected_on_the_page_of_the_account(world: World, client_for: Clients) -> None:
    office, page = client_for(world.office), f"/comptes/{world.follower.id}"
    assert fill(office, page, f"name-{world.follower.id}", **RIGHT).status_code == 303
    assert "Maëlle Le Goff" in shown(office, page) and "est devenu « Le Goff »" in shown(office, page)
    assert "Corriger le nom" not in shown(office, f"/comptes/{world.candidate.id}")
