"""One's own devices and programs, signed out together."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Person, SignIn
from portfolio.identity.accounts import prove
from portfolio.identity.invitations import ended_sign_ins
from portfolio.identity.notices import notice
from portfolio.policy.relations import Actor
from portfolio.store.journal import AnyChange, Change, Event, commit


def end_others(by: Actor, password: str, sign_in: SignIn, at: datetime) -> Person:
    """Every device and program of one's own but the sign-in in use is signed out; its owner is told by mail.

    Raises Invalid (password), TooMany.
    """
    assert by.person is not None
    prove(by, password, at)
    event = Event(f"person:{by.id}", "signed_out_everywhere", by.journal_name, at, by.person)
    changes: list[AnyChange] = [Change(by.person, any_revision=True), ended_sign_ins(by.person, at, but=sign_in.id)]
    commit(changes, event, [notice(by.person, "signed_out_everywhere", at)])
    return by.person
