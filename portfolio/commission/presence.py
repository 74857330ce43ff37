"""Presence: which member of a commission has which candidate open. It is shown to the other member and locks nothing.

It is no fact of the exam: it is written straight to the store, outside every chain, and counts for a week (an index of
its collection removes it later). Only the two members read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bson import ObjectId

from portfolio.documents import Assessment
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.connections import current
from portfolio.store.together import Wanted, together

# An open page sends a signal every twenty seconds: two may be lost.
STILL_THERE = timedelta(seconds=65)
REMEMBERED = timedelta(days=7)


@dataclass(frozen=True)
class Present:
    name: str
    since: datetime


def arrive(by: Actor, assessment: Assessment, at: datetime) -> None:
    """Records that the member has this candidate open; one who left and comes back is present since the return. Raises
    NotFound, Forbidden. `at`: the last sign of presence.
    """
    require(by, Action.READ_ASSESSMENT, assessment)
    gone = {"$lte": [{"$ifNull": ["$at", at - 2 * STILL_THERE]}, at - STILL_THERE]}
    # A person's name is data: `$literal` keeps one that begins with a dollar from being read as a field.
    name = {"$literal": by.person.name if by.person else ""}
    there = {"since": {"$cond": [gone, at, "$since"]}, "at": at, "name": name}
    current().database.presences.update_one(
        {"commission": assessment.id, "person": by.id}, [{"$set": there}], upsert=True
    )


def others(by: Actor, assessment: Assessment, at: datetime) -> list[Present]:
    """Returns the other members who had this candidate open within STILL_THERE, the earliest first; [] if none. Raises
    NotFound, Forbidden.
    """
    require(by, Action.READ_ASSESSMENT, assessment)
    (rows,) = together(wanted_others(by, assessment, at))
    return [Present(row["name"], row["since"]) for row in rows]


def wanted_others(by: Actor, assessment: Assessment, at: datetime) -> Wanted:
    """Returns what to ask the store for `others`; the caller checks the rights."""
    members = [person for person in assessment.members if person != by.id]
    query = {"commission": assessment.id, "person": {"$in": members}, "at": {"$gt": at - STILL_THERE}}
    return Wanted("presences", query, order=("since",))


def last_open(by: Actor, at: datetime) -> ObjectId | None:
    """Returns the id of the commission that this person last had open within REMEMBERED; None without any."""
    recent = {"person": by.id, "at": {"$gt": at - REMEMBERED}}
    row = current().database.presences.find_one(recent, sort=[("at", -1)])
    return ObjectId(row["commission"]) if row else None
