"""Whoever is silenced, or sits on a commission, is guarded no less: what is told, and what waits."""

from __future__ import annotations

from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest

from portfolio.documents import AccountChange, Invitation, Person
from portfolio.enrolment import account_changes, email_corrections
from portfolio.enrolment.moves import departures, suspensions
from portfolio.identity import accounts
from portfolio.identity.dual_control import AccountSuspended
from portfolio.mail.delivery import mailer
from portfolio.store.connections import current
from tests.conftest import Clock
from tests.support.mails.mailbox import deliver, files
from tests.support.worlds import commissions
from tests.support.worlds.second_people import DAY, actor_at, give, sent_to, waiting
from tests.support.worlds.world import World


def test_a_suspension_is_told_to_them_and_to_the_offices_where_nobody_else_answers_for_it(
    world: World, clock: Clock, president: Person
) -> None:
    office, by = world.office, world.actor(world.administrator)
    suspensions.suspend(by, president, "Silence", clock())
    deliver(clock)
    assert "est suspendu" in sent_to(president.email)[0]
    assert "a suspendu le compte" in sent_to(office.email)[0]
    suspensions.reinstate(by, Person.objects.get(pk=president.id), clock())
    deliver(clock)
    assert "est rétabli" in sent_to(president.email)[1] and "a rétabli le compte" in sent_to(office.email)[1]
    told = [(one.what, one.state) for one in AccountChange.objects.order_by("id")]
    assert told == [("suspension", "done"), ("reinstatement", "done")]


@pytest.mark.parametrize("way", ["address", "invitation"])
def test_nothing_of_the_way_in_of_a_suspended_person_is_changed_while_they_cannot_refuse_it(
    world: World, clock: Clock, president: Person, way: str
) -> None:
    by = world.actor(world.administrator)

    def ask() -> None:
        person = Person.objects.get(pk=president.id)
        if way == "address":
            email_corrections.correct(by, person, "pirate@exemple.fr", clock())
        else:
            accounts.invite_again(by, person, clock())

    ask()
    suspensions.suspend(by, Person.objects.get(pk=president.id), "Silence", clock())
    assert AccountChange.objects.get(what=way).state == "refused"
    with pytest.raises(AccountSuspended):
        ask()
    clock.advance(days=1)
    deliver(clock)
    suspensions.reinstate(by, Person.objects.get(pk=president.id), clock())
    assert Person.objects.get(pk=president.id).email == president.email
    assert Invitation.objects(person=president.id, used_at=None).count() == 0


@pytest.mark.parametrize("how", ["revoked", "suspended"])
def test_whoever_removes_the_only_second_person_waits_a_day_more_and_they_hear_what_is_given(
    world: World, clock: Clock, second_administrator: Person, how: str
) -> None:
    by, office = world.actor(world.administrator), world.office
    if how == "revoked":
        departures.revoke_grant(by, second_administrator, second_administrator.grants[0].id, clock())
    else:
        suspensions.suspend(by, second_administrator, "Silence", clock())
    deliver(clock)
    assert len(sent_to(second_administrator.email)) == len(sent_to(office.email)) == 1
    give(world)
    assert waiting().counts_from == clock() + 2 * DAY
    deliver(clock)
    assert "Lou Nouvelle" in sent_to(second_administrator.email)[1] and "Lou Nouvelle" in sent_to(office.email)[1]
    clock.advance(days=1)
    give(world, email="lendemain@exemple.fr")
    assert AccountChange.objects.order_by("-id").first().counts_from == clock() + DAY


def test_the_authenticator_of_whoever_sits_is_not_removed_at_once_either(world: World, clock: Clock) -> None:
    teacher = commissions.with_password(world.follower)
    commissions.convened(world)
    accounts.invite_again(world.actor(world.administrator), Person.objects.get(pk=teacher.id), clock())
    assert Invitation.objects(person=teacher.id, used_at=None).count() == 0
    assert waiting("invitation").person == teacher.id


