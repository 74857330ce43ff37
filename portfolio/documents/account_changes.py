"""Declares the changes of rights and accounts of people who may read a mark: who, what, about whom, when."""

from __future__ import annotations

from enum import StrEnum

import mongoengine as me

from portfolio.documents.fields import InstantField, Thing
from portfolio.documents.people import ROLES


class ChangeKind(StrEnum):
    """What is done to the rights or the access of a person."""

    GRANT = "grant"
    GRANT_END = "grant_end"
    ADDRESS = "address"
    INVITATION = "invitation"
    SUSPENSION = "suspension"
    REINSTATEMENT = "reinstatement"
    DEPUTY_SEATED = "deputy_seated"
    DEPUTY_UNSEATED = "deputy_unseated"


class ChangeState(StrEnum):
    """A waiting change needs a second person, or its day."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


class Resemblance(StrEnum):
    """Which two of the people of a change have the same name or close addresses."""

    AUTHOR_PERSON = "author_person"
    AUTHOR_SECOND = "author_second"
    PERSON_SECOND = "person_second"


WHAT = tuple(ChangeKind)


class AccountChange(Thing):
    """One act on a right (`grant`, `grant_end`, `deputy_seated`, `deputy_unseated`) or on an access (the others) of one
    person.

    by: journal name of the author. academies: those whose juries and offices may read it. role: empty if the person
    may read no mark. juries ("10 2027 <exam>", "01+10 2027 <exam>" of several academies), schools: of the
    rights concerned, whose other holders may confirm it.
    email: the new address; address_before: the previous one. counts_from: when it takes effect by itself; empty if
    only a second person can confirm it. settled_by: who confirmed or refused it; "system" if its day came. alike: when
    it was confirmed, which two of those concerned may be one person with two accounts (Resemblance). deputy: the one
    right concerned is a deputy's. titular: the person in whose place a deputy sits, from counts_from on where that was
    still to come.
    """

    meta = {
        "collection": "account_changes",
        "indexes": [
            ["academies", "id"],
            {
                "fields": ["person", "what", "grant"],
                "unique": True,
                "partialFilterExpression": {"state": ChangeState.WAITING},
                "name": "one_change_waits",
            },
            "person",
        ],
    }

    what = me.StringField(required=True, choices=tuple(ChangeKind))
    person = me.ObjectIdField(required=True)
    by = me.StringField(required=True)
    role = me.StringField(choices=ROLES)
    grant = me.ObjectIdField()
    academies = me.ListField(me.StringField())
    juries = me.ListField(me.StringField())
    schools = me.ListField(me.ObjectIdField())
    email = me.StringField()
    address_before = me.StringField()
    counts_from = InstantField()
    state = me.StringField(required=True, choices=tuple(ChangeState), default=ChangeState.WAITING)
    settled_by = me.StringField()
    settled_at = InstantField()
    alike = me.ListField(me.StringField(choices=tuple(Resemblance)))
    deputy = me.BooleanField()
    titular = me.ObjectIdField()
