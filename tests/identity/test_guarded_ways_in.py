"""The way in of those who may open a mark is not changed unseen (docs/decisions/0025)."""

from __future__ import annotations

import re

import pytest

from portfolio.documents import AccountChange, Invitation, Person
from portfolio.enrolment import account_changes, email_corrections
from portfolio.errors import Invalid
from portfolio.identity import accounts, invitations, sign_ins
from portfolio.identity.dual_control import ChangeWaits
from portfolio.store.connections import current
from tests.conftest import Clock
from tests.support.mails.mailbox import deliver, files, words_of
from tests.support.worlds import commissions
from tests.support.worlds.second_people import NAMES, actor_at, give, sent_to, waiting
from tests.support.worlds.world import World


def test_an_address_moved_by_an_administrator_is_told_to_the_old_one_and_waits_a_day(
    world: World, clock: Clock, president: Person
) -> None:
    other = world.person("Membre", world.grant("jury", academy="10", session=world.session))
    email_corrections.correct(world.actor(world.administrator), president, "pirate@exemple.fr", clock())
    deliver(clock)
    assert Person.objects.get(pk=president.id).email == president.email
    (mail,) = sent_to(president.email)
    assert "est-ce bien vous" in mail and "refusez-le" in mail
    assert len(sent_to(other.email)) == 1
    assert sent_to("pirate@exemple.fr") == []
    clock.advance(days=1)
    deliver(clock)
    assert Person.objects.get(pk=president.id).email == "pirate@exemple.fr"


def test_who_is_about_to_lose_their_address_keeps_it_by_a_word(world: World, clock: Clock, president: Person) -> None:
    email_corrections.correct(world.actor(world.administrator), president, "pirate@exemple.fr", clock())
    account_changes.refuse(actor_at(president, clock), waiting("address"), clock())
    clock.advance(days=2)
    deliver(clock)
    assert Person.objects.get(pk=president.id).email == president.email


def test_a_second_person_confirms_an_address_at_once_and_the_old_one_is_told_all_the_same(
    world: World, clock: Clock, president: Person, second_administrator: Person
) -> None:
    email_corrections.correct(world.actor(world.administrator), president, "neuve@exemple.fr", clock())
    change = waiting("address")
    for nobody in (world.administrator, president):
        with pytest.raises(account_changes.SecondPersonNeeded):
            account_changes.confirm(actor_at(nobody, clock), change, clock())
    account_changes.confirm(actor_at(second_administrator, clock), change, clock())
    assert Person.objects.get(pk=president.id).email == "neuve@exemple.fr"
    deliver(clock)
    assert any("est-ce bien vous" in mail for mail in sent_to(president.email))


def test_an_invitation_that_would_replace_a_password_and_an_authenticator_waits(
    world: World, clock: Clock, president: Person
) -> None:
    accounts.invite_again(world.actor(world.administrator), president, clock())
    deliver(clock)
    assert Invitation.objects(person=president.id).count() == 0
    assert any("est-ce bien vous" in mail for mail in sent_to(president.email))
    with pytest.raises(ChangeWaits):
        accounts.invite_again(world.actor(world.administrator), Person.objects.get(pk=president.id), clock())
    clock.advance(days=1)
    deliver(clock)
    assert Invitation.objects(person=president.id, used_at=None).count() == 1


def test_an_office_moves_a_colleague_s_address_no_faster_than_an_administrator(world: World, clock: Clock) -> None:
    """A right of office that counts reads marks, though whoever has it has not come in yet."""
    colleague = accounts.invite_to_school(world.actor(world.office), world.school, NAMES | {"role": "office"}, clock())
    account_changes.confirm(actor_at(world.administrator, clock), waiting(), clock())
    colleague.reload()
    email_corrections.correct(world.actor(world.office), colleague, "autre@exemple.fr", clock())
    assert Person.objects.get(pk=colleague.id).email == NAMES["email"]
    assert waiting("address").schools == [world.school.id]