def test_the_follower_does_not_move_the_mailbox_of_the_tutor_who_sits(world: World, clock: Clock) -> None:
    office = world.office
    commissions.convened(world)
    before, by = world.tutor.email, world.actor(world.follower)
    email_corrections.correct_tutor(by, world.placement, "boite@exemple.fr", clock())
    deliver(clock)
    assert world.tutor.email == before
    assert "est-ce bien vous" in sent_to(before)[0] and "membre d'une commission" in sent_to(office.email)[0]
    assert not any(mail["To"] == "boite@exemple.fr" for mail in files(current()))
    clock.advance(days=1)
    deliver(clock)
    assert world.tutor.email == "boite@exemple.fr"


def test_what_comes_back_from_the_address_that_was_left_says_nothing_of_the_new_one(
    world: World, clock: Clock, president: Person, second_administrator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    email_corrections.correct(world.actor(world.administrator), president, "neuve@exemple.fr", clock())
    account_changes.confirm(actor_at(second_administrator, clock), waiting("address"), clock())

    def refused(message: Any, recipient: str) -> None:
        if recipient == president.email:
            raise SMTPRecipientsRefused({recipient: (550, b"5.1.1 unknown")})

    monkeypatch.setattr(mailer, "deliver", refused)
    deliver(clock)
    assert Person.objects.get(pk=president.id).address_failed_at is None


def test_the_address_of_whoever_sits_on_a_commission_is_no_less_guarded(world: World, clock: Clock) -> None:
    commissions.convened(world)
    by, before = world.actor(world.administrator), world.follower.email
    email_corrections.correct(by, Person.objects.get(pk=world.follower.id), "pirate@exemple.fr", clock())
    deliver(clock)
    assert Person.objects.get(pk=world.follower.id).email == before
    assert "est-ce bien vous" in sent_to(before)[0] and "membre d'une commission" in sent_to(world.office.email)[0]
    account_changes.confirm(actor_at(world.office, clock), waiting("address"), clock())
    assert Person.objects.get(pk=world.follower.id).email == "pirate@exemple.fr"


def test_an_address_that_somebody_took_meanwhile_is_not_moved(world: World, clock: Clock, president: Person) -> None:
    email_corrections.correct(world.actor(world.administrator), president, "prise@exemple.fr", clock())
    Person.objects(pk=world.second_teacher.id).update(set__email="prise@exemple.fr")
    clock.advance(days=1)
    deliver(clock)
    assert Person.objects.get(pk=president.id).email == president.email
    assert AccountChange.objects.get(what="address").state == "refused"


def test_what_was_asked_and_how_it_ended_is_sealed(world: World, clock: Clock, president: Person) -> None:
    email_corrections.correct(world.actor(world.administrator), president, "neuve@exemple.fr", clock())
    account_changes.refuse(actor_at(president, clock), waiting("address"), clock())
    chain = {"chain": f"person:{president.id}"}
    told = [row["name"] for row in world_events(chain)]
    assert told[-2:] == ["address_correction_asked", "account_change_refused"]
    assert "neuve" not in str(list(world_events(chain)))


def world_events(query: dict[str, Any]) -> list[dict[str, Any]]:
    return list(current().database.events.find(query).sort("seq", 1))


def test_a_suspension_recorded_before_keys_said_the_exam_still_counts(
    world: World, clock: Clock, second_administrator: Person
) -> None:
    by = world.actor(world.administrator)
    member = Person.objects.get(pk=world.jury_member.id)
    suspensions.suspend(by, member, "Silence", clock())
    departures.revoke_grant(by, second_administrator, second_administrator.grants[0].id, clock())
    AccountChange.objects(what="grant_end").delete()
    AccountChange.objects(what="suspension").update(juries=[f"{world.academy.code} {world.session}"])
    give(world)
    assert waiting().counts_from == clock() + 2 * DAY
