"""Resets or changes a password. The answer to a visitor is the same whether or not the address is known."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import AskedWay, Person, SignIn
from portfolio.documents.links import WayAsked
from portfolio.documents.people import InvitationPurpose, PersonState
from portfolio.identity import one_time_codes, sign_ins
from portfolio.identity.invitations import ended_sign_ins, new_invitation, take_password
from portfolio.identity.notices import notice
from portfolio.policy.relations import Actor
from portfolio.store.chains import Event, event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Errand, Insert, commit
from portfolio.store.outbox import ErrandOutcome


def ask(email: str, at: datetime) -> AskedWay:
    """Asks for a link to choose a new password, which is mailed if an account has this address; returns the request
    either way. Raises Invalid on `email` if it is malformed.
    """
    person = Person.objects(email=one_time_codes.checked(email), state__ne=PersonState.SUSPENDED).only("id").first()
    return one_time_codes.ask(WayAsked.PASSWORD, person, at)


def prepare(asked: AskedWay, at: datetime) -> ErrandOutcome:
    """Writes the invitation that resets the password of `asked.person`, and the errand that mails it; returns the
    outcome `answered`, also when it was done before. Earlier links remain valid until a password is chosen with one of
    them. Raises DoesNotExist if the person is gone.
    """
    if asked.used_at is not None:
        return ErrandOutcome("answered")
    invitation = new_invitation(Person.objects.get(pk=asked.person), at, InvitationPurpose.RESET)
    once = Change(asked, {"used_at": at}, expected={"used_at": None}, any_revision=True)
    event = Event(f"person:{asked.person}", EventName.WAY_IN_ASKED, "system", at, asked, {"way": asked.way})
    commit([once, Insert(invitation)], event, [Errand("invitation", {"invitation": invitation.id})])
    return ErrandOutcome("answered")


def change_password(by: Actor, current: str, chosen: str, sign_in: SignIn, at: datetime) -> Person:
    """Changes the password of the caller, signs out every other device, mails a notice, and returns the person. Raises
    Invalid on `current` (not their password) or `password` (too weak), TooMany after ten wrong ones.
    """
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
