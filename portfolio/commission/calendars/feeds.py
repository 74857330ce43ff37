"""An address of one's own to subscribe a calendar to: whoever has it reads when and where its owner sits, and no name.

It is shown once, when it is made; making another one, or ending it, closes it. Only the hash of its token is stored.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from portfolio.commission.calendars.events import calendar_file
from portfolio.documents import Commission, Person
from portfolio.documents.people import PersonState
from portfolio.errors import NotFound
from portfolio.ids import new_token, token_hash
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, commit

GOES_BACK = timedelta(days=366)  # a year of meetings: calendars drop what a feed no longer has


@dataclass(frozen=True)
class Feed:
    """What a calendar reads. version: the same as long as nothing of it changed."""

    version: str
    data: bytes


def make(by: Actor, at: datetime) -> str:
    """Gives the caller an address, in the place of the one they had, and returns its token, which is not stored."""
    assert by.person is not None
    token = new_token()
    change = Change(by.person, {"feed_hash": token_hash(token), "feed_made_at": at}, any_revision=True)
    commit([change], event_by(by, at, f"person:{by.id}", EventName.CALENDAR_FEED_MADE, by.person))
    return token


def end(by: Actor, at: datetime) -> Person:
    """Closes the address of the caller, and returns the person. Changes nothing if there is none."""
    assert by.person is not None
    if by.person.feed_hash is not None:
        change = Change(by.person, {"feed_hash": None, "feed_made_at": None}, any_revision=True)
        commit([change], event_by(by, at, f"person:{by.id}", EventName.CALENDAR_FEED_ENDED, by.person))
    return by.person


def read(token: str, at: datetime) -> Feed:
    """Returns the meetings of the owner of an address, of the last year and to come: those cancelled, and those where
    they sit no more, as such. Raises NotFound of an address that was closed or never was, or of a suspended person.
    Three queries.
    """
    owner = Person.objects(feed_hash=token_hash(token), state__ne=PersonState.SUSPENDED).first()
    if owner is None:
        raise NotFound()
    since = {"seats.person": owner.id, "meets_at": {"$gte": at - GOES_BACK}}
    meetings = list(Commission.objects(__raw__=since).order_by("meets_at", "id"))
    data = calendar_file(meetings, at, member=owner)
    lasting = (line for line in data.splitlines() if not line.startswith(b"DTSTAMP"))
    return Feed(hashlib.sha256(b"\n".join(lasting)).hexdigest(), data)
