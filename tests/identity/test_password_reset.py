"""A password forgotten or changed: the same answer to everyone, one hour, one use, other devices signed out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portfolio.documents import AskedWay, Invitation, Link, OutboxRow, Person, SignIn
from portfolio.errors import Invalid
from portfolio.identity import invitations, password_reset, sign_ins
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.mails.mailbox import deliver
from tests.support.queries import counted
from tests.support.worlds.world import World

NEW = "Huit mots tout neufs pour entrer ici demain"


def _asked(person: Person, clock: Clock) -> str:
    """The link of the mail that was asked for."""
    password_reset.ask(person.email.upper(), clock())
    deliver(clock)
    return invitations.invitation_token(Invitation.objects(person=person.id, purpose="reset").order_by("-id").first())


def test_somebody_who_forgot_their_password_chooses_another_once(world: World, clock: Clock) -> None:
    office = world.office
    old = world.set_password(office)
    token = _asked(office, clock)
    invitations.accept_invitation(token, NEW, clock())
    assert sign_ins.authenticate(office.email, NEW).id == office.id
    with pytest.raises(sign_ins.WrongCredentials):
        sign_ins.authenticate(office.email, old)
    with pytest.raises(invitations.InvitationOver):
        invitations.accept_invitation(token, NEW + " encore", clock())


def test_a_link_lasts_an_hour_and_a_newer_one_leaves_it_open_until_one_of_them_served(
    world: World, clock: Clock
) -> None:
    """Or whoever knows an address could keep its owner from ever choosing a password; nor do they fill its mailbox."""
    first = _asked(world.office, clock)
    assert _asked(world.office, clock) == first, "the mail that left a moment ago serves as well"
    later = clock.advance(minutes=11)
    second = _asked(world.office, clock)
    assert first != second
    for token, until in ((first, 49), (second, 60)):
        assert invitations.invitation_holds(token, later + timedelta(minutes=until - 1))
        assert not invitations.invitation_holds(token, later + timedelta(minutes=until + 1))
    invitations.accept_invitation(first, NEW, clock())
    assert not invitations.invitation_holds(second, clock())


def test_a_link_that_served_or_was_taken_back_keeps_no_other_from_leaving(world: World, clock: Clock) -> None:
    """Forgotten again at once; or the address was corrected meanwhile."""
    invitations.accept_invitation(_asked(world.office, clock), NEW, clock())
    again = _asked(world.office, clock)
    assert invitations.invitation_holds(again, clock())
    Invitation.objects(purpose="reset").update(set__used_at=clock())
    assert _asked(world.office, clock) != again


def test_an_address_that_nobody_has_is_answered_alike_by_the_same_work(
    world: World, clock: Clock, store: Connections
) -> None:
    """The rows are the same, no chain has grown; the worker finds out that nothing is to leave."""
    told, work = [], []
    for email in (world.office.email, "personne@exemple.fr"):
        links = Link.objects.count()
        with counted(store.database) as count:
            asked = password_reset.ask(email, clock())
        told.append((asked.way, asked.expires_at, set(asked.to_mongo()) - {"person"}))
        work += count
        assert Link.objects.count() == links
    assert told[0] == told[1] and work[0] == work[1]
    deliver(clock)
    assert {row.kind for row in OutboxRow.objects} == {"way_in_asked", "invitation"}
    assert Invitation.objects(purpose="reset").count() == OutboxRow.objects(kind="way_in_asked").count() == 1


def test_a_worker_killed_after_it_prepared_a_link_prepares_no_other(world: World, clock: Clock) -> None:
    asked = password_reset.ask(world.office.email, clock())
    for _ in range(2):
        password_reset.prepare(AskedWay.objects.get(pk=asked.id), clock())
    assert Invitation.objects(purpose="reset").count() == 1


def test_a_changed_password_signs_the_other_devices_out(world: World, clock: Clock) -> None:
    office = world.office
    old = world.set_password(office)
    here, _ = sign_ins.sign_in(office.email, old, "cookie", None, clock())
    other, _ = sign_ins.sign_in(office.email, old, "cookie", None, clock())
    by = world.actor(office)
    with pytest.raises(Invalid) as refused:
        password_reset.change_password(by, "pas celui-là", NEW, here, clock())
    assert list(refused.value.errors) == ["current"]
    password_reset.change_password(world.actor(office), old, NEW, here, clock())
    assert SignIn.objects.get(pk=here.id).ended_at is None
    assert SignIn.objects.get(pk=other.id).ended_at is not None
    assert sign_ins.authenticate(office.email, NEW).id == office.id
