"""One's own password: forgotten, or changed. Whoever asks hears the same, whether or not somebody has the address."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portfolio import passwords
from portfolio.checking import check_fields
from portfolio.codes import CODE_LASTS, NOBODY, refuse_too_many
from portfolio.documents import AskedWay, Invitation, Person, SignIn
from portfolio.entropy import new_id, new_token
from portfolio.errors import Invalid
from portfolio.identifiers import email as email_address
from portfolio.invitations import ended_sign_ins, new_invitation, take_password
from portfolio.journal import Change, ChangeAll, Errand, Event, Insert, commit
from portfolio.origins import keyed
from portfolio.relations import Actor


def ask(email: str, at: datetime) -> AskedWay:
    """A link to choose a new password leaves by mail, if an account has this address. Raises Invalid, TooMany."""
    email = check_fields({"email": email}, {"email": email_address})["email"]
    address = keyed("asked", email)
    refuse_too_many(address, at)
    person = Person.objects(email=email, state__ne="suspended").first()
    asked = AskedWay(
        id=new_id(),
        created_at=at,
        way="password",
        person=person.id if person else None,
        address=address,
        nonce=new_token(),
        expires_at=at + CODE_LASTS,
    )
    changes: list[Any] = [Insert(asked)]
    errands = []
    if person is not None:
        invitation = new_invitation(person, at, "reset")
        waiting = {"person": person.id, "purpose": "reset", "used_at": None}
        changes += [ChangeAll(Invitation, waiting, {"used_at": at}), Insert(invitation)]
        errands = [Errand("invitation", {"invitation": invitation.id})]
    chain = f"person:{person.id}" if person else NOBODY
    commit(changes, Event(chain, "way_in_asked", "system", at, asked, {"way": "password"}), errands)
    return asked


def change_password(by: Actor, current: str, chosen: str, sign_in: SignIn, at: datetime) -> Person:
    """By whoever knows the one in use; every other device is signed out. Raises Invalid."""
    assert by.person is not None
    person = by.person
    before = person.password
    if not passwords.verify(before or "", current):
        raise Invalid({"current": ["Ce n'est pas votre mot de passe actuel."]})
    take_password(person, chosen)
    others = ended_sign_ins(person, at, but=sign_in.id)
    changed = Change(person, {"password": person.password}, expected={"password": before}, any_revision=True)
    commit([changed, others], Event(f"person:{person.id}", "password_set", by.journal_name, at, person))
    return person
