"""A password forgotten or changed: the same answer to everyone, one hour, one use, other devices signed out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portfolio import accounts, forgotten, invitations
from portfolio.documents import Invitation, OutboxRow, Person, SignIn
from portfolio.errors import Invalid, TooMany
from tests.conftest import Clock
from tests.world import World

NEW = "Huit mots tout neufs pour entrer ici demain"


def _reset_link(person: Person) -> str:
    return invitations.invitation_token(Invitation.objects.get(person=person.id, purpose="reset", used_at=None))


def test_somebody_who_forgot_their_password_chooses_another_once(world: World, clock: Clock) -> None:
    office = world.office
    old = world.set_password(office)
    forgotten.ask(office.email.upper(), clock())
    token = _reset_link(office)
    invitations.accept_invitation(token, NEW, clock())
    assert accounts.authenticate(office.email, NEW).id == office.id
    with pytest.raises(accounts.WrongCredentials):
        accounts.authenticate(office.email, old)
    with pytest.raises(invitations.InvitationOver):
        invitations.accept_invitation(token, NEW + " encore", clock())


def test_the_link_lasts_an_hour_and_a_newer_one_replaces_it(world: World, clock: Clock) -> None:
    forgotten.ask(world.office.email, clock())
    first = _reset_link(world.office)
    forgotten.ask(world.office.email, clock())
    assert not invitations.invitation_holds(first, clock())
    assert invitations.invitation_holds(_reset_link(world.office), clock() + timedelta(minutes=59))
    assert not invitations.invitation_holds(_reset_link(world.office), clock() + timedelta(minutes=61))


def test_an_address_that_nobody_has_sends_nothing_and_is_answered_alike(world: World, clock: Clock) -> None:
    known, unknown = forgotten.ask(world.office.email, clock()), forgotten.ask("personne@exemple.fr", clock())
    assert (known.way, known.expires_at) == (unknown.way, unknown.expires_at)
    assert OutboxRow.objects.count() == 1
    for email in (world.office.email, "personne@exemple.fr"):
        with pytest.raises(TooMany):
            for _ in range(6):
                forgotten.ask(email, clock())


def test_a_changed_password_signs_the_other_devices_out(world: World, clock: Clock) -> None:
    office = world.office
    old = world.set_password(office)
    here, _ = accounts.sign_in(office.email, old, "cookie", None, clock())
    other, _ = accounts.sign_in(office.email, old, "cookie", None, clock())
    by = world.actor(office)
    with pytest.raises(Invalid) as refused:
        forgotten.change_password(by, "pas celui-là", NEW, here, clock())
    assert list(refused.value.errors) == ["current"]
    forgotten.change_password(world.actor(office), old, NEW, here, clock())
    assert SignIn.objects.get(pk=here.id).ended_at is None
    assert SignIn.objects.get(pk=other.id).ended_at is not None
    assert accounts.authenticate(office.email, NEW).id == office.id
