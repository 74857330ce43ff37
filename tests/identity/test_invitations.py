"""Invitations: to somebody new, known, active, replaced, or asked for twice at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from portfolio.documents import Invitation, Person
from portfolio.errors import Invalid, Stale
from portfolio.identity import accounts, invitations
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.worlds.inviting import ANA, PHRASE, at_once, invitation_of, mails_asked
from tests.support.worlds.world import World


def test_somebody_active_gets_another_role_without_another_invitation(
    world: World, invited: Person, store: Connections
) -> None:
    Person.objects(pk=invited.id).update(set__state="active")
    elsewhere = world.new_school("0690027E")
    accounts.invite_to_school(world.actor(world.new_office(elsewhere)), elsewhere, ANA, world.clock())
    person = Person.objects.get(pk=invited.id)
    assert [grant.school for grant in person.grants] == [world.school.id, elsewhere.id]
    assert person.schools == [world.school.id, elsewhere.id]
    assert mails_asked(store) == 1


def test_somebody_who_never_came_is_invited_again_once_the_first_invitation_is_over(
    world: World, invited: Person, clock: Clock, store: Connections
) -> None:
    office = {**ANA, "role": "office"}
    accounts.invite_to_school(world.actor(world.office), world.school, office, clock())
    assert mails_asked(store) == 1  # the first one still opens
    clock.advance(days=14)
    elsewhere = world.new_school("0690027E")
    accounts.invite_to_school(world.actor(world.new_office(elsewhere)), elsewhere, ANA, clock())
    assert mails_asked(store) == 2


def test_the_school_of_a_person_and_its_town_count_for_nothing_in_their_password(world: World, invited: Person) -> None:
    world.school.update(set__name="Lycée Trifouillac", set__city="Kervadec-sur-Brenn")
    token = invitations.invitation_token(invitation_of(invited))
    with pytest.raises(Invalid) as refused:
        invitations.accept_invitation(token, "Trifouillac-Kervadec-brouette!8", world.clock())
    assert "un mot qui vient de vous" in refused.value.errors["password"][0]
    invitations.accept_invitation(token, "Tirelupac-Fondabec-brouette!8", world.clock())


def test_one_invitation_used_at_once_opens_once(world: World, invited: Person) -> None:
    token, at = invitations.invitation_token(invitation_of(invited)), world.clock()
    tries = [lambda word=word: invitations.accept_invitation(token, f"{PHRASE} {word}", at) for word in "abc"]
    answers = at_once(*tries)
    assert sum(isinstance(one, Person) for one in answers) == 1
    assert sum(isinstance(one, invitations.InvitationOver) for one in answers) == 2


def test_two_invitations_again_at_once_leave_one_that_opens(world: World, invited: Person) -> None:
    def again() -> Any:
        return accounts.invite_again(world.actor(world.office), Person.objects.get(pk=invited.id), world.clock())

    world.office  # noqa: B018 - made before they start
    answers = at_once(again, again, again)
    assert all(isinstance(one, (Person, Stale)) for one in answers), answers
    assert Invitation.objects(person=invited.id, used_at=None).count() == 1


def test_an_invitation_holds_until_it_is_used_replaced_or_old(world: World, invited: Person, clock: Clock) -> None:
    token = invitations.invitation_token(invitation_of(invited))
    assert invitations.invitation_holds(token, clock() + timedelta(days=13, hours=23))
    assert not invitations.invitation_holds(token, clock() + timedelta(days=14))
    accounts.invite_again(world.actor(world.office), invited, clock())
    assert not invitations.invitation_holds(token, clock())
    token = invitations.invitation_token(invitation_of(invited))
    invitations.accept_invitation(token, PHRASE, clock())
    assert not invitations.invitation_holds(token, clock())


def test_the_store_alone_cannot_make_an_invitation_s_token(invited: Person, store: Connections) -> None:
    row = store.database["invitations"].find_one({"person": invited.id})
    assert invitations.invitation_token(invitation_of(invited)) not in str(row)