def test_a_mistyped_address_is_put_right_at_once_before_anything_counts_and_the_second_persons_hear_of_it(
    world: World, clock: Clock, second_administrator: Person
) -> None:
    given = give(world)
    first = Invitation.objects.get(person=given.id)
    email_corrections.correct(
        world.actor(world.administrator), Person.objects.get(pk=given.id), "juste@exemple.fr", clock()
    )
    deliver(clock)
    assert Person.objects.get(pk=given.id).email == "juste@exemple.fr"
    assert not invitations.invitation_holds(invitations.invitation_token(first), clock())
    assert Invitation.objects(person=given.id, used_at=None).count() == 1
    assert sent_to(NAMES["email"]) == []
    assert any("a changé l'adresse e-mail de Lou Nouvelle" in mail for mail in sent_to(second_administrator.email))
    assert AccountChange.objects.get(what="address").state == "done"


def test_a_first_invitation_that_was_lost_is_sent_again_at_once(world: World, clock: Clock) -> None:
    given = give(world)
    accounts.invite_again(world.actor(world.administrator), Person.objects.get(pk=given.id), clock())
    assert Invitation.objects(person=given.id, used_at=None).count() == 1
    deliver(clock)
    (mail,) = [mail for mail in files(current()) if mail["To"] == NAMES["email"] and "/invitation/" in words_of(mail)]
    token = re.findall(r"/invitation/(\S+)", words_of(mail))[0]
    assert invitations.invitation_holds(token, clock())


def test_the_address_of_somebody_who_opens_no_mark_is_corrected_at_once_and_told_to_the_one_that_stood(
    world: World, clock: Clock
) -> None:
    by, teacher = world.actor(world.administrator), commissions.with_password(world.second_teacher)
    email_corrections.correct(by, Person.objects.get(pk=teacher.id), "professeur@exemple.fr", clock())
    deliver(clock)
    assert Person.objects.get(pk=teacher.id).email == "professeur@exemple.fr"
    (mail,) = sent_to(teacher.email)
    assert "est-ce bien vous" in mail and "professeur@exemple.fr" not in mail
    assert sent_to(world.office.email) == []


@pytest.mark.parametrize("typed", [None, "", "Ce n'est pas le bon mot de passe"])
def test_one_s_own_address_takes_one_s_password(world: World, clock: Clock, typed: str | None) -> None:
    mine = commissions.with_password(world.administrator)
    with pytest.raises((Invalid, sign_ins.WrongCredentials)):
        email_corrections.correct(
            actor_at(mine, clock), Person.objects.get(pk=mine.id), "moi@exemple.fr", clock(), typed
        )
    assert Person.objects.get(pk=mine.id).email == mine.email


def test_one_s_own_address_is_told_to_the_one_that_stood_and_to_the_other_administrators(
    world: World, clock: Clock, second_administrator: Person
) -> None:
    mine = commissions.with_password(world.administrator)
    person = Person.objects.get(pk=mine.id)
    email_corrections.correct(actor_at(mine, clock), person, "moi@exemple.fr", clock(), commissions.PASSWORD)
    deliver(clock)
    assert Person.objects.get(pk=mine.id).email == "moi@exemple.fr"
    assert "est-ce bien vous" in sent_to(mine.email)[0]
    assert "a changé sa propre adresse" in sent_to(second_administrator.email)[0]


def test_an_address_moved_takes_no_authenticator_away(world: World, clock: Clock) -> None:
    """An invitation that serves clears it: whoever has a password is sent none."""
    teacher = commissions.with_password(world.second_teacher)
    reset = invitations.new_invitation(teacher, clock(), "reset").save()
    by = world.actor(world.administrator)
    email_corrections.correct(by, Person.objects.get(pk=teacher.id), "professeur@exemple.fr", clock())
    assert not invitations.invitation_holds(invitations.invitation_token(reset), clock())
    assert Invitation.objects(person=teacher.id, used_at=None).count() == 0
