"""Which member of a commission has which candidate open: told to the other one, and locks nothing.

It says nothing about the exam: it is written straight to the store, outside every chain, and counts for a week (an
index of its collection removes it some time after). Only the two members read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from portfolio.documents import Assessment
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.connections import current

# Pages say every twenty seconds that they are open: two may be lost on the way.
STILL_THERE = timedelta(seconds=65)
REMEMBERED = timedelta(days=7)


@dataclass(frozen=True)
class Present:
    name: str
    since: datetime


def arrive(by: Actor, assessment: Assessment, at: datetime) -> None:
    """Whoever comes back after having left is there since then."""
    require(by, Action.READ_ASSESSMENT, assessment)
    gone = {"$lte": [{"$ifNull": ["$at", at - 2 * STILL_THERE]}, at - STILL_THERE]}
    # A person's name is data: `$literal` keeps one that begins with a dollar from being read as a field.
    name = {"$literal": by.person.name if by.person else ""}
    there = {"since": {"$cond": [gone, at, "$since"]}, "at": at, "name": name}
    current().database.presences.update_one(
        {"commission": assessment.id, "person": by.id}, [{"$set": there}], upsert=True
    )


def others(by: Actor, assessment: Assessment, at: datetime) -> list[Present]:
    """The members who have this candidate open, but oneself."""
    require(by, Action.READ_ASSESSMENT, assessment)
    members = [person for person in assessment.members if person != by.id]
    query = {"commission": assessment.id, "person": {"$in": members}, "at": {"$gt": at - STILL_THERE}}
    rows = current().database.presences.find(query).sort("since", 1)
    return [Present(row["name"], row["since"]) for row in rows]


def last_open(by: Actor, at: datetime) -> ObjectId | None:
    """The commission that this person had open last, within the week."""
    mine = {"person": by.id, "at": {"$gt": at - REMEMBERED}}
    rows: Any = current().database.presences.find(mine).sort("at", -1).limit(1)
    found: ObjectId | None = next((row["commission"] for row in rows), None)
    return found
