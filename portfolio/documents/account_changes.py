"""What was done to the rights and accounts of those who may open a mark: who, what, about whom, when."""

from __future__ import annotations

from enum import StrEnum

import mongoengine as me

from portfolio.documents.fields import Instant, Thing
from portfolio.documents.people import ROLES


class ChangeKind(StrEnum):
    """What is done to somebody's rights or way in."""

    GRANT = "grant"
    GRANT_END = "grant_end"
    ADDRESS = "address"
    INVITATION = "invitation"
    SUSPENSION = "suspension"
    REINSTATEMENT = "reinstatement"


class ChangeState(StrEnum):
    """A change waits for a second person, or for its day."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


WHAT = tuple(ChangeKind)


class AccountChange(Thing):
    """One act on a right (`grant`, `grant_end`) or on a way in (the others) of one person.

    by: the journal's name of who asked for it. academies: whose juries and offices read it. role: empty where the
    person opens no mark. juries ("10 2027"), schools: of the rights it is about, whose other holders may confirm it.
    email: the new address; address_before: the one that stood. counts_from: when it counts by itself; empty while
    only a second person makes it count. settled_by: who confirmed or refused it; "system" where its day came.
    """

    meta = {
        "collection": "account_changes",
        "indexes": [
            ["academies", "id"],
            {
                "fields": ["person", "what", "grant"],
                "unique": True,
                "partialFilterExpression": {"state": "waiting"},
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
    counts_from = Instant()
    state = me.StringField(required=True, choices=tuple(ChangeState), default=ChangeState.WAITING)
    settled_by = me.StringField()
    settled_at = Instant()
