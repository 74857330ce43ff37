"""One's own password: forgotten, or changed. Whoever asks hears the same, whether or not somebody has the address."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import AskedWay, Person, SignIn
from portfolio.identity import one_time_codes, sign_ins
from portfolio.identity.invitations import ended_sign_ins, new_invitation, take_password
from portfolio.identity.notices import notice
from portfolio.policy.relations import Actor
from portfolio.store.chains import Event, event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Errand, Insert, commit
from portfolio.store.outbox import Outcome


def ask(email: str, at: datetime) -> AskedWay:
    """A link to choose a new password leaves by mail, if an account has this address. Raises Invalid."""
    person = Person.objects(email=one_time_codes.checked(email), state__ne="suspended").only("id").first()
    return one_time_codes.ask("password", person, at)


def prepare(asked: AskedWay, at: datetime) -> Outcome:
    """The link that was asked for. Those already under way go on opening, until a password is chosen by one of them."""
    if asked.used_at is not None:
        return Outcome("answered")
    invitation = new_invitation(Person.objects.get(pk=asked.person), at, "reset")
    once = Change(asked, {"used_at": at}, expected={"used_at": None}, any_revision=True)
    event = Event(f"person:{asked.person}", EventName.WAY_IN_ASKED, "system", at, asked, {"way": asked.way})
    commit([once, Insert(invitation)], event, [Errand("invitation", {"invitation": invitation.id})])
    return Outcome("answered")


def change_password(by: Actor, current: str, chosen: str, sign_in: SignIn, at: datetime) -> Person:
    """By whoever knows the one in use; every other device is signed out. Raises Invalid, TooMany."""
    assert by.person is not None
    person = by.person
    before = person.password
    sign_ins.prove(by, current, at, "current")
    take_password(person, chosen)
    others = ended_sign_ins(person, at, but=sign_in.id)
    changed = Change(person, {"password": person.password}, expected={"password": before}, any_revision=True)
    event = event_by(by, at, f"person:{person.id}", EventName.PASSWORD_SET, person)
    commit([changed, others], event, [notice(person, "password_changed", at)])
    return person
